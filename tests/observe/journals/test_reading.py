"""A journal may be anybody's file: what is wrong with it is said, and where."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from repartee.conversation import Rules
from repartee.conversation import events as ev
from repartee.errors import BadInput
from repartee.observe.journals import reading
from repartee.observe.journals.lines import Ended
from repartee.observe.journals.reading import parse_journal, read_journal
from tests.observe.journals.recorded import speech, written

LINES = written(speech(1.0, 2.0)).splitlines(keepends=True)


def sentence(data: bytes) -> str:
    with pytest.raises(BadInput) as wrong:
        parse_journal(io.BytesIO(data))
    return str(wrong.value)


def test_a_whole_journal() -> None:
    journal = parse_journal(io.BytesIO(b"".join(LINES)))
    assert journal.began.rules == Rules()
    assert [one.event for one in journal.events] == [ev.SpeechStarted(1.0), ev.SpeechPaused(2.0)]
    assert (journal.ended, journal.torn) == (Ended(2), False)


def test_a_server_that_was_stopped_leaves_a_journal_without_an_end() -> None:
    journal = parse_journal(io.BytesIO(b"".join(LINES[:-1])))
    assert (len(journal.events), journal.ended, journal.torn) == (2, None, False)


@pytest.mark.parametrize("left", range(1, len(LINES[2]) - 1, 7))
def test_a_last_line_that_broke_off_is_left_out(left: int) -> None:
    journal = parse_journal(io.BytesIO(b"".join(LINES[:2]) + LINES[2][:left]))
    assert (len(journal.events), journal.ended, journal.torn) == (1, None, True)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_only_the_line_break_may_be_missing(count: int) -> None:
    data = b"".join(LINES[:count])
    assert not parse_journal(io.BytesIO(data[:-1])).torn


@pytest.mark.parametrize(
    ("damaged", "said"),
    [
        (b'{"type":"event","at":"soon","event":{"type":"TimePassed"}}\n', "Expected `float`"),
        (b'{"type":"event","at":1.0,"event":{"type":"Sneezed"}}\n', "Sneezed"),
        (b'{"type":"event","at":1e999,"event":{"type":"TimePassed"}}\n', "out of range"),
        (b'{"type":"event","at":1.0,"event":{"type":"Typed","text":"\xff"}}\n', "utf-8"),
        (b'{"type":"event","at":1.0,"wishes":' + b"[" * 9_999 + b"\n", ""),
        (b'{"type":"event","at":1.0,"event":{"type":"\\u001b[2J\\n' + b"x" * 999 + b'"}}\n', ""),
        (b"\x00\x01\n", ""),
        (b"\n", ""),
        (b"[]\n", "Expected `object`"),
    ],
)
def test_a_damaged_line_is_named_by_its_number(damaged: bytes, said: str) -> None:
    whole = sentence(LINES[0] + LINES[1] + damaged + LINES[2])
    assert whole.startswith("Line 3 of the journal is damaged: ")
    assert said in whole
    assert len(whole) < 250
    assert whole.isprintable()


def test_lines_that_are_missing_are_noticed() -> None:
    assert sentence(LINES[0] + LINES[2] + LINES[3]) == (
        "Line 3 of the journal counts 2 events, but there are 1: lines are missing or were added."
    )


def test_nothing_comes_after_the_end() -> None:
    assert sentence(b"".join(LINES) + LINES[1]) == "Line 5 of the journal comes after its end."


def test_a_journal_is_one_call() -> None:
    assert sentence(LINES[0] * 2) == "Line 2 of the journal begins another call."


@pytest.mark.parametrize("data", [b"", b"RIFF\x00\x00", b"{}\n", b'{"format":"x"}\n', b"[" * 9_999])
def test_another_kind_of_file(data: bytes) -> None:
    assert sentence(data).startswith("This is no journal of a call")


def test_a_journal_of_another_time() -> None:
    assert sentence(b'{"format":2,"who":"knows"}\n') == (
        "The journal has format 2; this Repartee reads format 1."
    )


def test_the_first_line_must_be_the_beginning() -> None:
    said = sentence(b'{"type":"ended","format":1,"events":0}\n')
    assert said == "Line 1 of the journal doesn't say how the call began."


def test_rules_that_nobody_may_have_are_refused() -> None:
    said = sentence(LINES[0].replace(b'"wait_open_ms":1200', b'"wait_open_ms":1'))
    assert said.startswith("Line 1 of the journal is damaged: The waits must not shrink")


def test_sizes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LONGEST_LINE", 10_000)
    assert "Line 2 of the journal is longer" in sentence(LINES[0] + b" " * 10_001)
    monkeypatch.setattr(reading, "MOST_LINES", 3)
    assert "has more than 3 lines" in sentence(b"".join(LINES))
    monkeypatch.setattr(reading, "MOST_BYTES", len(LINES[0]))
    assert f"or {len(LINES[0])} bytes" in sentence(LINES[0] + LINES[1])


def test_a_file_that_can_not_be_read(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"none\.jsonl can't be read: No such file or directory\."):
        read_journal(tmp_path / "none.jsonl")
