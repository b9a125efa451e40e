"""Going on with a conversation whose line was lost, from what was kept of it.

A session's id is known to nobody but its client, and is all that is asked for, beside the key that
it came with. What was heard is in the store; so a client may come back to a server that was started
anew, or to another one that shares the database. Its old line may be dead without anybody having
noticed: one of this server is hung up first, and another server finds out that the session was
taken over. Nothing that is still said on such a line is kept, so that no two lines write of it.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import msgspec

from repartee.calls.clock import wall_time
from repartee.calls.roster import Roster
from repartee.conversation import events as ev
from repartee.conversation.memory import Message
from repartee.store.keeper import Keeper
from repartee.store.protocol import Session, Store, StoredTurn, StoreUnavailable, UnknownSession

RESUMABLE_SECONDS = 600.0
"""For how long a client that was cut off finds its conversation again."""


class Resumable(msgspec.Struct, frozen=True):
    session: Session
    past: ev.Resumed


async def resumable(
    session_id: str, interface: str, store: Store, keeper: Keeper, roster: Roster, owner: str = ""
) -> Resumable | None:
    """None when there is nothing to go on with: it is unknown, or was too long ago, or belongs to
    another owner."""
    if not _is_id(session_id):
        return None
    if owner and not await _belongs_to(owner, session_id, store, keeper):
        return None
    await roster.hang_up(session_id)
    await keeper.flush(within_seconds=1.0)
    try:
        session = await store.session(session_id)
        if session.interface != interface or _is_too_long_ago(session):
            return None
        session = await store.take_over(session_id)
        turns = await store.turns(session_id)
    except (UnknownSession, StoreUnavailable):
        return None
    fresh = msgspec.structs.replace(session, status="active", ended_at=None)
    last = max((turn.number for turn in turns), default=0)
    return Resumable(fresh, ev.Resumed(tuple(said(turns)), last))


async def _belongs_to(owner: str, session_id: str, store: Store, keeper: Keeper) -> bool:
    """Nobody hangs up for others."""
    await keeper.flush(within_seconds=1.0)
    try:
        return (await store.session(session_id)).owner == owner
    except (UnknownSession, StoreUnavailable):
        return False


def said(turns: Sequence[StoredTurn]) -> list[Message]:
    """What the model is shown of these turns: what was said, and what was heard of the answers."""
    messages: list[Message] = []
    for turn in turns:
        if turn.status != "low_confidence" and turn.user_text:
            messages.append(Message("user", turn.user_text))
            if turn.heard_text:
                messages.append(Message("assistant", turn.heard_text))
    return messages


def _is_too_long_ago(session: Session) -> bool:
    return session.ended_at is not None and wall_time() - session.ended_at > RESUMABLE_SECONDS


def _is_id(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
