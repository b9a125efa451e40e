"""Where finished turns are kept. One contract for every kind of store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from repartee.conversation.commands import TurnRecord


class Store(Protocol):
    def keep(self, session_id: str, turn: TurnRecord) -> None:
        """Keep a turn; a later one with the same number replaces it."""

    def turns(self, session_id: str) -> Sequence[TurnRecord]:
        """The turns of a session, oldest first."""

    def forget(self, session_id: str) -> None: ...
