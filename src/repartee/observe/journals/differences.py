"""What other rules would have changed, in sentences: one for each turn that differs."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from repartee.observe.journals.exchanges import Exchange

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def differences(before: Sequence[Exchange], after: Sequence[Exchange]) -> list[str]:
    """Turns are the same when the same sound or message began them; they are numbered as in the
    call that was recorded."""
    starts = [exchange.opened_at for exchange in after]
    lines = []
    for number, exchange in enumerate(before, 1):
        until = before[number].opened_at if number < len(before) else float("inf")
        first = bisect_left(starts, exchange.opened_at) if number > 1 else 0
        found = after[first : bisect_left(starts, until)]
        lines += [f"turn {number}: {change}" for change in _changes(number, exchange, found)]
    return lines


def _changes(number: int, before: Exchange, found: Sequence[Exchange]) -> list[str]:
    if len(found) == 1:
        changes = _changes_of_one(before, found[0])
        return ["; ".join(changes)] if changes else []
    if found:
        parts = " | ".join(_quoted(part.words) for part in found)
        return [f"would have been cut in {_spelled(len(found))}: {parts}"]
    if before.mode == "typed" or number == 1:
        return ["would not have been answered"]
    return [f"would have been part of turn {number - 1}"]


def _changes_of_one(before: Exchange, after: Exchange) -> list[str]:
    changes = []
    if (before.answered_at is None) != (after.answered_at is None):
        changes.append(
            f"would have been answered: {_quoted(after.words)}"
            if before.answered_at is None
            else "would not have been answered"
        )
        return changes
    if before.waited_ms != after.waited_ms:
        was, now = before.waited_ms, after.waited_ms
        changes.append(f"answered {_ms(was)} → {_ms(now)} after the words ended")
    if before.words != after.words:
        changes.append(f"understood as {_quoted(before.words)} → {_quoted(after.words)}")
    changes += _changes_of_the_reply(before, after)
    return changes


def _changes_of_the_reply(before: Exchange, after: Exchange) -> list[str]:
    changes = []
    if before.began_at is not None and after.began_at is not None:
        earlier_ms = round((before.began_at - after.began_at) * 1000)
        if earlier_ms:
            when = "earlier" if earlier_ms > 0 else "later"
            changes.append(f"the reply was begun {abs(earlier_ms)} ms {when}")
    was, now = _fate(before), _fate(after)
    if was != now:
        changes.append(f"the reply was {was} → {now}")
    return changes


def _fate(exchange: Exchange) -> str:
    if exchange.status in ("interrupted", "failed"):
        heard = f"after {_quoted(exchange.heard)}" if exchange.heard else "before it was heard"
        return f"{exchange.status} {heard}"
    return exchange.status.replace("_", " ") or "not brought to an end"


def _ms(figure: int | None) -> str:
    return "in mid-speech" if figure is None else f"{figure} ms"


def _quoted(words: str) -> str:
    return f'"{words}"' if words else "(no words)"


def _spelled(count: int) -> str:
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)
