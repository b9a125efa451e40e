"""From settings to engines: the one place that knows which setting goes to which engine."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import zip_longest
from typing import Any, NamedTuple, Protocol, TypeVar

import msgspec
from pydantic import SecretStr

from repartee.audio.pcm import SPEAKING_RATE_HZ
from repartee.engines.catalogue import Kind
from repartee.engines.chain.breaker import BreakerRules
from repartee.engines.chain.members import ChainRules
from repartee.engines.chain.recognizer import RecognizerChain
from repartee.engines.chain.responder import ResponderChain
from repartee.engines.chain.switches import ChainKind
from repartee.engines.chain.synthesizer import SynthesizerChain
from repartee.engines.ladder.climbing import AUTO, with_ladder
from repartee.engines.languages import is_auto, knows
from repartee.engines.protocols import (
    Recognizer,
    Responder,
    Speech,
    Synthesizer,
    TurnDetector,
    VoiceDetector,
)
from repartee.engines.registry import Registry
from repartee.engines.tts.cached import Cached
from repartee.engines.tts.resampled import Resampled
from repartee.errors import BadInput, EngineFailed, EngineMissing, ReparteeError, SettingsError
from repartee.settings import Settings

log = logging.getLogger(__name__)

WORDS_ALONE = "words"
"""Instead of a turn model: what was said, and how long it has been silent."""


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
    turn: TurnDetector | None = None
    """Who judges pauses beside the words, if anybody does."""

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
        everyone = (self.voice, self.stt, self.llm, self.tts)
        return everyone if self.turn is None else (*everyone, self.turn)


def build_engines(settings: Settings) -> Engines:
    return Engines(
        voice=voice_detector(settings),
        stt=recognizer(settings),
        llm=responder(settings),
        tts=synthesizer(settings),
        turn=turn_detector(settings),
    )


def voice_detector(settings: Settings) -> VoiceDetector:
    registry = _registry_with("voice", "VAD", settings.vad)
    return registry.create(
        "voice", settings.vad, **_given(registry, "voice", settings.vad, settings)
    )


def turn_detector(settings: Settings) -> TurnDetector | None:
    if settings.turn == WORDS_ALONE:
        return None
    registry = _registry_with("turn", "TURN", settings.turn, WORDS_ALONE)
    return registry.create(
        "turn", settings.turn, **_given(registry, "turn", settings.turn, settings)
    )


def recognizer(settings: Settings) -> Recognizer:
    def alone(link: _Link) -> Recognizer:
        registry = _registry_with("stt", "STT", link.name)
        given = _given(registry, "stt", link.name, link.settings)
        return registry.create("stt", link.name, **given)

    links = _links("stt", settings)
    if len(links) == 1:
        return alone(links[0])
    engines, missing = _made(links, alone)
    return RecognizerChain(engines, _chain_rules(settings, settings.stt_deadline_ms), missing)


def responder(settings: Settings) -> Responder:
    def alone(link: _Link) -> Responder:
        registry = _registry_with("llm", "LLM", link.name)
        given = _given(registry, "llm", link.name, link.settings)
        return registry.create("llm", link.name, **given)

    links = _links("llm", settings)
    if len(links) == 1:
        return alone(links[0])
    engines, missing = _made(links, alone)
    return ResponderChain(engines, _chain_rules(settings, settings.llm_deadline_ms), missing)


def synthesizer(settings: Settings) -> Synthesizer:
    """Each engine of a chain has a cache of its own: what one says is not what another would."""
    links = _links("tts", settings)
    most_bytes = (settings.tts_cache_mb << 20) // len(links)

    def alone(link: _Link) -> Synthesizer:
        registry = _registry_with("tts", "TTS", link.name)
        given = _given(registry, "tts", link.name, link.settings)
        voice = Resampled(registry.create("tts", link.name, **given), SPEAKING_RATE_HZ)
        return Cached(voice, most_bytes) if most_bytes else voice

    if len(links) == 1:
        return alone(links[0])
    engines, missing = _made(links, alone)
    return SynthesizerChain(engines, _chain_rules(settings, settings.tts_deadline_ms), missing)


def bare(kind: Kind, settings: Settings) -> Engine:
    """The one engine that is named, without anything of the house around it."""
    name = getattr(settings, kind)
    registry = _registry_with(kind, kind.upper(), name)
    create: Callable[..., Engine] = registry.create
    return create(kind, name, **_given(registry, kind, name, settings))


class _Link(NamedTuple):
    """One engine of a chain, or one that is alone, and the settings as they are meant for it."""

    name: str
    settings: Settings


def _links(kind: ChainKind, settings: Settings) -> list[_Link]:
    """Where several engines are named, so are their models: in the same order, or not at all. An
    engine that `auto` takes and that is named beside it stands there once."""
    names = getattr(settings, kind).split(",")
    if len(names) == 1:
        return [_link(kind, names[0], settings)]
    models = (getattr(settings, f"{kind}_model") or "").split(",")
    if len(models) > len(names):
        raise SettingsError(
            f"{kind.upper()}_MODEL names {len(models)} models, "
            f"but {kind.upper()} only {len(names)} engines."
        )
    links: dict[str, _Link] = {}
    for name, model in zip_longest(names, models, fillvalue=""):
        own = settings.model_copy(update={f"{kind}_model": model.strip() or None})
        link = _link(kind, name, own)
        links.setdefault(link.name, link)
    return list(links.values())


def _link(kind: ChainKind, name: str, settings: Settings) -> _Link:
    if name == AUTO:
        settings = with_ladder(settings.model_copy(update={kind: AUTO}), kind)
        name = getattr(settings, kind)
    return _Link(name, settings)


def _made(
    links: Sequence[_Link], alone: Callable[[_Link], AnyEngine]
) -> tuple[list[AnyEngine], dict[str, EngineMissing]]:
    """The engines of a chain, and why those are missing that can't be had here."""
    engines: list[AnyEngine] = []
    missing: dict[str, EngineMissing] = {}
    for link in links:
        try:
            engines.append(alone(link))
        except EngineMissing as problem:
            missing[link.name] = problem
    if not engines:
        raise _joined(list(missing.values()))
    return engines, missing


def _chain_rules(settings: Settings, deadline_ms: int) -> ChainRules:
    breaker = BreakerRules(settings.chain_failures, rest_s=settings.chain_rest_seconds)
    return ChainRules(deadline_ms / 1000, settings.chain_hedge, breaker)


def check_defaults(settings: Settings, engines: Engines) -> None:
    """Whether these engines, once open, can speak and hear as the settings want it."""
    try:
        engines.tts.resolve(settings.tts_default_voice, settings.default_language)
    except BadInput as wrong:
        raise SettingsError(
            f"TTS_DEFAULT_VOICE is '{settings.tts_default_voice}', but {wrong.sentence}",
            hint=wrong.hint,
        ) from None
    wanted, known = settings.default_language, engines.stt.languages
    if known and not (is_auto(wanted) or knows(known, wanted)):
        raise SettingsError(
            f"DEFAULT_LANGUAGE is '{wanted}', but the recogniser "
            f"{engines.stt.name} understands only {', '.join(known)}.",
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


def _registry_with(kind: Kind, setting: str, name: str, *more: str) -> Registry:
    """The registry, if it knows this engine. Other packages' engines have settings of their own.
    `more`: what else may be named."""
    registry = Registry()
    known = [*more, *registry.names(kind)]
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
        if value not in (None, "", 0) and not (parameter == "language" and is_auto(str(value)))
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
