"""The calls that are live: who may come in, and how all of them come to an end."""

from __future__ import annotations

import anyio

from repartee.calls.call import Call
from repartee.errors import Refused


class Roster:
    def __init__(self, max_calls: int) -> None:
        self._max_calls = max_calls
        self._calls: dict[str, tuple[Call, anyio.CancelScope]] = {}
        self._changed = anyio.Event()
        self.draining = False

    def __repr__(self) -> str:
        return f"<Roster {len(self)} of {self._max_calls} calls>"

    def __len__(self) -> int:
        return len(self._calls)

    @property
    def calls(self) -> tuple[Call, ...]:
        return tuple(call for call, _ in self._calls.values())

    @property
    def in_haste(self) -> int:
        """How many of them owe somebody an answer of which nothing is heard yet."""
        return sum(call.in_haste for call in self.calls)

    def check_room(self) -> None:
        if self.draining:
            raise Refused("The server is shutting down. Connect again in a moment.")
        if len(self._calls) >= self._max_calls:
            raise Refused(
                f"All {self._max_calls} places are taken. Try again when somebody has hung up."
            )

    def enter(self, call: Call, scope: anyio.CancelScope) -> None:
        self._calls[call.id] = (call, scope)

    def leave(self, call: Call) -> None:
        self._calls.pop(call.id, None)
        self._changed.set()
        self._changed = anyio.Event()

    async def hang_up(self, call_id: str, within_seconds: float = 2.0) -> None:
        """End this call, if it is live, and wait until it is over."""
        if call_id not in self._calls:
            return
        self._calls[call_id][1].cancel()
        with anyio.move_on_after(within_seconds):
            while call_id in self._calls:
                await self._changed.wait()

    async def drain(self, seconds: float) -> None:
        """Let nobody in, let replies that are being heard end, then end every call."""
        self.draining = True
        with anyio.move_on_after(seconds):
            while self._calls:
                for call, scope in list(self._calls.values()):
                    if call.conversation.replies.audible is None:
                        scope.cancel()
                with anyio.move_on_after(0.1):
                    await self._changed.wait()
        for _, scope in list(self._calls.values()):
            scope.cancel()
