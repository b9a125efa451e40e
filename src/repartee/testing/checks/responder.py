"""The promises of a model that answers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from repartee.engines.protocols import Caller, Message, Responder, Sampling
from repartee.testing.checks.looking import check_freed, collect, leave, soon

_QUESTION = (
    Message("system", "You answer in one short sentence."),
    Message("user", "What colour is the sky?"),
)
_OTHER_QUESTION = (
    Message("system", "You answer in one short sentence."),
    Message("user", "How many legs has a spider?"),
)


async def check_responder(
    responder: Responder,
    sampling: Sampling | None = None,
    *,
    repeatable: bool = False,
    abandon_within_s: float = 0.1,
) -> None:
    """Replies in pieces that can be left, two callers at once, priming and releasing.

    `repeatable`: the same question has the same answer, so mixing of callers can be seen too.
    """
    sampling = sampling or Sampling(max_tokens=24, temperature=0.0)
    assert responder.name, "A responder has a name."
    await responder.open()
    try:
        one, other = Caller("one"), Caller("other")
        await responder.prime(one, _QUESTION[:1])
        reply = await _reply(responder, one, _QUESTION, sampling)

        await _check_leaving(responder, one, sampling, abandon_within_s)
        after = await _reply(responder, one, _QUESTION, sampling)
        beside = await asyncio.gather(
            _reply(responder, one, _QUESTION, sampling),
            _reply(responder, other, _OTHER_QUESTION, sampling),
        )
        if repeatable:
            assert after == reply, "A reply that is left early changes nothing."
            responder.release(other)
            alone = await _reply(responder, other, _OTHER_QUESTION, sampling)
            assert list(beside) == [reply, alone], "Callers that are answered at once do not mix."
        for caller in (one, other, other, Caller("never seen")):
            responder.release(caller)
    finally:
        await responder.close()


async def _check_leaving(
    responder: Responder, caller: Caller, sampling: Sampling, abandon_within_s: float
) -> None:
    async def begin() -> None:
        leaving = responder.respond(caller, _QUESTION, sampling)
        await anext(leaving)
        await leave(leaving)

    await check_freed(begin, begin, abandon_within_s)


async def _reply(
    responder: Responder, caller: Caller, messages: Sequence[Message], sampling: Sampling
) -> str:
    pieces = await soon(collect(responder.respond(caller, messages, sampling)))
    assert pieces, "A reply has words."
    assert all(pieces), "No piece of a reply is empty."
    return "".join(pieces)
