"""Server-sent events out of bytes."""

import pytest

from repartee.engines.remote.events import MOST_EVENT_BYTES, EventReader, NoEvents

STREAM = (
    ": a comment\r\n\r\n"
    'data: {"text": "Grüße, Zoë"}\r\n\r\n'
    "event: note\nid: 7\nretry: 100\ndata:first\ndata: second\n\n"
    "\n\n"
    "data: [DONE]\n\n"
    "data: this one is cut off"
).encode()
EVENTS = ['{"text": "Grüße, Zoë"}'.encode(), b"first\nsecond", b"[DONE]"]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1000])
def test_events_are_the_same_wherever_the_bytes_are_cut(size: int) -> None:
    reader = EventReader()
    pieces = [STREAM[at : at + size] for at in range(0, len(STREAM), size)]
    assert [data for piece in pieces for data in reader.push(piece)] == EVENTS


def test_an_event_is_given_out_with_the_byte_that_completes_it() -> None:
    reader = EventReader()
    assert list(reader.push(b"data: now\n")) == []
    assert list(reader.push(b"\n")) == [b"now"]


@pytest.mark.parametrize("page", [b"<!doctype html>\n", b'{"error": "no"}\n', b"\xff\xfe\0\n"])
def test_what_is_no_stream_of_events_is_noticed_at_its_first_line(page: bytes) -> None:
    with pytest.raises(NoEvents):
        list(EventReader().push(page))


@pytest.mark.parametrize("line", [b"data:" + b"x" * 999 + b"\n", b"x" * 1000])
def test_an_event_without_end_is_not_collected_for_ever(line: bytes) -> None:
    reader = EventReader()
    for _ in range(MOST_EVENT_BYTES // len(line)):
        assert list(reader.push(line)) == []
    with pytest.raises(NoEvents):
        list(reader.push(line))


def test_many_events_of_which_none_is_long_are_no_trouble() -> None:
    reader = EventReader()
    event = b"data: " + b"x" * 1000 + b"\n\n"
    assert sum(len(list(reader.push(event))) for _ in range(3000)) == 3000
