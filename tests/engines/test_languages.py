"""Which language a recogniser is asked for, and what it tells of the one it heard."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from repartee.engines.chain.members import ChainRules
from repartee.engines.chain.recognizer import RecognizerChain
from repartee.engines.chain.synthesizer import SynthesizerChain
from repartee.engines.languages import detects, knows, same, to_listen_for
from repartee.engines.protocols import LISTENING_RATE_HZ, Caller, Recognizer, Speech, Voice
from repartee.engines.stt.artefacts import plausible
from repartee.engines.stt.deepgram import Deepgram
from repartee.engines.stt.deepgram_flux import DeepgramFlux
from repartee.engines.stt.faster_whisper import FasterWhisper
from repartee.engines.stt.huggingface import HuggingFaceRecognizer
from repartee.engines.stt.mlx_whisper import MlxWhisper
from repartee.engines.stt.moonshine import Moonshine
from repartee.engines.stt.openai import OpenAIRecognizer
from repartee.engines.stt.pocketsphinx import PocketSphinx
from repartee.engines.stt.sst_broker import SstBroker
from repartee.engines.stt.whisper import Whisper
from repartee.engines.stt.whisper_languages import LANGUAGES, language_told
from repartee.engines.stt.whisper_reading import live_options, transcript_told
from repartee.engines.stt.whispercpp import WhisperCpp
from repartee.engines.tts.kokoro_voices import KokoroVoices
from repartee.engines.tts.openai import OpenAISynthesizer
from repartee.engines.tts.voices import speaks
from repartee.testing.standins import StandIn
from repartee.testing.standins.openai import OpenAIWire
from repartee.testing.standins.whispercpp import WhisperCppWire
from tests.engines.chain.test_synthesizer import Noting
from tests.engines.remote.test_recognizers import KEY, turns

SECOND = np.ones(LISTENING_RATE_HZ, np.int16)
WAVE = np.zeros(LISTENING_RATE_HZ, np.float32)
RULES = ChainRules()


class Hears:
    """A recogniser that notes what it is to listen for."""

    name = "hears"

    def __init__(self, *languages: str, detects: bool = False) -> None:
        self.languages = languages
        self.detects = detects

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"nobody asked for {name}")


class TestWhoCanTell:
    @pytest.mark.parametrize(
        ("recognizer", "can_tell"),
        [
            (PocketSphinx(), False),
            (Moonshine(), False),
            (FasterWhisper(), True),
            (FasterWhisper(model="base.en"), False),
            (Whisper(), True),
            (Whisper(model="tiny.en.pt"), False),
            (MlxWhisper(), True),
            (WhisperCpp(), True),
            (SstBroker(), True),
            (OpenAIRecognizer(), True),
            (OpenAIRecognizer(model="gpt-4o-transcribe"), False),
            (OpenAIRecognizer(response_format="json"), False),
            (HuggingFaceRecognizer(), False),
            (Deepgram(), True),
            (Deepgram(language="multi"), True),
            (Deepgram(language="de"), False),
            (Deepgram(model="enhanced"), False),
            (DeepgramFlux(), False),
            (DeepgramFlux(model="flux-general-multi"), True),
        ],
    )
    def test_says_so(self, recognizer: Recognizer, can_tell: bool) -> None:
        assert detects(recognizer) is can_tell

    def test_is_asked_to(self) -> None:
        whisper: Any = Hears("en", "de", detects=True)
        assert to_listen_for(whisper, "AUTO", "de") == "auto"
        assert to_listen_for(whisper, "fr", "de") == "fr"


class TestWhoCanNotTell:
    def test_hears_the_usual_language_or_else_its_own(self) -> None:
        engine: Any = Hears("en", "de")
        assert to_listen_for(engine, "auto", "de-AT") == "de-AT"
        assert to_listen_for(engine, "auto", "fr") == "en"
        assert to_listen_for(engine, "auto") == "en"
        assert to_listen_for(engine, "auto", "auto") == "en"


class TestNames:
    @pytest.mark.parametrize(
        ("told", "code"),
        [
            ("german", "de"),
            ("German", "de"),
            ("de", "de"),
            ("pt-BR", "pt"),
            ("haitian creole", "ht"),
            ("nynorsk", "no"),
            ("klingon", None),
            ("", None),
            (None, None),
            (7, None),
        ],
    )
    def test_are_read_as_whispers_servers_write_them(self, told: object, code: str | None) -> None:
        assert language_told(told) == code

    def test_there_are_a_hundred(self) -> None:
        assert len(set(LANGUAGES)) == len(LANGUAGES) == 100

    def test_of_one_language_are_several(self) -> None:
        assert same("zh-TW", "cmn")
        assert same("no", "nb_NO")
        assert not same("de", "nl")
        assert knows(("en_US", "cmn"), "zh")


class TestWhispers:
    RESULT = (
        {"text": " Guten Tag", "avg_logprob": 0.0, "no_speech_prob": 0.0, "compression_ratio": 1.0},
    )

    def test_libraries_are_left_to_find_out(self) -> None:
        assert live_options(WAVE, "")["language"] is None

    def test_libraries_tell(self) -> None:
        told = transcript_told({"segments": self.RESULT, "language": "de"})
        assert (told.text, told.language) == ("Guten Tag", "de")

    def test_nobody_speaks_a_language_who_says_nothing(self) -> None:
        assert transcript_told({"segments": (), "language": "de"}).language is None

    def test_the_language_outlasts_the_search_for_what_was_made_up(self) -> None:
        told = transcript_told({"segments": self.RESULT, "language": "de"})
        assert plausible(told).language == "de"

    @pytest.mark.anyio
    @pytest.mark.parametrize(("sure", "language"), [(0.9, "de"), (0.2, None)])
    async def test_faster_whisper_tells_if_it_is_sure(
        self,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        sure: float,
        language: str | None,
    ) -> None:
        asked: list[Any] = []

        class Model:
            def __init__(self, *given: Any, **options: Any) -> None:
                """Nothing is loaded."""

            def encode(self) -> None:
                """Nor is anything encoded,"""

            def generate_with_fallback(self) -> None:
                """or written down."""

            def transcribe(self, sound: Any, *, language: Any, **options: Any) -> Any:
                asked.append(language)
                segments = [SimpleNamespace(**one) for one in TestWhispers.RESULT]
                return segments, SimpleNamespace(language="de", language_probability=sure)

        library = SimpleNamespace(WhisperModel=Model, download_model=None)
        monkeypatch.setitem(sys.modules, "faster_whisper", library)
        counting = SimpleNamespace(get_cuda_device_count=lambda: 0)
        monkeypatch.setitem(sys.modules, "ctranslate2", counting)
        for file in ("model.bin", "config.json", "tokenizer.json"):
            (tmp_path / file).touch()
        engine = FasterWhisper(model=str(tmp_path))
        await engine.open()
        async with engine.listen(Caller("ann"), "auto") as hearing:
            hearing.feed(SECOND)
            assert (await hearing.settle()).language == language
        await engine.close()
        assert asked == [None]


@pytest.mark.anyio
class TestServers:
    @pytest.mark.parametrize(
        ("wire", "made", "asked"),
        [
            (
                lambda: OpenAIWire(key=KEY),
                lambda url: OpenAIRecognizer(base_url=f"{url}/v1", api_key=KEY),
                None,
            ),
            (WhisperCppWire, lambda url: WhisperCpp(base_url=url), "auto"),
        ],
    )
    async def test_are_left_to_find_out_and_tell(
        self, wire: Callable[[], Any], made: Callable[[str], Recognizer], asked: str | None
    ) -> None:
        async with StandIn(wire()) as server:
            recognizer = made(server.url)
            await recognizer.open()
            async with recognizer.listen(Caller("ann"), "auto") as hearing:
                hearing.feed(SECOND)
                transcript = await hearing.settle()
            await recognizer.close()
            sent = turns(server)[-1].form().get("language")
        assert (sent.decode() if sent else None) == asked
        assert transcript.language == "en"


class TestChains:
    def test_can_tell_if_one_of_them_can(self) -> None:
        first, second = PocketSphinx(), WhisperCpp()
        assert detects(RecognizerChain([first, second], RULES))
        assert not detects(RecognizerChain([first, Moonshine()], RULES))

    @pytest.mark.anyio
    async def test_let_those_speak_who_know_the_language(self) -> None:
        english = Noting("english", Voice("amy", "en-us", "female"))
        german = Noting("german", Voice("thorsten", "de", "male"))
        chain = SynthesizerChain([english, german], RULES)
        await chain.open()
        assert chain.resolve("af_heart", "de").name == "thorsten"
        assert chain.resolve("af_heart", "en").name == "amy"
        for language in ("de", "en", "it"):
            async for _ in chain.synthesize("Guten Tag", Speech("af_heart", language)):
                pass
        await chain.close()
        assert [speech.language for _, speech in german.asked] == ["de"]
        assert [speech.language for _, speech in english.asked] == ["en", "it"]


class TestWhoSpeaks:
    def test_kokoro_in_the_languages_that_it_reads(self) -> None:
        voices = KokoroVoices.named(["af_heart"])
        assert voices.find("af_heart", "fr") == Voice("af_heart", "fr", "female")
        assert voices.find("af_heart", "de").language == "en-us"

    def test_openai_in_any(self) -> None:
        assert speaks(OpenAISynthesizer(), "sw")

    def test_somebody_with_one_voice_in_its_language(self) -> None:
        german = Noting("german", Voice("thorsten", "de_DE", "male"))
        assert speaks(german, "de-AT")
        assert not speaks(german, "en")
