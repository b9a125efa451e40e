"""The table of known models: every engine that runs here finds its models in it."""

from pathlib import Path

import httpx
import pytest

from repartee.engines.catalogue import BUILT_IN
from repartee.engines.llm import transformers
from repartee.engines.stt import faster_whisper, mlx_whisper, moonshine, sherpa_onnx, whisper
from repartee.engines.tts import coqui, kokoro, mms, piper, speecht5
from repartee.engines.turn import smart_turn
from repartee.models.known import ENGINES, KNOWN, called, find
from repartee.models.model import Model

DEFAULTS = {
    "faster-whisper": faster_whisper.MODEL,
    "moonshine": f"{moonshine.MODEL}-en",
    "sherpa-onnx": sherpa_onnx.MODEL,
    "whisper": whisper.MODEL,
    "mlx-whisper": mlx_whisper.MODEL,
    "smart-turn": smart_turn.MODEL,
    "transformers": transformers.MODEL,
    "kokoro": kokoro.MODEL,
    "piper": piper.MODEL,
    "mms": mms.MODEL,
    "speecht5": speecht5.MODEL,
    "coqui": coqui.MODEL.replace("/", "--"),
}


@pytest.mark.parametrize("model", KNOWN, ids=lambda model: model.name)
class TestEveryModel:
    def test_its_name_is_its_engines_and_its_own(self, model: Model) -> None:
        assert any(model.engine in engines for engines in BUILT_IN.values())
        assert model.name == f"{model.engine}/{model.title}"
        assert "/" not in model.title

    def test_it_says_what_everybody_must_know(self, model: Model) -> None:
        assert model.licence
        assert model.source.startswith("https://")
        assert model.yields
        assert model.megabytes is None or model.megabytes > 0

    def test_its_files_come_encrypted_and_stay_in_its_folder(self, model: Model) -> None:
        for file in model.files:
            assert httpx.URL(file.url).scheme == "https"
            assert Path(file.name).name == file.name
            assert all(Path(name).name == name for name in file.yields)
            assert file.sha256 is None or len(bytes.fromhex(file.sha256)) == 32

    def test_what_it_can_not_do_without_is_known(self, model: Model) -> None:
        assert all(find(name) in KNOWN for name in model.beside)

    def test_its_engine_means_it_by_its_setting(self, model: Model) -> None:
        assert called(model.engine, model.setting) == model


def test_no_name_stands_there_twice() -> None:
    assert len({model.name for model in KNOWN}) == len(KNOWN)


@pytest.mark.parametrize("engine", [engine for engine in ENGINES if engine != "llamacpp"])
def test_the_first_of_an_engine_is_what_it_takes_by_itself(engine: str) -> None:
    first = find(engine)
    assert first is not None
    assert first == called(engine, DEFAULTS[engine])


def test_every_engine_with_a_folder_of_models_has_models_in_the_table() -> None:
    wanting = {
        name
        for engines in BUILT_IN.values()
        for name, engine in engines.items()
        if "models_dir" in engine.settings
    }
    assert wanting == set(ENGINES)


class TestFinding:
    @pytest.mark.parametrize(
        ("engine", "setting", "name"),
        [
            ("transformers", "Qwen/Qwen2.5-0.5B-Instruct", "transformers/Qwen2.5-0.5B-Instruct"),
            ("whisper", "base.pt", "whisper/base"),
            ("whisper", "base.en", "whisper/base.en"),
            (
                "llamacpp",
                "/models/qwen2.5-0.5b-instruct-q4_k_m.gguf",
                "llamacpp/qwen2.5-0.5b-instruct-q4_k_m",
            ),
        ],
    )
    def test_settings_mean_models(self, engine: str, setting: str, name: str) -> None:
        found = called(engine, setting)
        assert found is not None
        assert found.name == name

    @pytest.mark.parametrize(
        ("engine", "setting"), [("whisper", ""), ("whisper", "huge"), ("nobody", "base")]
    )
    def test_or_nothing_that_is_known(self, engine: str, setting: str) -> None:
        assert called(engine, setting) is None

    def test_every_voice_of_piper_is_known_by_its_name(self) -> None:
        voice = find("piper/uk_UA-ukrainian_tts-medium")
        assert voice is not None
        assert voice.files[0].url == (
            "https://huggingface.co/rhasspy/piper-voices/resolve/main/"
            "uk/uk_UA/ukrainian_tts/medium/uk_UA-ukrainian_tts-medium.onnx"
        )
        assert voice.languages == ("uk",)

    def test_every_language_of_mms_is_known_by_its_three_letters(self) -> None:
        voice = find("mms/mms-tts-swe")
        assert voice is not None
        assert voice.files[0].url.startswith("https://huggingface.co/facebook/mms-tts-swe/")

    @pytest.mark.parametrize("name", ["piper/../../etc", "mms/mms-tts-english", "", "piper/"])
    def test_names_of_another_kind_are_not(self, name: str) -> None:
        assert find(name) is None or find(name) == find("piper")
