"""Keeps turns without anybody waiting: one writer for the whole server.

    receipt = keeper.keep(turn)     returns at once
    durable = await receipt         when it is kept (True), or lost (False)

Whatever waits goes into the database in one transaction, in the order in which it came; of what is
told about a session meanwhile only the last word is written, however often it changes. A database
that fails is tried again for a little while; then what was to be written is counted as lost, and
its receipts say so, so that the calls go on. Until it works again there is one try only for
whatever comes, and nobody is held up.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Sequence
from itertools import islice

import anyio
import msgspec

from repartee.errors import ReparteeError
from repartee.store.protocol import (
    RecordRefused,
    Session,
    SessionStatus,
    Store,
    StoredMessage,
    StoredTurn,
    StoreUnavailable,
)

log = logging.getLogger(__name__)

ROOM = 10_000
"""Records that may wait; a server whose database stands still must not fill up."""
AT_ONCE = 500
"""Records in one transaction."""
PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Seconds between one try and the next."""
PATIENCE_SECONDS = 2.0
"""All tries together take no longer, whatever the database does."""
BREATH_SECONDS = 0.02
"""After a commit, so that under load more turns share the next one."""
FLUSH_SECONDS = 5.0
"""How long the end of the server may wait for what is still to be written."""

Receipt = asyncio.Future[bool]
"""True when the turn is durable, False when it is lost. Who leaves early changes neither."""
Sleep = Callable[[float], Awaitable[None]]


class Waiting(msgspec.Struct, frozen=True):
    """Something to be written. What is in a session brings it along, in case it is not kept yet.
    Where there is neither a session nor a record, it is a sign of life."""

    session: Session | None
    record: StoredTurn | StoredMessage | None
    receipt: Receipt


class Keeper:
    def __init__(
        self,
        store: Store,
        *,
        room: int = ROOM,
        patience_seconds: float = PATIENCE_SECONDS,
        sleep: Sleep = anyio.sleep,
    ) -> None:
        self._store = store
        self._room = room
        self._patience_seconds = patience_seconds
        self._sleep = sleep
        self._waiting: dict[Hashable, Waiting] = {}
        """What is told about a session replaces what is told about it already."""
        self._in_hand: list[Waiting] = []
        self._arrived = asyncio.Event()
        self._live: dict[str, Session] = {}
        self._elsewhere: dict[str, asyncio.Event] = {}
        """For who waits to hear that a session goes on on another line."""
        self.failing = False
        """The database did not take what it was given last."""
        self.lost = 0
        """Turns that could not be kept since the server started."""
        self.began: Counter[str] = Counter()
        """How many sessions began since then, by the interface that they came in by."""
        self.ended: Counter[str] = Counter()

    def __repr__(self) -> str:
        state = "failing" if self.failing else "well"
        return f"<Keeper {state}, {len(self._waiting)} waiting, {self.lost} lost>"

    @property
    def waiting(self) -> int:
        """Records that are to be written yet."""
        return len(self._waiting) + len(self._in_hand)

    # ------------------------------------------------------------ for calls: never waits

    def session_began(self, session: Session) -> Receipt:
        """Also told when something about it has changed."""
        if session.id not in self._live:
            self.began[session.interface] += 1
        self._live[session.id] = session
        return self._queue(session, None)

    def session_ended(
        self, session_id: str, ended_at: float, status: SessionStatus = "ended"
    ) -> Receipt:
        """The last word on a session that began; its turns were handed in before."""
        session = self._live.pop(session_id)
        self._elsewhere.pop(session_id, None)
        self.ended[session.interface] += 1
        ended = msgspec.structs.replace(session, status=status, ended_at=ended_at)
        return self._queue(ended, None)

    def keep(self, record: StoredTurn | StoredMessage) -> Receipt:
        return self._queue(self._live.get(record.session_id), record)

    async def until_elsewhere(self, session_id: str) -> None:
        """Wait until this session, which is live, is found to go on at another server."""
        await self._elsewhere.setdefault(session_id, asyncio.Event()).wait()

    def give_sign_of_life(self) -> Receipt:
        """Tell the other servers of this database that this one is alive, and look which sessions
        it has lost to them."""
        return self._queue(None, None)

    def _queue(self, session: Session | None, record: StoredTurn | StoredMessage | None) -> Receipt:
        receipt: Receipt = asyncio.get_running_loop().create_future()
        key: Hashable = receipt
        if record is None and session is not None:
            key = (session.id, session.generation)
            if (outdated := self._waiting.pop(key, None)) is not None:
                receipt = outdated.receipt
        entry = Waiting(session, record, receipt)
        if len(self._waiting) < self._room:
            self._waiting[key] = entry
            self._arrived.set()
        else:
            self._lose([entry], _too_slow())
        return asyncio.shield(entry.receipt)

    # ------------------------------------------------------------ the writer

    async def run(self) -> None:
        """Write whatever comes, until cancelled."""
        try:
            while True:
                await self._arrived.wait()
                self._arrived.clear()
                while self._waiting:
                    first = list(islice(self._waiting, AT_ONCE))
                    self._in_hand = [self._waiting.pop(key) for key in first]
                    await self._write(self._in_hand)
                    self._in_hand = []
                    await self._sleep(BREATH_SECONDS)
        finally:
            left = [*self._in_hand, *self._waiting.values()]
            self._lose([entry for entry in left if not entry.receipt.done()], _stopped())
            self._waiting.clear()

    async def flush(self, within_seconds: float = FLUSH_SECONDS) -> None:
        """Wait until everything handed in so far is kept or lost, but not for ever."""
        receipts = {entry.receipt for entry in (*self._in_hand, *self._waiting.values())}
        if receipts:
            await asyncio.wait(receipts, timeout=within_seconds)

    async def _write(self, entries: list[Waiting]) -> None:
        try:
            elsewhere = await self._try_for_a_while(entries)
        except RecordRefused as trouble:
            if len(entries) == 1:
                self._lose(entries, trouble)
            else:  # one of them is to blame, and the others shall be kept
                middle = len(entries) // 2
                await self._write(entries[:middle])
                await self._write(entries[middle:])
        except Exception as trouble:  # whatever it is, the writer must outlive it
            self._lose(entries, trouble)
        else:
            self._kept([one for one in entries if _session_id_of(one) not in elsewhere])
            self._outrun([one for one in entries if _session_id_of(one) in elsewhere])

    async def _try_for_a_while(self, entries: Sequence[Waiting]) -> frozenset[str]:
        """A database that has just failed gets one chance, not another row of them."""
        try:
            async with asyncio.timeout(self._patience_seconds):
                for pause in () if self.failing else PAUSES:
                    with contextlib.suppress(StoreUnavailable):
                        return await self._hand_over(entries)
                    await self._sleep(pause)
                return await self._hand_over(entries)
        except TimeoutError:
            raise _too_slow() from None

    async def _hand_over(self, entries: Sequence[Waiting]) -> frozenset[str]:
        """Gives the sessions of these entries that go on elsewhere."""
        if any(entry.session is None and entry.record is None for entry in entries):
            live = list(self._live.values())
            self._tell_lines(live, await self._store.beat(live))
        sessions = list({e.session.id: e.session for e in entries if e.session}.values())
        turns = [entry.record for entry in entries if isinstance(entry.record, StoredTurn)]
        messages = [entry.record for entry in entries if isinstance(entry.record, StoredMessage)]
        if not (sessions or turns or messages):
            return frozenset()
        elsewhere = await self._store.keep(sessions, turns, messages)
        self._tell_lines(sessions, elsewhere)
        return elsewhere

    # ------------------------------------------------------------ what became of it

    def _kept(self, entries: Sequence[Waiting]) -> None:
        for entry in entries:
            entry.receipt.set_result(True)
        if self.failing:
            self.failing = False
            log.warning("Turns are being kept again.", extra={"lost_so_far": self.lost})

    def _outrun(self, entries: Sequence[Waiting]) -> None:
        """What was still said on an old line, when its session went on on another one."""
        for entry in entries:
            entry.receipt.set_result(False)
        self.lost += sum(isinstance(entry.record, StoredTurn) for entry in entries)

    def _tell_lines(self, known_as: Sequence[Session], elsewhere: frozenset[str]) -> None:
        """Unless the newer line is one of this server's, too."""
        for session in known_as:
            live = self._live.get(session.id)
            if session.id in elsewhere and live and live.generation <= session.generation:
                self._elsewhere.setdefault(session.id, asyncio.Event()).set()
                log.info("A session goes on at another server, and its line here ends.")

    def _lose(self, entries: Sequence[Waiting], trouble: Exception) -> None:
        """Ours is a sentence that may be written down; another's could quote what was said."""
        why = trouble if isinstance(trouble, ReparteeError) else type(trouble).__name__
        turns = sum(isinstance(entry.record, StoredTurn) for entry in entries)
        self.lost += turns
        for entry in entries:
            entry.receipt.set_result(False)
        if isinstance(trouble, RecordRefused):
            log.error("%d turns could not be kept. %s", turns, why)
        elif entries and not self.failing:
            self.failing = True
            log.error("%d turns could not be kept, and others may follow. %s", turns, why)


@contextlib.asynccontextmanager
async def keeping(store: Store) -> AsyncIterator[Keeper]:
    """A keeper at work while the block lasts; at its end it writes what it still has."""
    keeper = Keeper(store)
    writer = asyncio.create_task(keeper.run(), name="keeper")
    try:
        yield keeper
    finally:
        try:
            await keeper.flush()
        finally:
            writer.cancel()
            await asyncio.wait([writer])


def _session_id_of(entry: Waiting) -> str | None:
    return entry.session.id if entry.session else None


def _too_slow() -> StoreUnavailable:
    return StoreUnavailable(
        "The database does not keep up.", hint="Look for what slows it down: its disk, or a lock."
    )


def _stopped() -> StoreUnavailable:
    return StoreUnavailable(
        "The server ended before the database had taken everything.",
        hint="Look why the database was slow.",
    )
