"""The promises of a store that several servers share."""

from __future__ import annotations

from uuid import uuid4

import msgspec

from repartee.store.protocol import Store, UnknownSession
from repartee.testing.checks.looking import soon
from repartee.testing.checks.store import (
    MOMENT,
    a_message,
    a_session,
    a_turn,
    numbers_of,
    refused,
)


async def check_shared_store(store: Store) -> None:
    """What a killed server leaves, signs of life, and sessions that go on on another line.

    The store is empty and not yet opened.
    """
    await store.open()
    try:
        await _check_abandoned(store)
        await _check_signs_of_life(store)
        await _check_taking_over(store)
    finally:
        await store.close()


async def _check_abandoned(store: Store) -> None:
    silent, spoke = a_session(), a_session()
    ended = a_session(status="ended", ended_at=MOMENT + 5)
    await soon(store.keep([silent, spoke, ended], [a_turn(spoke, 1), a_turn(spoke, 2)]))
    assert await soon(store.mark_abandoned(0)) == 2, "Active sessions are marked, and counted."
    ends = [await soon(store.session(one.id)) for one in (silent, spoke, ended)]
    assert [one.status for one in ends] == ["abandoned", "abandoned", "ended"]
    assert [one.ended_at for one in ends] == [MOMENT, MOMENT + 22, MOMENT + 5], (
        "An abandoned session ended with its last turn, or as soon as it began."
    )
    await soon(store.keep([spoke], []))
    assert (await soon(store.session(spoke.id))).status == "active", "It may prove to be alive."
    for session in (silent, spoke, ended):
        await soon(store.delete(session.id))


async def _check_signs_of_life(store: Store) -> None:
    live, left = a_session(), a_session()
    await soon(store.keep([live, left], [a_turn(live), a_turn(left, 3)]))
    assert await soon(store.beat([live, left])) == frozenset()
    assert not await soon(store.has_company(3_600)), "Its own sign is nobody else's."
    assert await soon(store.mark_abandoned(3_600)) == 0, "What a living server serves is not left."
    assert await soon(store.mark_abandoned(0)) == 2, "It may have been silent for too long."
    assert await soon(store.beat([live, a_session()])) == frozenset()
    kept = await soon(store.session(live.id))
    assert (kept.status, kept.ended_at) == ("active", None), "Its next sign says that it is alive."
    await soon(store.keep([left], []))
    await soon(store.beat([live]))
    kept = await soon(store.session(left.id))
    assert (kept.status, kept.ended_at) == ("ended", MOMENT + 32), "What it left has ended."
    for session in (live, left):
        await soon(store.delete(session.id))


async def _check_taking_over(store: Store) -> None:
    old, other = a_session(status="ended", ended_at=MOMENT + 20), a_session()
    await soon(store.keep([old, other], [a_turn(old, 1)]))
    new = await soon(store.take_over(old.id))
    assert new == msgspec.structs.replace(old, generation=1, turns=1), "Nothing else is changed."
    late = [a_turn(old, 1, user_text="late"), a_turn(old, 2), a_turn(other)]
    lost = await soon(store.keep([old, other], late, [a_message(old), a_message(other)]))
    assert lost == {old.id}, "Whoever writes under an older generation has lost the session,"
    assert await soon(store.turns(old.id)) == [a_turn(old, 1)], "and none of it is kept,"
    assert await numbers_of(store, other) == [1], "but all that came with it."
    assert [one.session_id for one in await soon(store.messages("kitchen"))] == [other.id]
    assert await soon(store.keep([new], [a_turn(new, 2)])) == frozenset()
    assert await numbers_of(store, new) == [1, 2], "The newest line writes on."
    await refused(store.take_over(str(uuid4())), UnknownSession)
    for session in (old, other):
        await soon(store.delete(session.id))
