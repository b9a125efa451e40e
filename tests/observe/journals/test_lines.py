"""What stands in a line of a journal."""

from __future__ import annotations

import math

import msgspec
import pytest

from repartee.conversation import commands as do
from repartee.conversation import events as ev
from repartee.conversation.memory import Message
from repartee.observe.journals.lines import (
    Ended,
    Happened,
    from_line,
    happened,
    to_line,
    written,
)
from tests.conversation.test_events import EXAMPLES
from tests.observe.journals.recorded import began


@pytest.mark.parametrize("event", EXAMPLES)
def test_every_event_is_written_and_read_again(event: ev.Event) -> None:
    line = to_line(happened(12345.678901234567, event, [do.Listen(1)]))
    again = from_line(line)
    assert isinstance(again, Happened)
    assert (again.at, again.event) == (12345.678901234567, event)
    assert again.wishes == [{"type": "Listen", "turn": 1}]


@pytest.mark.parametrize("line", [began(), Ended(7), Ended(7, "The disk was too slow.")])
def test_the_beginning_and_the_end_too(line: msgspec.Struct) -> None:
    assert from_line(msgspec.json.encode(line)) == line


def test_a_line_is_one_line_whatever_is_said_in_it() -> None:
    line = to_line(happened(1.0, ev.Typed("one\ntwo\r\x85\u2028"), []))
    assert line.count(b"\n") == 1
    assert b"\r" not in line


def test_an_event_without_wishes_is_short() -> None:
    assert to_line(happened(1.5, ev.TimePassed(), [])) == (
        b'{"type":"event","at":1.5,"event":{"type":"TimePassed"}}\n'
    )


def test_of_the_messages_for_the_model_a_digest_is_kept() -> None:
    messages = (Message("system", "Be kind." * 1_000), Message("user", "hello"))
    wish = written(do.Think(3, messages, "spoken"))
    assert wish["messages"].startswith("2 messages, ")
    assert len(to_line(happened(1.0, ev.TimePassed(), [do.Think(3, messages, "spoken")]))) < 200
    other = (*messages[:-1], Message("user", "hallo"))
    assert written(do.Prime(other))["messages"] != wish["messages"]
    assert written(do.Prime(messages))["messages"] == wish["messages"]


@pytest.mark.parametrize(
    ("confidence", "kept"), [(math.nan, 0.0), (math.inf, 1.0), (-math.inf, 0.0), (0.123, 0.123)]
)
def test_a_confidence_that_json_does_not_know_means_what_it_meant(
    confidence: float, kept: float
) -> None:
    line = from_line(to_line(happened(1.0, ev.FinalHeard(1, 1, "yes", confidence), [])))
    assert isinstance(line, Happened)
    assert line.event == ev.FinalHeard(1, 1, "yes", kept)
