"""What is told to the client, and what of it waits until it is certain."""

from __future__ import annotations

import logging

from repartee.calls.client import Client
from repartee.calls.keeping import turn_to_keep
from repartee.conversation import commands as do
from repartee.conversation import told
from repartee.observe.onlookers import Onlookers, TurnSeen
from repartee.observe.turn_times import TurnTimes
from repartee.store.keeper import Keeper, Receipt

log = logging.getLogger(__name__)


class Teller:
    """That a turn is complete is told when it is durable, and nothing else waits for that: what
    comes after may overtake it. That it was interrupted can't wait for long, since its sound must
    stop at the other end too: the client holds it back for a moment only.
    """

    def __init__(
        self,
        call_id: str,
        client: Client,
        keeper: Keeper,
        unix_offset: float,
        onlookers: Onlookers,
    ) -> None:
        self._call_id = call_id
        self._client = client
        self._keeper = keeper
        self._unix_offset = unix_offset
        self._onlookers = onlookers
        self._receipt: Receipt | None = None
        """What becomes of the turn that was remembered last."""
        self._waiting: list[told.Told] = []

    def tell(self, what: told.Told) -> None:
        if isinstance(what, told.ReplyCompleted):
            self._tell_when_kept(what)
            return
        if isinstance(what, told.ReplyInterrupted):
            self._tell_what_waits()
        self._client.tell(what)

    def trace(self, what: told.Traced) -> None:
        if what.event == "turn_complete":
            self._tell_when_kept(what)
        else:
            self._client.tell(what)

    def remember(self, turn: do.TurnRecord, times: TurnTimes) -> None:
        receipt = self._keeper.keep(turn_to_keep(turn, times, self._call_id, self._unix_offset))
        receipt.add_done_callback(self._is_kept)
        self._receipt = receipt
        if turn.status == "interrupted":
            self._client.hold(receipt)
        log.info("A turn is %s.", turn.status, extra={"turn": turn.number, **times.for_log()})
        self._onlookers.turn_over(TurnSeen(self._call_id, turn, times, self._unix_offset))

    def _tell_when_kept(self, what: told.Told) -> None:
        if self._receipt is None or self._receipt.done():
            self._client.tell(what)
        else:
            self._waiting.append(what)

    def _tell_what_waits(self) -> None:
        waiting, self._waiting = self._waiting, []
        for what in waiting:
            self._client.tell(what)

    def _is_kept(self, receipt: Receipt) -> None:
        if receipt is self._receipt:
            self._tell_what_waits()
        if not (receipt.cancelled() or receipt.result()):
            sentence = "This turn could not be saved, so it will be missing from the history."
            self._client.tell(told.Problem(sentence, "turn_not_saved"))
