"""The promises of a store."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from uuid import UUID, uuid4, uuid5

import msgspec

from repartee.errors import ReparteeError
from repartee.store.protocol import (
    Forgotten,
    NameTaken,
    RecordRefused,
    Session,
    Store,
    StoredKey,
    StoredMessage,
    StoredTurn,
    UnknownKey,
    UnknownSession,
)
from repartee.testing.checks.looking import soon

MOMENT = 1_750_000_000.25


async def check_store(store: Store) -> None:
    """Keeping and replacing, listing in pages, and forgetting.

    The store is empty and not yet opened.
    """
    await store.open()
    try:
        await _check_keeping(store)
        await _check_all_or_nothing(store)
        await _check_hostile_text(store)
        await _check_strangers(store)
        await _check_deleting(store)
        await _check_pages(store)
        await _check_forgetting(store)
        await _check_messages(store)
        await _check_owners(store)
        await _check_keys(store)
        await _check_many_at_once(store)
    finally:
        await store.close()


def a_session(**fields: object) -> Session:
    """A session like many; `fields` are those that matter."""
    plain = Session(id=str(uuid4()), interface="ws", created_at=MOMENT)
    return msgspec.structs.replace(plain, **fields)


def turn_id(session_id: str, number: int) -> str:
    """The same for the same turn, so that a check knows it before it is kept."""
    return str(uuid5(UUID(session_id), str(number)))


def a_turn(session: Session, number: int = 1, **fields: object) -> StoredTurn:
    """A turn like many, two seconds long."""
    plain = StoredTurn(
        id=turn_id(session.id, number),
        session_id=session.id,
        number=number,
        mode="spoken",
        status="complete",
        user_text="What time is it?",
        assistant_text="It is five o'clock.",
        heard_text="It is five o'clock.",
        confidence=0.9,
        started_at=MOMENT + 10 * number,
        ended_at=MOMENT + 10 * number + 2,
    )
    return msgspec.structs.replace(plain, **fields)


def a_message(session: Session, **fields: object) -> StoredMessage:
    """A message like many, in a conversation named kitchen."""
    plain = StoredMessage(
        id=str(uuid4()),
        session_id=session.id,
        conversation_id="kitchen",
        user_id="ada",
        text="What time is it?",
        language="en",
        confidence=0.9,
        duration_seconds=1.5,
        model="scripted",
        assistant_text="It is five o'clock.",
        created_at=MOMENT,
    )
    return msgspec.structs.replace(plain, **fields)


async def _check_keeping(store: Store) -> None:
    session = a_session(persona="astronaut", client="a page", interface="call")
    times = {"time_to_first_partial": 0.25, "time_to_first_audio": 1 / 3}
    second, first = a_turn(session, 2, **times), a_turn(session, 1)
    await soon(store.keep([session], [second, first]))
    kept = await soon(store.session(session.id))
    assert kept == msgspec.structs.replace(session, turns=2), "A session comes back as it was."
    assert await soon(store.turns(session.id)) == [first, second], "Turns come oldest first."

    cut = a_turn(session, 2, id=str(uuid4()), status="interrupted", heard_text="It is")
    ended = msgspec.structs.replace(session, status="ended", ended_at=MOMENT + 30)
    await soon(store.keep([ended], [cut]))
    replaced = msgspec.structs.replace(cut, id=second.id)
    assert await soon(store.turns(session.id)) == [first, replaced], (
        "A later turn of the same number replaces the earlier one, whose id it takes."
    )
    kept = await soon(store.session(session.id))
    assert (kept.status, kept.ended_at) == ("ended", MOMENT + 30), "A session can be ended."
    await soon(store.delete(session.id))


async def _check_all_or_nothing(store: Store) -> None:
    session, nobody = a_session(), a_session()
    await refused(store.keep([session], [a_turn(session), a_turn(nobody)]), RecordRefused)
    await refused(store.session(session.id), UnknownSession)
    await soon(store.keep([], []))


async def _check_hostile_text(store: Store) -> None:
    session = a_session(client="x\0y")
    written = "naïve 🎈 %s ' \" \\ ; -- \u2028 \n"
    turn = a_turn(session, user_text=written * 500, assistant_text="\0", heard_text="\ud83d")
    await soon(store.keep([session], [turn]))
    (kept,) = await soon(store.turns(session.id))
    assert kept.user_text == turn.user_text, "Text comes back as it was."
    assert kept.assistant_text == kept.heard_text == "\ufffd", "No database takes these two."
    await soon(store.delete(session.id))


async def _check_strangers(store: Store) -> None:
    for nobody in (str(uuid4()), "", "x\0y", "\ud83d", "' OR 1=1 --", "long" * 1000):
        await refused(store.session(nobody), UnknownSession)
        await refused(store.turns(nobody), UnknownSession)
        await refused(store.delete(nobody), UnknownSession)
        await refused(store.sessions(10, before=nobody), UnknownSession)


async def _check_deleting(store: Store) -> None:
    gone, stays = a_session(), a_session()
    await soon(store.keep([gone, stays], [a_turn(gone), a_turn(stays)]))
    await soon(store.delete(gone.id))
    await refused(store.turns(gone.id), UnknownSession)
    assert len(await soon(store.turns(stays.id))) == 1, "Deleting one session harms no other."
    await soon(store.keep([gone], []))
    assert await soon(store.turns(gone.id)) == [], "The turns of a deleted session are gone."
    for session in (gone, stays):
        await soon(store.delete(session.id))


async def _check_pages(store: Store) -> None:
    newer = [a_session(created_at=MOMENT + 1) for _ in range(4)]
    older = [a_session(created_at=MOMENT) for _ in range(3)]
    await soon(store.keep([*older, *newer], []))
    listed = await soon(store.sessions(100))
    assert {one.id for one in listed[:4]} == {one.id for one in newer}, "Newest come first."
    paged: list[Session] = []
    while page := await soon(store.sessions(2, before=paged[-1].id if paged else None)):
        assert len(page) <= 2, "A page is no longer than it was asked for."
        paged += page
    assert paged == listed, "Pages add up to the list, even where moments are equal."
    for session in listed:
        await soon(store.delete(session.id))
    assert await soon(store.sessions(100)) == [], "An empty store lists nothing."


async def _check_forgetting(store: Store) -> None:
    old = a_session(status="ended", ended_at=MOMENT + 50)
    young = a_session(status="ended", ended_at=MOMENT + 100)
    alive = a_session()
    turns = [a_turn(session, number) for session in (old, young, alive) for number in (1, 2, 7, 8)]
    await soon(store.keep([old, young, alive], turns))
    deleted: list[int] = []
    while not deleted or deleted[-1] == 2:
        deleted.append(await soon(store.delete_older_than(MOMENT + 60, 2)))
        assert deleted[-1] <= 2, "A batch is no longer than it was asked for."
    assert sum(deleted) == 7, "Deleted: a session, its turns, and old turns of a living session."
    await refused(store.session(old.id), UnknownSession)
    assert await numbers_of(store, young) == [1, 2, 7, 8], "What ended later is kept whole."
    assert await numbers_of(store, alive) == [7, 8], "Of a living session the old turns go."
    for session in (young, alive):
        await soon(store.delete(session.id))


async def _check_messages(store: Store) -> None:
    asked_in, other = a_session(), a_session()
    messages = [a_message(asked_in, created_at=MOMENT + at) for at in range(3)]
    later = a_message(other, created_at=MOMENT + 10)
    elsewhere = a_message(asked_in, conversation_id="elsewhere", text="\0")
    await soon(store.keep([asked_in, other], [], [later, *reversed(messages), elsewhere]))
    assert await soon(store.messages("kitchen")) == [*messages, later], "They come oldest first."
    (kept,) = await soon(store.messages("elsewhere"))
    assert kept == msgspec.structs.replace(elsewhere, text="\ufffd"), "Conversations never mix."
    for nobody in ("", "x\0y", "\ud83d", "' OR 1=1 --", "Kitchen"):
        assert await soon(store.messages(nobody)) == [], "A stranger has said nothing."

    amended = msgspec.structs.replace(later, assistant_text="It is six.")
    await soon(store.keep([], [], [amended]))
    assert (await soon(store.messages("kitchen")))[-1] == amended, "A message may be replaced."
    await refused(store.keep([], [], [a_message(a_session())]), RecordRefused)

    await soon(store.delete(other.id))
    assert await soon(store.messages("kitchen")) == messages, "They go with their session."
    assert await soon(store.delete_older_than(MOMENT + 2, 100)) == 3, "Old ones are forgotten."
    assert await soon(store.messages("kitchen")) == messages[2:]
    await soon(store.delete(asked_in.id))

    many = [a_message(asked_in, created_at=MOMENT + at // 7) for at in range(250)]
    ended = msgspec.structs.replace(asked_in, status="ended", ended_at=MOMENT + 50)
    await soon(store.keep([ended], [], many))
    in_order = sorted(many, key=lambda message: (message.created_at, message.id))
    assert await soon(store.messages("kitchen")) == in_order, "All of them, however many."
    deleted = [await soon(store.delete_older_than(MOMENT + 60, 100)) for _ in range(3)]
    assert deleted == [100, 100, 51], "They go in batches, and then their session."
    assert await soon(store.messages("kitchen")) == []
    await refused(store.session(ended.id), UnknownSession)


async def _check_owners(store: Store) -> None:
    mine = [a_session(owner="me", created_at=MOMENT + at) for at in range(3)]
    yours, nobodys = a_session(owner="you"), a_session()
    everything = [*mine, yours, nobodys]
    turns = [a_turn(session, number) for session in everything for number in (1, 2)]
    messages = [a_message(mine[0]), a_message(yours)]
    await soon(store.keep(everything, turns, messages))
    listed = await soon(store.sessions(10, owner="me"))
    assert [one.id for one in listed] == [one.id for one in reversed(mine)], "Everyone sees theirs."
    assert len(await soon(store.sessions(10))) == 5, "Who asks for no owner sees all of them."
    assert len(await soon(store.sessions(10, mine[1].id, "me"))) == 1
    await refused(store.sessions(10, before=yours.id, owner="me"), UnknownSession)
    assert await soon(store.messages("kitchen", "me")) == messages[:1], "So it is with messages."
    assert await soon(store.messages("kitchen", "nobody")) == []

    taken_over = msgspec.structs.replace(yours, owner="me", persona="thief")
    await soon(store.keep([taken_over], []))
    assert (await soon(store.session(yours.id))).owner == "you", "No session changes hands."

    deleted: list[Forgotten] = []
    while not deleted or deleted[-1].rows == 4:
        deleted.append(await soon(store.delete_of("me", 4)))
        assert deleted[-1].rows <= 4, "A batch is no longer than it was asked for."
    assert sum(one.rows for one in deleted) == 10, "Three sessions, their turns and a message."
    gone = [session_id for one in deleted for session_id in one.sessions]
    assert sorted(gone) == sorted(one.id for one in mine), "It is told which sessions are gone."
    left = {one.id for one in await soon(store.sessions(10))}
    assert left == {yours.id, nobodys.id}, "What belongs to others stays."
    assert await soon(store.messages("kitchen")) == messages[1:]
    rest = await soon(store.delete_of(None, 100))
    assert rest.rows == 7, "Whoever asks for no owner deletes all."
    assert await soon(store.sessions(10)) == []


async def _check_keys(store: Store) -> None:
    laptop = StoredKey(digest="ab" * 32, name="laptop", created_at=MOMENT)
    desk = StoredKey(digest="cd" * 32, name="desk", admin=True, created_at=MOMENT + 1)
    for key in (laptop, desk):
        await soon(store.keep_key(key))
    assert await soon(store.keys()) == [desk, laptop], "Keys come back in the order of their names."
    await refused(store.keep_key(msgspec.structs.replace(laptop, digest="ef" * 32)), NameTaken)
    assert await soon(store.delete_key("laptop")) == laptop, "Who deletes a key is told whose."
    await refused(store.delete_key("laptop"), UnknownKey)
    assert await soon(store.keys()) == [desk], "Deleting one key harms no other."
    await soon(store.delete_key("desk"))


async def _check_many_at_once(store: Store) -> None:
    sessions = [a_session(created_at=MOMENT + at) for at in range(8)]
    numbers = range(1, 251)
    each = (store.keep([one], [a_turn(one, number) for number in numbers]) for one in sessions)
    await soon(asyncio.gather(*each, *(store.sessions(5) for _ in sessions)))
    for session in sessions:
        assert await numbers_of(store, session) == list(numbers), "Nothing is lost, nothing mixes."


async def numbers_of(store: Store, session: Session) -> Sequence[int]:
    return [turn.number for turn in await soon(store.turns(session.id))]


async def refused(asked: Awaitable[object], kind: type[ReparteeError]) -> None:
    try:
        await soon(asked)
    except kind:
        return
    raise AssertionError(f"This is refused with {kind.__name__}.")
