"""`repartee replay`: run a recorded call again, as it was or under other settings."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from repartee.errors import BadInput, SettingsError

if TYPE_CHECKING:
    from repartee.conversation import Rules
    from repartee.observe.journals.reading import Journal
    from repartee.observe.journals.replay import Departure, Step

SAME, DIFFERENT, UNREADABLE = 0, 1, 2
_MOST_SHOWN = 10
_LONGEST_SHOWN = 400

RULE_OF = {
    "endpoint_min_ms": "wait_finished_ms",
    "endpoint_default_ms": "wait_default_ms",
    "endpoint_max_ms": "wait_open_ms",
    "low_confidence": "low_confidence",
    "max_turn_seconds": "max_turn_ms",
    "barge_in_ms": "barge_in_after_ms",
    "speculation": "speculate",
    "max_reply_seconds": "reply_within_ms",
    "hold_after_ms": "hold_after_ms",
    "memory_messages": "memory_messages",
    "max_text_chars": "max_text_chars",
    "default_language": "language",
    "instructions": "instructions",
}
"""The settings by which a conversation decides, and the rule that each of them is."""


def replay(
    file: Annotated[Path, typer.Argument(help="The journal of a call (.jsonl).")],
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", help="A setting to change; may be repeated.", metavar="NAME=VALUE"),
    ] = None,
) -> None:
    """Run a recorded call again: are the decisions the same?

    With --set it shows what other settings would have changed. It exits with 0 when all is the
    same, 1 when something is different, 2 when the journal or a setting can't be used.
    """
    from repartee.observe.journals.reading import read_journal
    from repartee.observe.journals.replay import replayed

    try:
        journal = read_journal(file)
    except BadInput as problem:
        print(problem, file=sys.stderr)
        raise typer.Exit(UNREADABLE) from None
    rules = changed_rules(journal.began.rules, changes or [])
    steps = replayed(journal)
    same = _compare(journal, steps) if not changes else _compare_with(journal, steps, rules)
    if not same:
        raise typer.Exit(DIFFERENT)


# ---------------------------------------------------------------- as it was


def _compare(journal: Journal, steps: Sequence[Step]) -> bool:
    from repartee.observe.journals.replay import departures

    found = departures(journal, steps)
    decisions = sum(len(step.commands) for step in steps)
    for departure in found[:_MOST_SHOWN]:
        _show(departure, departure.at - journal.began.clock)
    outcome = f"{len(found):,} of them decided otherwise" if found else "all the same"
    print(f"{_count(len(steps), 'event')}, {_count(decisions, 'decision')}, {outcome}.")
    _say_how_it_ends(journal)
    return not found


def _show(departure: Departure, seconds: float) -> None:
    print(f"line {departure.line}, {seconds:.3f} s: {_short(departure.event)}")
    print(f"  then: {_short(list(departure.was))}\n  now:  {_short(list(departure.now))}")


def _say_how_it_ends(journal: Journal) -> None:
    if journal.torn:
        print("The last line breaks off and is left out: the server was stopped as it wrote it.")
    elif journal.ended is None:
        print("The journal has no end: the server was stopped during the call.")
    elif journal.ended.cut:
        print(f"The journal ends before the call: {journal.ended.cut}")


# ---------------------------------------------------------------- under other settings


def _compare_with(journal: Journal, before: Sequence[Step], rules: Rules) -> bool:
    from repartee.observe.journals.differences import differences
    from repartee.observe.journals.exchanges import exchanges
    from repartee.observe.journals.replay import departures
    from repartee.observe.journals.what_if import what_if

    if departures(journal, before):
        print("As it is, this journal no longer leads to the decisions that it holds.")
    outcome = what_if(journal, rules)
    turns = exchanges(before)
    lines = differences(turns, exchanges(outcome.steps))
    print(*(_clean(line) for line in lines), sep="\n", end="\n" if lines else "")
    same = _decisions(before) == _decisions(outcome.steps)
    if same:
        print(f"{_count(len(turns), 'turn')}, all the same.")
    elif not lines:
        print(f"{_count(len(turns), 'turn')}, answered alike, but not every decision is the same.")
    if outcome.guessed_from is not None:
        seconds = outcome.guessed_from - journal.began.clock
        print(f"From {seconds:.1f} s on, what would have been said is partly guessed.")
    _say_how_it_ends(journal)
    return same


def _decisions(steps: Sequence[Step]) -> list[object]:
    return [(step.at, command) for step in steps for command in step.commands]


def changed_rules(rules: Rules, changes: Sequence[str]) -> Rules:
    """The rules of the call with these settings (`name=value`) instead; `SettingsError`."""
    import msgspec

    from repartee.server.house import conversation_rules
    from repartee.settings import Settings

    wanted: dict[str, object] = {name: _as_setting(rules, name) for name in RULE_OF}
    given = dict(_setting(change) for change in changes)
    changed = conversation_rules(Settings.load({}, None, wanted | given))
    fields = {RULE_OF[name]: getattr(changed, RULE_OF[name]) for name in given}
    return msgspec.structs.replace(rules, **fields)


def _as_setting(rules: Rules, name: str) -> object:
    value = getattr(rules, RULE_OF[name])
    if isinstance(value, bool):
        return "on" if value else "off"
    return value / 1000 if name.endswith("_seconds") else value


def _setting(change: str) -> tuple[str, str]:
    name, _, value = change.partition("=")
    field = name.strip().lower()
    if field not in RULE_OF or not value.strip():
        known = ", ".join(name.upper() for name in RULE_OF)
        raise SettingsError(
            f"--set {_short(change)} changes nothing by which a conversation decides. "
            f"Write NAME=VALUE with one of {known}."
        )
    return field, value


# ---------------------------------------------------------------- small words


def _short(what: object) -> str:
    text = _clean(str(what))
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def _clean(text: str) -> str:
    """What a journal holds may not steer the terminal."""
    return "".join(sign if sign.isprintable() else "�" for sign in text)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
