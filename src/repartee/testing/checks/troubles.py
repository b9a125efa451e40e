"""The promises of an engine that asks a service elsewhere, when something is wrong with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any

from repartee.engines.protocols import (
    LISTENING_RATE_HZ,
    Caller,
    Message,
    Recognizer,
    Responder,
    Sampling,
    Speech,
    Synthesizer,
)
from repartee.engines.remote.patience import Patience
from repartee.errors import (
    EngineBusy,
    EngineError,
    EngineLocked,
    EngineNonsense,
    EngineTimeout,
    EngineUnreachable,
)
from repartee.testing.checks.looking import babble, quickest, soon
from repartee.testing.standins import StandIn, Trouble, Wire

Engine = Recognizer | Responder | Synthesizer
Made = Callable[[StandIn, Patience, str], Engine]
"""Makes the engine, not yet opened: whom it asks, how long it waits, and with which key."""

CALM = Patience(tries=3, pause_s=0.002, longest_pause_s=0.01)
IMPATIENT = Patience(
    connect_s=1.0, first_byte_s=0.08, between_s=0.08, tries=3, pause_s=0.002, longest_pause_s=0.01
)
WRONG_KEY = "not-the-key-7f3a"

_TROUBLES: tuple[tuple[str, Trouble, type[EngineError]], ...] = (
    ("does not answer", Trouble(hang_after=-1), EngineTimeout),
    ("stops before its answer", Trouble(hang_after=0), EngineTimeout),
    ("resets the connection", Trouble(reset=True), EngineUnreachable),
    ("sends a web page", Trouble(nonsense=True), EngineNonsense),
    ("breaks off its answer", Trouble(lose_after=0), EngineNonsense),
    ("is broken", Trouble(status=500), EngineNonsense),
    ("forbids it", Trouble(status=403), EngineLocked),
    ("has too much to do", Trouble(status=429, retry_after="60"), EngineBusy),
)


async def check_troubles(
    wire: Callable[[], Wire],
    made: Made,
    *,
    key: str = "",
    key_setting: str = "",
    abandon_within_s: float = 0.1,
) -> None:
    """Every trouble has its error, after which it works again; leaving frees the connection.

    `wire` makes the service, and `key` is the one that it takes: a wrong one must be answered with
    a sentence that names the setting.
    """
    for what, trouble, kind in _TROUBLES:
        patience = IMPATIENT if trouble.hang_after is not None else CALM
        async with _at(wire, made, patience, key) as (server, engine):
            server.usual = trouble
            await _fails(engine, kind, f"a service that {what}", key)
            server.usual = Trouble()
            if patience is CALM:  # the other has no time for an answer on a busy machine
                await _works(engine, f"after a service that {what}")
    if key_setting:
        await _check_wrong_key(wire, made, key_setting)
    await _check_nobody_there(wire, made, key)
    async with _at(wire, made, CALM, key) as (server, engine):
        server.troubles += [Trouble(status=502), Trouble(reset=True)]
        await _works(engine, "in spite of a trouble that passes")
    await _check_leaving(wire, made, key, abandon_within_s)


@asynccontextmanager
async def _at(
    wire: Callable[[], Wire], made: Made, patience: Patience, key: str
) -> AsyncGenerator[tuple[StandIn, Engine]]:
    """The engine, open, at a service in good health; closing it leaves no connection behind."""
    async with StandIn(wire()) as server:
        engine = made(server, patience, key)
        await soon(engine.open())
        try:
            yield server, engine
        finally:
            await soon(engine.close())
        await soon(_until(lambda: not server.open_connections))


async def _check_wrong_key(wire: Callable[[], Wire], made: Made, key_setting: str) -> None:
    async with _at(wire, made, CALM, WRONG_KEY) as (_, engine):
        told = await _fails(engine, EngineLocked, "a wrong key", WRONG_KEY)
        assert key_setting in told, f"The sentence about a wrong key names {key_setting}: {told}"


async def _check_nobody_there(wire: Callable[[], Wire], made: Made, key: str) -> None:
    async with StandIn(wire()) as gone:
        pass
    engine = made(gone, CALM, key)
    try:
        await soon(engine.open())
        await _fails(engine, EngineUnreachable, "a service that is not there", key)
    finally:
        await soon(engine.close())


async def _check_leaving(
    wire: Callable[[], Wire], made: Made, key: str, abandon_within_s: float
) -> None:
    """Whoever leaves frees the service; how long that takes is the service's own observation."""
    async with _at(wire, made, CALM, key) as (server, engine):
        server.usual = Trouble(hang_after=0)

        async def once() -> float:
            asked, left = len(_wishes(server)), server.left
            using = asyncio.ensure_future(_use(engine))
            await soon(_until(lambda: len(_wishes(server)) > asked))
            begun = asyncio.get_running_loop().time()
            using.cancel()
            await soon(_until(lambda: server.left > left))
            took = asyncio.get_running_loop().time() - begun
            await asyncio.wait([using])
            return took

        took = await quickest(once)
        assert took <= abandon_within_s, (
            f"Leaving frees the connection within {abandon_within_s} s, not after {took:.2f} s."
        )


def _wishes(server: StandIn) -> list[Any]:
    """Requests for which somebody waits; a look at a service's health is none."""
    return [heard for heard in server.asked if heard.method == "POST"]


async def _until(what: Callable[[], bool]) -> None:
    while not what():
        await asyncio.sleep(0)


async def _fails(engine: Engine, kind: type[EngineError], what: str, key: str) -> str:
    """The sentence about it."""
    error = await _error(engine)
    assert isinstance(error, kind), f"There is {kind.__name__} for {what}, and not {error!r}."
    assert not key or key not in str(error), f"The error for {what} repeats the key."
    assert error.sentence.endswith("."), f"For {what} there is a sentence, not {error.sentence!r}."
    return str(error)


async def _works(engine: Engine, when: str) -> None:
    error = await _error(engine)
    assert error is None, f"It works {when}, and does not fail with {error!r}."


async def _error(engine: Engine) -> EngineError | None:
    try:
        await soon(_use(engine))
    except EngineError as error:
        return error
    return None


async def _use(engine: Any) -> None:
    """Whatever it is for, once."""
    if hasattr(engine, "listen"):
        async with engine.listen(Caller("troubled"), engine.languages[0]) as hearing:
            hearing.feed(babble(LISTENING_RATE_HZ))
            await hearing.settle()
        return
    if hasattr(engine, "respond"):
        question = (Message("user", "What colour is the sky?"),)
        pieces = engine.respond(Caller("troubled"), question, Sampling())
    else:
        pieces = engine.synthesize("The sky is blue. Mostly.", Speech())
    async with aclosing(pieces):
        async for _ in pieces:
            pass
