"""From settings to engines: which setting goes where, and what happens when one can't open."""

import logging
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import SecretStr

from repartee.engines import build
from repartee.engines.build import (
    Engines,
    build_engines,
    check_defaults,
    default_speech,
    opened,
)
from repartee.engines.protocols import Speech
from repartee.engines.registry import Registry
from repartee.engines.tts.cached import Cached
from repartee.errors import EngineFailed, EngineMissing, SettingsError
from repartee.settings import Settings

SCRIPTED = Settings(vad="scripted", stt="scripted", llm="scripted", tts="scripted")


def breaking(problem: BaseException) -> Callable[[], object]:
    async def open_or_close() -> None:
        raise problem

    return open_or_close


class Watched:
    """An engine that notes what happens to it, in place of one that does something."""

    def __init__(self, name: str, problem: Exception | None = None) -> None:
        self.name = name
        self.problem = problem
        self.happened: list[str] = []

    async def open(self) -> None:
        self.happened.append("open")
        if self.problem:
            raise self.problem

    async def close(self) -> None:
        self.happened.append("close")


def house_of(*engines: Watched) -> Engines:
    return Engines(*engines)  # type: ignore[arg-type]


class TestBuilding:
    def test_the_embedded_engines_are_the_default(self) -> None:
        engines = build_engines(Settings())
        assert [engines.voice.name, engines.stt.name, engines.llm.name, engines.tts.name] == [
            "silero",
            "pocketsphinx",
            "llamacpp",
            "espeak",
        ]

    def test_a_name_that_is_unknown_is_a_wrong_setting(self) -> None:
        with pytest.raises(
            SettingsError, match=r"^VAD is 'ear', but must be silero or scripted\.$"
        ):
            build_engines(Settings(vad="ear"))

    def test_everything_is_spoken_at_the_rate_that_is_sent(self) -> None:
        assert "24000 Hz" in repr(build_engines(SCRIPTED).tts)

    def test_what_was_spoken_is_kept_unless_that_is_switched_off(self) -> None:
        assert isinstance(build.synthesizer(SCRIPTED), Cached)
        without = SCRIPTED.model_copy(update={"tts_cache_mb": 0})
        assert not isinstance(build.synthesizer(without), Cached)

    def test_how_it_speaks_by_default(self) -> None:
        settings = Settings(tts_default_voice="am_adam", tts_default_speed=1.5)
        assert default_speech(settings) == Speech("am_adam", "en", 1.5)


class TestChains:
    CHAINED = Settings(
        stt="deepgram, scripted",
        llm="openai,gemini,scripted",
        tts="deepgram,scripted",
        llm_model="gpt-x,,",
    )

    def test_several_names_are_engines_that_stand_in_for_one_another(self) -> None:
        engines = build_engines(self.CHAINED)
        assert [engines.stt.name, engines.llm.name, engines.tts.name] == [
            "deepgram,scripted",
            "openai,gemini,scripted",
            "deepgram,scripted",
        ]

    def test_each_voice_of_a_chain_has_its_own_cache_and_the_rate_that_is_sent(self) -> None:
        chain: Any = build.synthesizer(self.CHAINED)
        assert all(isinstance(engine, Cached) for engine in chain.engines)
        assert all("24000 Hz" in repr(engine) for engine in chain.engines)

    def test_each_has_its_own_model(self, monkeypatch: pytest.MonkeyPatch) -> None:
        given: dict[str, object] = {}
        create = Registry.create

        def note(self: Registry, kind: Any, name: str, **settings: Any) -> Any:
            given[name] = settings.get("model")
            return create(self, kind, name, **settings)

        monkeypatch.setattr(Registry, "create", note)
        build.responder(self.CHAINED)
        assert given == {"openai": "gpt-x", "gemini": None, "scripted": None}

    def test_the_best_that_works_here_can_have_a_safety_net(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def best(settings: Settings, kind: str) -> Settings:
            return settings.model_copy(update={kind: "scripted", f"{kind}_model": "best"})

        monkeypatch.setattr(build, "with_ladder", best)
        assert build.recognizer(Settings(stt="auto,pocketsphinx")).name == "scripted,pocketsphinx"
        assert build.recognizer(Settings(stt="deepgram,auto")).name == "deepgram,scripted"

    def test_which_may_be_the_same(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def best(settings: Settings, kind: str) -> Settings:
            return settings.model_copy(update={kind: "pocketsphinx"})

        monkeypatch.setattr(build, "with_ladder", best)
        settings = Settings(stt="auto,deepgram,pocketsphinx")
        assert build.recognizer(settings).name == "pocketsphinx,deepgram"
        assert build.recognizer(Settings(stt="auto,pocketsphinx")).name == "pocketsphinx"

    def test_its_place_for_a_model_is_where_it_stands(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        wished: list[str | None] = []

        def best(settings: Settings, kind: str) -> Settings:
            wished.append(settings.llm_model)
            return settings.model_copy(update={kind: "scripted"})

        monkeypatch.setattr(build, "with_ladder", best)
        build.responder(Settings(llm="openai,auto", llm_model="gpt-x,llama3.2"))
        assert wished == ["llama3.2"]

    def test_more_models_than_engines_are_a_mistake(self) -> None:
        settings = Settings(llm="openai,gemini", llm_model="a,b,c")
        with pytest.raises(SettingsError, match=r"^LLM_MODEL names 3 models, but LLM only 2"):
            build.responder(settings)

    def test_a_name_that_is_unknown_is_named(self) -> None:
        with pytest.raises(SettingsError, match=r"^STT is 'ear', but must be"):
            build.recognizer(Settings(stt="deepgram,ear"))

    def test_what_is_not_installed_is_done_without(self, monkeypatch: pytest.MonkeyPatch) -> None:
        create = Registry.create

        def missing(self: Registry, kind: Any, name: str, **settings: Any) -> Any:
            if name == "kokoro":
                raise EngineMissing("The engine “kokoro” needs a package.")
            return create(self, kind, name, **settings)

        monkeypatch.setattr(Registry, "create", missing)
        assert build.synthesizer(Settings(tts="kokoro,scripted")).name == "scripted"

    def test_if_nothing_of_it_is_installed_it_can_not_start(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def missing(self: Registry, kind: Any, name: str, **settings: Any) -> Any:
            raise EngineMissing(f"There is no {name}.")

        monkeypatch.setattr(Registry, "create", missing)
        with pytest.raises(EngineMissing, match=r"There is no kokoro\. There is no piper\."):
            build.synthesizer(Settings(tts="kokoro,piper"))


class TestWhatAnEngineIsGiven:
    @pytest.fixture
    def given(self, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
        """What the model is created with."""
        seen: dict[str, object] = {}
        monkeypatch.setattr(
            Registry, "create", lambda self, kind, name, **settings: seen.update(settings)
        )
        return seen

    def test_a_gguf_file_is_loaded(self, given: dict[str, object]) -> None:
        build.responder(
            Settings(llm_model="/models/Big.GGUF", llm_slots=2, instructions="Be kind.")
        )
        assert given == {
            "model": "/models/Big.GGUF",
            "models_dir": "models",
            "slots": 2,
            "system": "Be kind.",
        }

    def test_what_is_not_set_is_left_to_the_engine(self, given: dict[str, object]) -> None:
        build.responder(Settings(llm="openai"))
        assert given == {}

    def test_a_key_is_given_as_it_is(self, given: dict[str, object]) -> None:
        build.responder(Settings(llm="openai", openai_api_key=SecretStr("sesame")))
        assert given == {"api_key": "sesame"}

    def test_scripted_engines_get_the_script(self, given: dict[str, object]) -> None:
        build.responder(Settings(llm="scripted", script="play.toml"))
        assert given == {"script": "play.toml"}


@pytest.mark.anyio
class TestOpening:
    async def test_all_are_opened_and_closed(self) -> None:
        watched = [Watched(name) for name in "abcd"]
        engines = house_of(*watched)
        await engines.open()
        await engines.close()
        assert all(one.happened == ["open", "close"] for one in watched)

    async def test_if_one_fails_none_stays_open(self) -> None:
        problem = EngineMissing("There is no b.")
        watched = [Watched("a"), Watched("b", problem), Watched("c"), Watched("d")]
        with pytest.raises(EngineMissing) as raised:
            await house_of(*watched).open()
        assert raised.value is problem
        assert all(one.happened == ["open", "close"] for one in watched)

    async def test_if_several_fail_all_are_named(self) -> None:
        watched = [
            Watched("a"),
            Watched("b", EngineMissing("There is no b.", hint="Install b.")),
            Watched("c", EngineMissing("There is no c.")),
            Watched("d"),
        ]
        with pytest.raises(EngineMissing) as raised:
            await house_of(*watched).open()
        assert str(raised.value) == "There is no b. Install b. There is no c."

    async def test_an_unexpected_failure_is_logged_and_told_plainly(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        watched = [Watched(name) for name in "abc"]
        with pytest.raises(EngineFailed, match=r"^The d engine could not be opened\."):
            await house_of(*watched, Watched("d", ValueError("secret/path"))).open()
        assert "secret/path" in caplog.text

    async def test_one_that_can_not_be_closed_keeps_no_other_open(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        watched = [Watched(name) for name in "abcd"]
        monkeypatch.setattr(watched[0], "close", breaking(OSError("stuck")))
        with caplog.at_level(logging.WARNING):
            await house_of(*watched).close()
        assert all(one.happened == ["close"] for one in watched[1:])
        assert "The a engine did not close well." in caplog.text

    async def test_one_alone_is_closed_however_it_ends(self) -> None:
        engine = Watched("a")
        with pytest.raises(ZeroDivisionError):
            async with opened(engine):
                raise ZeroDivisionError
        assert engine.happened == ["open", "close"]


class TestWhatCannotBeKept:
    def test_a_default_voice_that_nobody_has_stops_the_start(self) -> None:
        settings = SCRIPTED.model_copy(update={"tts_default_voice": "nobody"})
        with pytest.raises(SettingsError, match="TTS_DEFAULT_VOICE is 'nobody'"):
            check_defaults(settings, build_engines(settings))

    def test_a_default_language_that_nobody_understands_stops_the_start(self) -> None:
        settings = SCRIPTED.model_copy(update={"default_language": "tlh"})
        engines = build_engines(settings)
        engines.stt.languages = ("en", "de")
        with pytest.raises(SettingsError, match="DEFAULT_LANGUAGE is 'tlh'"):
            check_defaults(settings, engines)

    @pytest.mark.parametrize("language", ["auto", "Auto"])
    def test_the_language_may_be_left_to_the_recogniser(self, language: str) -> None:
        settings = SCRIPTED.model_copy(update={"default_language": language})
        check_defaults(settings, build_engines(settings))

    def test_the_model_of_one_language_is_not_left_to_anybody(self) -> None:
        settings = SCRIPTED.model_copy(update={"tts": "huggingface", "default_language": "auto"})
        (voice,) = build_engines(settings).tts.voices()
        assert voice.language == "en"

    def test_what_is_usual_is_fine(self) -> None:
        check_defaults(SCRIPTED, build_engines(SCRIPTED))
