"""Measures at the start what the engines cost here, and keeps it for the next one.

Nobody waits for that: the port is open already, and until the figures are there, a second or two
later, a careful number of calls is let in, which the cores of the machine let expect. Whoever calls
meanwhile goes first. What was measured until then is worth nothing, and it begins anew when all
is quiet.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import os
import random
from pathlib import Path

import anyio
import msgspec

from repartee.calls.capacity import Costs, Room, careful_places, places
from repartee.calls.clock import now
from repartee.engines.build import Engines
from repartee.engines.catalogue import BUILT_IN, Kind
from repartee.engines.ladder import measuring
from repartee.engines.ladder.outcomes import fingerprint
from repartee.engines.settings_read import settings_read_by
from repartee.engines.threads import QUIET
from repartee.errors import ReparteeError
from repartee.machine import usable_cores
from repartee.server.cpu_use import with_cpu_seconds
from repartee.server.house import House

log = logging.getLogger(__name__)

START_SECONDS = 0.2
"""By then the port is open."""
QUIET_SECONDS = 2.0
"""So long nothing is going on before it is measured once more."""
FAILED_SECONDS = 60.0
"""An engine that does not work is left alone for so long."""
_LOOK_EVERY_SECONDS = 0.05
_PATIENCE_SECONDS = 60.0
_KINDS: tuple[Kind, ...] = ("stt", "llm", "tts")
_HOW_IT_SPEAKS = ("tts_default_voice", "tts_default_speed", "default_language", "instructions")
"""Settings of the house with which it is measured; a voice may be a model of its own."""


class _Written(msgspec.Struct, frozen=True):
    machine: str
    set_up: str
    costs: Costs


async def know_capacity(house: House) -> None:
    """Nothing to know where the engines cost nothing here, or where it was said."""
    if house.settings.capacity or not any(works_here(house.engines, kind) for kind in _KINDS):
        return
    house.roster.carry(careful_places(usable_cores()), "cores")
    file, is_set_up = _file(house), await asyncio.to_thread(set_up, house)
    costs = await asyncio.to_thread(_read, file, is_set_up)
    if costs is None:
        costs = await _measured_undisturbed(house)
        await asyncio.to_thread(_write, file, _Written(fingerprint(), is_set_up, costs))
    house.roster.carry(places(costs, room_of(house.engines)), "measured")
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


async def _measured_undisturbed(house: House) -> Costs:
    """As often as it takes: at once, and then whenever it is quiet."""
    await anyio.sleep(START_SECONDS)
    while True:
        try:
            if (costs := await _measured_unless_disturbed(house)) is not None:
                return costs
        except ReparteeError as failure:
            log.warning("It could not be measured how many calls the server carries: %s", failure)
            await anyio.sleep(FAILED_SECONDS)
        await _until_quiet(house)


async def _measured_unless_disturbed(house: House) -> Costs | None:
    """None as soon as anything else goes on."""
    async with house.alone:
        callers = house.roster.lines
        work = asyncio.create_task(measured(house))
        try:
            with anyio.move_on_after(_PATIENCE_SECONDS):
                while not (house.is_engaged or house.roster.lines != callers):
                    if work.done():
                        return work.result()
                    await asyncio.wait([work], timeout=_LOOK_EVERY_SECONDS)
            return None
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)


async def _until_quiet(house: House) -> None:
    """Callers who are silent, and do not come or go, disturb nobody."""
    callers, quiet_since = house.roster.lines, now()
    while now() - quiet_since < QUIET_SECONDS:
        await anyio.sleep(_LOOK_EVERY_SECONDS)
        if house.is_engaged or house.roster.lines != callers:
            callers, quiet_since = house.roster.lines, now()


def set_up(house: House) -> str:
    """What the figures are true for beside the machine, in short: the engines, all that is set of
    them, and the models that are here, of which `auto` takes the best."""
    settings, read = house.settings, set(_HOW_IT_SPEAKS)
    engines = [getattr(house.engines, kind).name for kind in _KINDS]
    for kind, names in zip(_KINDS, engines, strict=True):
        for name in BUILT_IN[kind].keys() & names.split(","):
            read.update(settings_read_by(BUILT_IN[kind][name]))
    facts = [
        engines,
        [(name, str(getattr(settings, name))) for name in sorted(read)],
        [os.environ.get(name) for name in QUIET],
        _models_in(Path(settings.models_dir).expanduser()),
    ]
    return hashlib.sha256(msgspec.json.encode(facts)).hexdigest()[:16]


def _models_in(folder: Path) -> list[tuple[str, int]]:
    """Their names, and how large those are that are one file."""
    try:
        there = sorted(one for one in folder.iterdir() if one.suffix != ".json")
        return [(one.name, one.stat().st_size if one.is_file() else 0) for one in there]
    except OSError:
        return []


def _read(file: Path, is_set_up: str) -> Costs | None:
    try:
        written = msgspec.json.decode(file.read_bytes(), type=_Written)
    except (OSError, msgspec.MsgspecError):
        return None
    is_ours = (written.machine, written.set_up) == (fingerprint(), is_set_up)
    return written.costs if is_ours else None


def _write(file: Path, written: _Written) -> None:
    """Where nothing can be written, the next start measures again."""
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(msgspec.json.encode(written))


def _file(house: House) -> Path:
    return Path(house.settings.models_dir).expanduser() / "capacity.json"
