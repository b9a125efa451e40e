"""From settings to engines: the one place that knows which setting goes to which engine."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol, TypeVar

import msgspec
from pydantic import SecretStr

from repartee.audio.pcm import SPEAKING_RATE_HZ
from repartee.engines.catalogue import Kind
from repartee.engines.protocols import Recognizer, Responder, Speech, Synthesizer, VoiceDetector
from repartee.engines.registry import Registry
from repartee.engines.tts.cached import Cached
from repartee.engines.tts.resampled import Resampled
from repartee.errors import BadInput, EngineFailed, EngineMissing, ReparteeError, SettingsError
from repartee.settings import Settings

log = logging.getLogger(__name__)


class Engine(Protocol):
    """What engines of every kind have in common."""

    name: str

    async def open(self) -> None: ...
    async def close(self) -> None: ...


AnyEngine = TypeVar("AnyEngine", bound=Engine)


class Engines(msgspec.Struct, frozen=True):
    """One of each kind, shared by every call."""

    voice: VoiceDetector
    stt: Recognizer
    llm: Responder
    tts: Synthesizer

    async def open(self) -> None:
        """Open them all at once; if some fail, none stays open, and one error names them all."""
        try:
            outcomes = await asyncio.gather(*map(_open, self._all()), return_exceptions=True)
            problems = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
            if problems:
                raise _joined(problems)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Close them all; one that can't be closed keeps no other open."""
        closing = (engine.close() for engine in self._all())
        outcomes = await asyncio.gather(*closing, return_exceptions=True)
        for engine, outcome in zip(self._all(), outcomes, strict=True):
            if isinstance(outcome, BaseException):
                log.warning("The %s engine did not close well.", engine.name, exc_info=outcome)

    def _all(self) -> tuple[Engine, ...]:
        return (self.voice, self.stt, self.llm, self.tts)


def build_engines(settings: Settings) -> Engines:
    return Engines(
        voice=voice_detector(settings),
        stt=recognizer(settings),
        llm=responder(settings),
        tts=synthesizer(settings),
    )


def voice_detector(settings: Settings) -> VoiceDetector:
    registry = _registry_with("voice", "VAD", settings.vad)
    return registry.create(
        "voice", settings.vad, **_given(registry, "voice", settings.vad, settings)
    )


def recognizer(settings: Settings) -> Recognizer:
    registry = _registry_with("stt", "STT", settings.stt)
    return registry.create("stt", settings.stt, **_given(registry, "stt", settings.stt, settings))


def responder(settings: Settings) -> Responder:
    registry = _registry_with("llm", "LLM", settings.llm)
    return registry.create("llm", settings.llm, **_given(registry, "llm", settings.llm, settings))


def synthesizer(settings: Settings) -> Synthesizer:
    registry = _registry_with("tts", "TTS", settings.tts)
    engine = registry.create("tts", settings.tts, **_given(registry, "tts", settings.tts, settings))
    voice = Resampled(engine, SPEAKING_RATE_HZ)
    return Cached(voice, settings.tts_cache_mb << 20) if settings.tts_cache_mb else voice


def check_defaults(settings: Settings, engines: Engines) -> None:
    """Whether these engines, once open, can speak and hear as the settings want it."""
    try:
        engines.tts.resolve(settings.tts_default_voice, settings.default_language)
    except BadInput as wrong:
        raise SettingsError(
            f"TTS_DEFAULT_VOICE is '{settings.tts_default_voice}', but {wrong.sentence}",
            hint=wrong.hint,
        ) from None
    wanted = settings.default_language.lower().replace("_", "-").partition("-")[0]
    known = [language.lower().partition("-")[0] for language in engines.stt.languages]
    if known and wanted not in known:
        raise SettingsError(
            f"DEFAULT_LANGUAGE is '{settings.default_language}', but the recogniser "
            f"{engines.stt.name} understands only {', '.join(engines.stt.languages)}.",
            hint="Choose another one with STT.",
        )


def default_speech(settings: Settings) -> Speech:
    """How it speaks to a client that wishes nothing else."""
    return Speech(settings.tts_default_voice, settings.default_language, settings.tts_default_speed)


@asynccontextmanager
async def opened(engine: AnyEngine) -> AsyncIterator[AnyEngine]:
    """One engine alone, open for as long as this lasts."""
    try:
        await _open(engine)
        yield engine
    finally:
        await engine.close()


async def _open(engine: Engine) -> None:
    try:
        await engine.open()
    except ReparteeError:
        raise
    except Exception as problem:
        log.exception("The %s engine could not be opened.", engine.name)
        raise EngineFailed(
            f"The {engine.name} engine could not be opened.", hint="The log says why."
        ) from problem


def _registry_with(kind: Kind, setting: str, name: str) -> Registry:
    """The registry, if it knows this engine. Other packages' engines have settings of their own."""
    registry = Registry()
    known = registry.names(kind)
    if name not in known:
        *others, last = known
        raise SettingsError(f"{setting} is '{name}', but must be {', '.join(others)} or {last}.")
    return registry


def _given(registry: Registry, kind: Kind, name: str, settings: Settings) -> dict[str, Any]:
    """The parameters of this engine that are set; the others keep what the engine has chosen."""
    wanted = registry.settings_of(kind, name)
    values = {parameter: getattr(settings, setting) for parameter, setting in wanted.items()}
    return {
        parameter: value.get_secret_value() if isinstance(value, SecretStr) else value
        for parameter, value in values.items()
        if value not in (None, "", 0)
    }


def _joined(problems: Sequence[BaseException]) -> BaseException:
    """One error that says all of it; what is no error of ours goes on as it is."""
    foreign = next((one for one in problems if not isinstance(one, ReparteeError)), None)
    if foreign is not None or len(problems) == 1:
        return foreign or problems[0]
    kind = (
        EngineMissing if all(isinstance(one, EngineMissing) for one in problems) else EngineFailed
    )
    return kind(" ".join(str(problem) for problem in problems))
