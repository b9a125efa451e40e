"""What the server says about itself: its page, its settings for pages, its health."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from repartee import __version__
from repartee.calls.refusals import TryLater
from repartee.calls.roster import Basis, Roster
from repartee.engines.build import Engine, Engines
from repartee.engines.chain.recognizer import RecognizerChain
from repartee.engines.chain.responder import ResponderChain
from repartee.engines.chain.synthesizer import SynthesizerChain
from repartee.engines.languages import detects
from repartee.engines.tts.voices import speaks
from repartee.server.house import House
from repartee.server.problems import Problem
from repartee.server.security.callers import STRANGER, caller_of

router = APIRouter()


@router.get("/config")
async def config(request: Request) -> dict[str, Any]:
    """Everything that a page needs to know, so that nothing is hard-coded in it."""
    house: House = request.app.state.house
    settings, engines = house.settings, house.engines
    scheme = "wss" if request.url.scheme == "https" else "ws"
    return {
        "websocket_url": f"{scheme}://{request.url.netloc}/ws",
        "default_volume": settings.default_volume,
        "auto_scroll": settings.auto_scroll,
        "save_chat_history": settings.save_chat_history,
        "max_chat_history": settings.max_chat_history,
        "chunk_size": settings.chunk_size,
        "max_queue_size": settings.max_queue_size,
        "enable_audio": settings.enable_audio,
        "audio_buffer_size": settings.audio_buffer_size,
        "tts_sample_rate": settings.tts_sample_rate,
        "listening_sample_rate": 16_000,
        "max_text_chars": settings.max_text_chars,
        "default_voice": settings.tts_default_voice,
        "default_speed": settings.tts_default_speed,
        "default_language": settings.default_language,
        "personas": [
            {
                "key": one.key,
                "name": one.name,
                "voice": one.voice or settings.tts_default_voice,
                "language": one.language or settings.default_language,
                "greeting": one.greeting,
            }
            for one in house.personas.all
        ],
        "voices": [
            {"name": voice.name, "language": voice.language, "gender": voice.gender}
            for voice in engines.tts.voices()
        ],
        "languages": languages_of(engines),
        "detects_language": detects(engines.stt),
        "engines": {kind: getattr(engines, kind).name for kind in ("voice", "stt", "llm", "tts")},
        "retention_days": settings.retention_days,
        "records_sound": settings.record_audio,
    }


def languages_of(engines: Engines) -> list[str]:
    """Those that can be both heard and spoken."""
    return [language for language in engines.stt.languages if speaks(engines.tts, language)]


# ---------------------------------------------------------------- health


class MemberHealth(BaseModel):
    """One engine of a chain."""

    model_config = ConfigDict(from_attributes=True)

    name: str = Field(examples=["deepgram"])
    state: Literal["working", "resting", "absent"]
    rests_s: float = Field(description="How long it is passed over yet.", examples=[12.5])
    why: str = Field(description="Why it does not work.", examples=["Deepgram can't be reached."])


class EngineHealth(BaseModel):
    name: str = Field(examples=["pocketsphinx"])
    ready: bool = Field(examples=[True])
    serving: str | None = Field(
        default=None, description="Of a chain: who is asked first at the moment."
    )
    chain: list[MemberHealth] | None = Field(
        default=None, description="The engines that stand in for one another."
    )


class StoreHealth(BaseModel):
    failing: bool = Field(
        description="The database did not take what it was given last.", examples=[False]
    )
    lost: int = Field(
        description="Turns that could not be kept since the server started.", examples=[0]
    )


class FreePlaces(BaseModel):
    free: int = Field(description="How many more calls are let in just now.", examples=[38])


class Places(FreePlaces):
    most: int = Field(description="Calls that the server carries at the same time.", examples=[40])
    basis: Basis = Field(
        description="Where that comes from: the engines were `measured` on this machine; until "
        "then it is a careful number by its `cores`; or the `settings` say it.",
        examples=["measured"],
    )


class LoadHealth(BaseModel):
    """How hard the server has it: the figures of the last five seconds."""

    step: Literal["easy", "no_guessing", "fewer_partials", "shorter", "refusing"] = Field(
        description="What is left out because of that."
    )
    lag_p95_ms: float = Field(
        description="How late the server comes to what is due.", examples=[1.2]
    )
    haste: float = Field(
        description="Calls that wait for a first sound, beyond one for each core, as a share of "
        "all places.",
        examples=[0.0],
    )
    waiting: int = Field(
        description="Jobs beside the calls that wait for their turn.", examples=[0]
    )


class HealthInBrief(BaseModel):
    """What everybody is told where keys are asked for."""

    status: Literal["healthy", "degraded"]
    places: FreePlaces


class Health(BaseModel):
    status: Literal["healthy", "degraded"]
    active_sessions: int = Field(description="Calls that are live.", examples=[2])
    version: str = Field(examples=[__version__])
    engines: dict[Literal["stt", "llm", "tts"], EngineHealth]
    llm_loaded: bool = Field(examples=[True])
    tts_loaded: bool = Field(examples=[True])
    store: StoreHealth
    places: Places
    load: LoadHealth


@router.head("/health", include_in_schema=False, response_model_exclude_none=True)
@router.get("/health", response_model_exclude_none=True)
async def health(request: Request) -> Health | HealthInBrief:
    """How the server is. `degraded`: the database takes no turns, or an engine can't work.

    Where keys are asked for, whoever shows none is told only that, and how many places are free.
    """
    house: House = request.app.state.house
    whole = _health(house)
    if caller_of(request) is STRANGER:
        return HealthInBrief(status=whole.status, places=FreePlaces(free=whole.places.free))
    return whole


def _health(house: House) -> Health:
    kinds: tuple[Literal["stt", "llm", "tts"], ...] = ("stt", "llm", "tts")
    # The server begins to answer when every engine is open; one that can tell says how it is now.
    engines = {kind: _health_of(getattr(house.engines, kind)) for kind in kinds}
    well = not house.keeper.failing and all(engine.ready for engine in engines.values())
    return Health(
        status="healthy" if well else "degraded",
        active_sessions=len(house.roster),
        version=__version__,
        engines=engines,
        llm_loaded=engines["llm"].ready,
        tts_loaded=engines["tts"].ready,
        store=StoreHealth(failing=house.keeper.failing, lost=house.keeper.lost),
        places=_places(house.roster),
        load=LoadHealth.model_validate(
            {
                "step": house.pressure.step.name.lower(),
                **msgspec.structs.asdict(house.pressure.load),
            }
        ),
    )


class Readiness(BaseModel):
    ready: bool = Field(examples=[True])


@router.head("/ready", include_in_schema=False)
@router.get("/ready", responses={503: {"model": Problem, "description": "Nobody is let in."}})
async def ready(request: Request) -> Readiness:
    """For balancers: whether a new call would be let in, and its engines work."""
    house: House = request.app.state.house
    if (refusal := house.roster.refusal()) is not None:
        raise refusal[1]  # nobody was refused: it was only asked
    for kind in ("stt", "llm", "tts"):
        if not getattr(getattr(house.engines, kind), "ready", True):
            raise TryLater(f"The engine of {kind.upper()} does not work just now.", 5)
    return Readiness(ready=True)


def _places(roster: Roster) -> Places:
    return Places(most=roster.most, free=roster.free, basis=roster.basis)


def _health_of(engine: Engine) -> EngineHealth:
    health = EngineHealth(name=engine.name, ready=getattr(engine, "ready", True))
    if isinstance(engine, RecognizerChain | ResponderChain | SynthesizerChain):
        report = engine.report()
        health.serving = report.serving
        health.chain = [MemberHealth.model_validate(member) for member in report.members]
    return health
