"""Turns kept in memory: bounded, and gone with the process."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from repartee.conversation.commands import TurnRecord


class MemoryStore:
    def __init__(self, max_sessions: int = 1_000, max_turns: int = 1_000) -> None:
        self._max_sessions = max_sessions
        self._max_turns = max_turns
        self._sessions: OrderedDict[str, OrderedDict[int, TurnRecord]] = OrderedDict()

    def keep(self, session_id: str, turn: TurnRecord) -> None:
        turns = self._sessions.setdefault(session_id, OrderedDict())
        turns[turn.number] = turn
        if len(turns) > self._max_turns:
            turns.popitem(last=False)
        if len(self._sessions) > self._max_sessions:
            self._sessions.popitem(last=False)

    def turns(self, session_id: str) -> Sequence[TurnRecord]:
        return tuple(self._sessions.get(session_id, {}).values())

    def forget(self, session_id: str) -> None:
        self._sessions.pop(session_id, None)
