"""A journal has no hole: where it can't go on, it ends."""

from __future__ import annotations

import io

import pytest

from repartee.conversation import events as ev
from repartee.observe.journals import writing
from repartee.observe.journals.reading import Journal, parse_journal
from repartee.observe.journals.writing import JournalFile
from tests.observe.journals.recorded import began

TOO_LONG = "The call is longer than a journal may be."


def after(*texts: str) -> Journal:
    file = io.BytesIO()
    journal = JournalFile(file, began())
    for text in texts:
        journal.write(1.0, ev.ReplyText(9, text), [])
    journal.end()
    return parse_journal(io.BytesIO(file.getvalue()))


def test_the_end_counts_what_was_written() -> None:
    journal = after("one", "two")
    assert journal.ended is not None
    assert (journal.ended.events, journal.ended.cut) == (2, "")


@pytest.mark.parametrize(
    ("name", "limit"), [("LONGEST_LINE", 1_000), ("MOST_LINES", 4), ("MOST_BYTES", 6_000)]
)
def test_a_call_that_is_too_long_ends_its_journal_early(
    monkeypatch: pytest.MonkeyPatch, name: str, limit: int
) -> None:
    monkeypatch.setattr(writing, name, limit)
    journal = after("one", "two", "x" * 1_400, "four")
    assert journal.ended is not None
    assert (len(journal.events), journal.ended.cut) == (2, TOO_LONG)
