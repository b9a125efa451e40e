"""What is kept of sessions and turns, and what every store can do with them.

Moments are seconds since 1970, as floats, everywhere inside; only the routes write them as dates.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

import msgspec

from repartee.conversation.commands import Mode, Status
from repartee.errors import BadInput, ReparteeError

SessionStatus = Literal["active", "ended", "abandoned"]
"""Abandoned: its server went away before it could end it."""


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One client's stay, on whatever interface."""

    id: str
    """A UUID."""
    interface: str
    """The wire language it speaks: "ws", "call" and so on."""
    persona: str = ""
    client: str = ""
    """A label the client gave itself, or its program's name."""
    owner: str = ""
    """The id of the key that it came with; empty where nobody was asked for one."""
    status: SessionStatus = "active"
    created_at: float
    ended_at: float | None = None
    generation: int = 0
    """How often it went on on another line. The store counts it, and only the newest one may still
    write of it."""
    turns: int = 0
    """How many are kept. The store counts them; what is handed in here is not looked at."""


class StoredTurn(msgspec.Struct, frozen=True, kw_only=True):
    """One turn of a session: what was said, what was heard of the answer, and how soon."""

    id: str
    session_id: str
    number: int
    mode: Mode
    status: Status
    user_text: str
    assistant_text: str
    heard_text: str
    confidence: float
    started_at: float
    ended_at: float
    time_to_first_partial: float | None = None
    """This and the following in seconds; None where it did not happen."""
    time_to_final_transcript: float | None = None
    time_to_first_token: float | None = None
    time_to_first_audio: float | None = None


class StoredMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A spoken message in a conversation that its client names, and the answer to it.

    The turn that it was is kept beside it, and goes when its session goes; so does this.
    """

    id: str
    session_id: str
    conversation_id: str
    user_id: str
    text: str
    language: str
    confidence: float
    duration_seconds: float
    model: str
    """What wrote it down."""
    assistant_text: str
    created_at: float


class StoredKey(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a key, which is not the key itself: nobody comes in with what is here."""

    digest: str
    """The SHA-256 of the key, in hexadecimal digits."""
    name: str
    admin: bool = False
    """Whether it may read and delete what others said."""
    created_at: float

    @property
    def id(self) -> str:
        """What its sessions are kept under."""
        return self.digest[:16]


class Forgotten(msgspec.Struct, frozen=True):
    """What was deleted in one go."""

    rows: int
    sessions: Sequence[str]
    """The ids of those sessions of which nothing is left."""


class Store(Protocol):
    """What one server has of the database, which others may share.

    Every method raises `StoreUnavailable` while the database can't be used.
    """

    async def open(self) -> None:
        """Connect, and bring the database up to date."""

    async def close(self) -> None: ...

    async def keep(
        self,
        sessions: Sequence[Session],
        turns: Sequence[StoredTurn],
        messages: Sequence[StoredMessage] = (),
    ) -> frozenset[str]:
        """All of it or nothing; durable when this returns.

        Except for sessions that have gone on on another line meanwhile: nothing is written of
        them, and their ids are given back.

        What is kept already is replaced: a session or a message by its id, a turn by its session
        and number. A replaced turn keeps its id. `RecordRefused` when something can't be kept.
        """

    async def sessions(
        self, limit: int, before: str | None = None, owner: str | None = None
    ) -> list[Session]:
        """Newest first; `before` is the id of the last session of the page above. With an `owner`
        only those of this key: to others, a session that is not theirs is unknown."""

    async def session(self, session_id: str) -> Session:
        """`UnknownSession` when there is none; so do the two below."""

    async def turns(self, session_id: str) -> list[StoredTurn]:
        """The turns of a session, oldest first."""

    async def messages(self, conversation_id: str, owner: str | None = None) -> list[StoredMessage]:
        """The messages of a conversation, oldest first; none for one that nobody knows. With an
        `owner` only those that came with this key."""

    async def delete(self, session_id: str) -> None:
        """Forget a session, its turns and its messages."""

    async def delete_older_than(self, moment: float, batch: int) -> int:
        """Forget sessions that ended before this moment, with their turns and messages, and turns
        and messages as old in those still active.

        At most `batch` rows are deleted, so that nobody waits long for the database; fewer than
        that mean that no more are left.
        """

    async def delete_of(self, owner: str | None, batch: int) -> Forgotten:
        """Forget all sessions of this key, or of everybody, with their turns and messages; as many
        rows at a time as above."""

    async def take_over(self, session_id: str) -> Session:
        """From now on only this server writes of the session, under the next generation.

        `UnknownSession` when there is none.
        """

    async def beat(self, live: Sequence[Session]) -> frozenset[str]:
        """Say that this server is alive, and that of its sessions just these are.

        One of them that was taken for abandoned is active again, and one that it no longer serves
        is ended. Those that go on on another line are given back, as above.
        """

    async def has_company(self, within_seconds: float) -> bool:
        """Whether another server of this store has said so lately that it is alive."""

    async def mark_abandoned(self, silent_seconds: float) -> int:
        """End the active sessions of servers of which nothing was heard for so long, and say how
        many there were. They ended with their last turn."""

    async def keys(self) -> list[StoredKey]:
        """In the order of their names."""

    async def keep_key(self, key: StoredKey) -> None:
        """`NameTaken` when another key has this name."""

    async def delete_key(self, name: str) -> StoredKey:
        """The key that is no more; `UnknownKey` when there is none of this name."""


class UnknownSession(BadInput):
    code = "unknown_session"

    def __init__(self) -> None:
        super().__init__("There is no such session.", hint="It was deleted, or the id is mistyped.")


class NameTaken(BadInput):
    code = "name_taken"

    def __init__(self, name: str) -> None:
        super().__init__(f"There is a key named {name} already.", hint="Choose another name.")


class UnknownKey(BadInput):
    code = "unknown_key"

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no key named {name}.", hint="repartee keys list shows them.")


class RecordRefused(ReparteeError):
    """Something to be kept can't be, however often it is tried."""

    code = "record_refused"


class StoreUnavailable(ReparteeError):
    """The database can't be used at the moment."""

    code = "store_unavailable"
    retryable = True


class TablesMissing(StoreUnavailable):
    """The database is there, but it is empty: it was replaced or emptied under way."""
