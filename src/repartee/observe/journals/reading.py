"""Reading a journal from a file that may be anybody's: bounded, and exact about what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from repartee.errors import BadInput
from repartee.observe.journals.lines import (
    FORMAT,
    LONGEST_LINE,
    MOST_BYTES,
    MOST_LINES,
    Began,
    Ended,
    Happened,
    Line,
    from_line,
)

_LONGEST_REASON = 160


class Journal(msgspec.Struct, frozen=True):
    began: Began
    events: tuple[Happened, ...]
    ended: Ended | None
    """None: the server was stopped in the middle of the call."""
    torn: bool = False
    """Whether the last line broke off while it was written; it is left out."""


class _Format(msgspec.Struct):
    format: int


def read_journal(path: Path) -> Journal:
    """`BadInput` says what is wrong with a file, and in which line."""
    try:
        with path.open("rb") as file:
            return parse_journal(file)
    except OSError as problem:
        raise BadInput(f"{path} can't be read: {problem.strerror}.") from problem


def parse_journal(file: BinaryIO) -> Journal:
    lines = _lines(file)
    _, first = next(lines, (1, b""))
    began = _beginning(first)
    events: list[Happened] = []
    ended: Ended | None = None
    for number, text in lines:
        try:
            line = _line(number, text)
        except BadInput:
            if text.endswith(b"\n"):
                raise
            return Journal(began, tuple(events), ended, torn=True)
        if ended is not None:
            raise BadInput(f"Line {number} of the journal comes after its end.")
        match line:
            case Happened():
                events.append(line)
            case Ended():
                ended = line
                _check_end(number, ended, len(events))
            case Began():
                raise BadInput(f"Line {number} of the journal begins another call.")
    return Journal(began, tuple(events), ended)


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    read = 0
    for number in range(1, MOST_LINES + 2):
        text = file.readline(LONGEST_LINE + 1)
        if not text:
            return
        if len(text) > LONGEST_LINE:
            raise BadInput(f"Line {number} of the journal is longer than {LONGEST_LINE} bytes.")
        read += len(text)
        if read > MOST_BYTES or number > MOST_LINES:
            raise BadInput(
                f"The journal has more than {MOST_LINES} lines or {MOST_BYTES} bytes; "
                "Repartee writes none that long."
            )
        yield number, text


def _beginning(text: bytes) -> Began:
    """A format of another time may look quite different, so only its number is read at first."""
    try:
        found = msgspec.json.decode(text, type=_Format).format
    except (ValueError, RecursionError):
        raise BadInput(
            "This is no journal of a call: its first line doesn't say how the call began."
        ) from None
    if found != FORMAT:
        raise BadInput(f"The journal has format {found}; this Repartee reads format {FORMAT}.")
    line = _line(1, text)
    if not isinstance(line, Began):
        raise BadInput("Line 1 of the journal doesn't say how the call began.")
    return line


def _line(number: int, text: bytes) -> Line:
    try:
        return from_line(text)
    except RecursionError:
        reason = "it is nested too deeply"
    except ValueError as problem:
        reason = "".join(sign for sign in str(problem) if sign.isprintable())[:_LONGEST_REASON]
    raise BadInput(f"Line {number} of the journal is damaged: {reason}.")


def _check_end(number: int, ended: Ended, events: int) -> None:
    if ended.events != events:
        raise BadInput(
            f"Line {number} of the journal counts {ended.events} events, but there are {events}: "
            "lines are missing or were added."
        )
