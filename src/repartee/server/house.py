"""What every interface of one server shares."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import msgspec

from repartee.calls.courtesy import Courtesy
from repartee.calls.decoding import DecodingRoom
from repartee.calls.errands import ErrandRules, Errands
from repartee.calls.options import CallOptions
from repartee.calls.outbox import Outbox
from repartee.calls.pressure import Pressure
from repartee.calls.recording import RecordOptions
from repartee.calls.roster import Roster
from repartee.calls.turn_places import TurnPlaces
from repartee.calls.uploads import Uploads
from repartee.calls.visitors import Visitors
from repartee.conversation import Rules
from repartee.engines.build import Engines, default_speech
from repartee.engines.protocols import Sampling
from repartee.errors import SettingsError
from repartee.listening.segmenter import SegmentRules
from repartee.machine import usable_cores
from repartee.observe.meters import Meters
from repartee.observe.onlookers import Onlooker, Onlookers
from repartee.personas import Personas
from repartee.server.limits.allowances import Limits
from repartee.server.persona_speech import trouble_with
from repartee.server.security.keys import KeyRing
from repartee.server.security.tokens import Tokens
from repartee.server.underway import Underway
from repartee.settings import Settings
from repartee.store.heartbeat import others_live
from repartee.store.keeper import Keeper
from repartee.store.protocol import Store

_LOOK_EVERY_SECONDS = 0.05
_LAST_WORDS_SECONDS = 0.3
"""For telling somebody that their answer was cut off."""


class House(msgspec.Struct, frozen=True):
    settings: Settings
    engines: Engines
    decoding: DecodingRoom
    store: Store
    keeper: Keeper
    roster: Roster
    visitors: Visitors
    uploads: Uploads
    errands: Errands
    personas: Personas
    options: CallOptions
    keys: KeyRing
    tokens: Tokens
    limits: Limits
    pressure: Pressure
    meters: Meters | None
    """None where no figures are wished."""
    outboxes: set[Outbox[Any]] = msgspec.field(default_factory=set)
    """Those of all calls over a line, for whoever wants to know how much waits in them."""
    underway: Underway = msgspec.field(default_factory=Underway)
    alone: asyncio.Lock = msgspec.field(default_factory=asyncio.Lock)
    """Held by whoever has the engines work beside all calls: one would spoil what another measures.
    """

    async def drain(self, seconds: float | None = None) -> None:
        """Let nobody in, and let what was begun come to its end, for so long at most."""
        seconds = self.settings.shutdown_seconds if seconds is None else seconds
        self.roster.let_nobody_in(seconds)
        self.roster.others_go_on = await others_live(self.store)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self.roster.drain, seconds)
            await _until_not(self._has_work, seconds)
            await self.visitors.close()  # whoever is still being answered is told
            await _until_not(self.underway.__len__, _LAST_WORDS_SECONDS)
            self.underway.cut_off()
            await _until_not(self.underway.__len__, _LAST_WORDS_SECONDS)

    async def send_off(self, owner: str) -> None:
        """End what is kept in mind for this key, which was revoked: uploads and conversations."""
        self.uploads.forget_those_of(owner)
        await self.visitors.forget_those_of(owner)

    @property
    def is_engaged(self) -> bool:
        """Whether anybody speaks, or is being answered, or is likely to ask for the answer to what
        was uploaded just now."""
        rooms = (self.roster.engaged, self.visitors.busy, self.errands.busy)
        return any(rooms) or len(self.underway) + self.uploads.fresh > 0

    def _has_work(self) -> bool:
        return len(self.roster) > 0 or self.is_engaged


async def _until_not(there_is: Callable[[], object], seconds: float) -> None:
    with anyio.move_on_after(seconds):
        while there_is():
            await anyio.sleep(_LOOK_EVERY_SECONDS)


def build_house(
    settings: Settings,
    engines: Engines,
    decoding: DecodingRoom,
    store: Store,
    keeper: Keeper,
    onlookers: Sequence[Onlooker] = (),
) -> House:
    meters = Meters() if settings.metrics else None
    everybody = Onlookers([*onlookers, *([] if meters is None else [meters])])
    pressure = Pressure()
    options = msgspec.structs.replace(
        call_options(settings), onlookers=everybody, pressure=pressure
    )
    personas = Personas(
        personas_file(settings), partial(trouble_with, engines=engines, usual=options.speech)
    )
    personas.read()
    limits = Limits(settings)
    roster = Roster(settings.max_calls, pressure, limits.most_calls)
    if settings.capacity:
        roster.carry(settings.capacity, "settings")
    calls_in_haste = partial(_need_it_all, roster)
    turn_places = TurnPlaces(_turns_at_once(settings, engines), Courtesy(calls_in_haste))
    return House(
        settings=settings,
        engines=engines,
        decoding=decoding,
        store=store,
        keeper=keeper,
        roster=roster,
        visitors=Visitors(engines, keeper, options, turn_places),
        uploads=Uploads(settings.upload_seconds),
        errands=Errands(engines, errand_rules(settings), calls_in_haste),
        personas=personas,
        options=options,
        keys=KeyRing(key.get_secret_value() for key in settings.api_keys),
        tokens=Tokens(_token_secret(settings), settings.token_seconds),
        limits=limits,
        pressure=pressure,
        meters=meters,
    )


def _token_secret(settings: Settings) -> str | None:
    return settings.token_secret.get_secret_value() if settings.token_secret else None


def personas_file(settings: Settings) -> Path:
    """Whoever names a file wants it to be read; the usual one may well not be there."""
    file = Path(settings.personas_file)
    if "personas_file" in settings.model_fields_set and not file.is_file():
        raise SettingsError(
            f"PERSONAS_FILE is '{settings.personas_file}', but there is no such file."
        )
    return file


def call_options(settings: Settings) -> CallOptions:
    """The settings, as the rooms that need them know them."""
    return CallOptions(
        rules=conversation_rules(settings),
        segments=SegmentRules(pause_ms=settings.pause_ms),
        speech=default_speech(settings),
        sampling=Sampling(
            settings.max_new_tokens,
            settings.temperature if settings.do_sample else 0.0,
            settings.top_p,
        ),
        playback_lead_ms=settings.playback_lead_ms,
        preroll_ms=settings.preroll_ms,
        record=record_options(settings),
    )


def _need_it_all(roster: Roster) -> bool:
    """Hearing, thinking and speaking keep about two cores busy."""
    return 2 * roster.in_haste >= usable_cores()


def _turns_at_once(settings: Settings, engines: Engines) -> int:
    """As many as errands, but of those whom the model answers at once a live call may be one."""
    answered: int | None = getattr(engines.llm, "at_once", None)
    at_once = errand_rules(settings).at_once
    return at_once if answered is None else max(1, min(at_once, answered - 1))


def errand_rules(settings: Settings) -> ErrandRules:
    return ErrandRules(
        at_once=settings.errands_at_once or max(1, int(usable_cores() / 2)),
        hearing_seconds=settings.sst_request_timeout,
        speaking_seconds=settings.tts_request_timeout,
        speech=default_speech(settings),
    )


def record_options(settings: Settings) -> RecordOptions | None:
    if not (settings.record_calls or settings.record_audio):
        return None
    return RecordOptions(Path(settings.record_dir), sound=settings.record_audio)


def conversation_rules(settings: Settings) -> Rules:
    return Rules(
        wait_finished_ms=settings.endpoint_min_ms,
        wait_default_ms=settings.endpoint_default_ms,
        wait_open_ms=settings.endpoint_max_ms,
        low_confidence=settings.low_confidence,
        max_turn_ms=round(settings.max_turn_seconds * 1000),
        barge_in_after_ms=settings.barge_in_ms,
        speculate=settings.speculates,
        reply_within_ms=round(settings.max_reply_seconds * 1000),
        hold_after_ms=settings.hold_after_ms,
        memory_messages=settings.memory_messages,
        max_text_chars=settings.max_text_chars,
        language=settings.default_language,
        instructions=settings.instructions,
    )
