"""Measures once, in the first quiet moment, what the engines cost here, and keeps it for the next
start. Until it is known, `MAX_CALLS` alone says how many calls are let in, and the steps of
`calls/pressure.py` protect those who are there.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from pathlib import Path

import anyio
import msgspec

from repartee.calls.capacity import Costs, Room, places
from repartee.calls.clock import now
from repartee.engines.build import Engines
from repartee.engines.catalogue import BUILT_IN, Kind
from repartee.engines.ladder import measuring
from repartee.engines.ladder.outcomes import fingerprint
from repartee.errors import ReparteeError
from repartee.machine import usable_cores
from repartee.server.cpu_use import with_cpu_seconds
from repartee.server.house import House

log = logging.getLogger(__name__)

QUIET_SECONDS = 10.0
_LOOK_EVERY_SECONDS = 0.05
_PATIENCE_SECONDS = 60.0
_KINDS: tuple[Kind, ...] = ("stt", "llm", "tts")


class _Written(msgspec.Struct, frozen=True):
    machine: str
    engines: str
    costs: Costs


async def know_capacity(house: House) -> None:
    """Nothing to know where the engines cost nothing here, or where it was said."""
    if house.settings.capacity or not any(works_here(house.engines, kind) for kind in _KINDS):
        return
    file = _file(house)
    costs = await asyncio.to_thread(_read, file, _names(house.engines))
    if costs is None:
        costs = await _measured_in_quiet(house)
        if costs is None:
            return
        written = _Written(fingerprint(), _names(house.engines), costs)
        await asyncio.to_thread(_write, file, written)
    house.roster.carry(places(costs, room_of(house.engines)))
    figures = {name: round(cost, 3) for name, cost in msgspec.structs.asdict(costs).items()}
    log.info("The server carries %d calls at a time.", house.roster.most, extra=figures)


def works_here(engines: Engines, kind: Kind) -> bool:
    """Whether its work is done on this machine, by every engine of the chain."""
    names = getattr(engines, kind).name.split(",")
    known = BUILT_IN[kind]
    return all(
        name in known and known[name].where == "here" and name != "scripted" for name in names
    )


def room_of(engines: Engines) -> Room:
    return Room(
        usable_cores(),
        getattr(engines.stt, "at_once", None),
        getattr(engines.llm, "at_once", None),
    )


async def measured(house: House) -> Costs:
    engines, usual = house.engines, house.options.speech
    # At a speed of its own: what was said before is in a cache, and costs nothing.
    speech = msgspec.structs.replace(usual, speed=usual.speed * random.uniform(0.97, 1.0))
    hearing = thinking = thinking_took_s = speaking = 0.0
    sound = measuring.silence(2.0)
    if works_here(engines, "tts"):
        spoken, cpu = await with_cpu_seconds(measuring.speak(engines.tts, speech))
        speaking, sound = cpu / spoken.seconds, measuring.for_listening(spoken.sound)
    if works_here(engines, "stt"):
        heard, cpu = await with_cpu_seconds(measuring.hear(engines.stt, sound, speech.language))
        hearing = cpu / heard.seconds
    if works_here(engines, "llm"):
        answering = measuring.answer(engines.llm, house.settings.instructions)
        began = now()
        _, thinking = await with_cpu_seconds(answering)
        thinking_took_s = now() - began
    return Costs(hearing, thinking, speaking, thinking_took_s)


async def _measured_in_quiet(house: House) -> Costs | None:
    """None when an engine does not work; whoever calls meanwhile goes first."""
    while True:
        await anyio.sleep(QUIET_SECONDS)
        if _is_busy(house):
            continue
        work = asyncio.create_task(measured(house))
        try:
            with anyio.move_on_after(_PATIENCE_SECONDS):
                while not work.done() and not _is_busy(house):
                    await asyncio.wait([work], timeout=_LOOK_EVERY_SECONDS)
                if work.done():
                    return work.result()
        except ReparteeError as failure:
            log.warning("It could not be measured how many calls the server carries: %s", failure)
            return None
        finally:
            work.cancel()
            await asyncio.wait([work])


def _is_busy(house: House) -> bool:
    return bool(len(house.roster)) or house.errands.busy or house.visitors.busy


def _names(engines: Engines) -> str:
    return " ".join(getattr(engines, kind).name for kind in _KINDS)


def _read(file: Path, names: str) -> Costs | None:
    try:
        written = msgspec.json.decode(file.read_bytes(), type=_Written)
    except (OSError, msgspec.MsgspecError):
        return None
    is_ours = (written.machine, written.engines) == (fingerprint(), names)
    return written.costs if is_ours else None


def _write(file: Path, written: _Written) -> None:
    """Where nothing can be written, the next start measures again."""
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(msgspec.json.encode(written))


def _file(house: House) -> Path:
    return Path(house.settings.models_dir).expanduser() / "capacity.json"
