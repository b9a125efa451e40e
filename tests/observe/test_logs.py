"""The log: one line for each record, the call beside it, and nothing private in it."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
import pytest

from repartee.observe.logs import call_id, configure, said
from tests.observe.restored import log_restored


@pytest.fixture(autouse=True)
def log_as_before() -> Iterator[None]:
    with log_restored():
        yield


def logged(format: Literal["text", "json"], message: str, *args: object, **extra: object) -> str:
    stream = io.StringIO()
    configure("INFO", format, stream=stream)
    logging.getLogger("repartee.trial").info(message, *args, extra=extra)
    return stream.getvalue()


def record(message: str, *args: object, **extra: object) -> dict[str, Any]:
    line: dict[str, Any] = json.loads(logged("json", message, *args, **extra))
    return line


class TestText:
    def test_a_line_says_when_how_grave_and_who(self) -> None:
        line = logged("text", "Ready on port %d.", 8000, engine="espeak", note="two words")
        _, rest = line.split(" ", 1)
        assert rest == (
            'INFO    repartee.trial: Ready on port 8000. engine=espeak note="two words"\n'
        )

    def test_what_a_client_sent_can_not_begin_a_line(self) -> None:
        line = logged("text", "Hello %s", "a\r\n00:00:00 ERROR\x1b[2J\u2028", who="b\nc")
        assert line.count("\n") == 1
        assert "a\\r\\n00:00:00 ERROR\\x1b[2J\\u2028" in line
        assert 'who="b\\nc"' in line

    def test_lines_of_a_traceback_are_marked(self) -> None:
        stream = io.StringIO()
        configure("INFO", "text", stream=stream)
        try:
            raise ValueError("one\n00:00:00 INFO two")
        except ValueError:
            logging.getLogger("repartee").exception("It broke.")
        first, *rest = stream.getvalue().splitlines()
        assert first.endswith("ERROR   repartee: It broke.")
        assert rest
        assert all(row.startswith("    | ") for row in rest)


class TestJson:
    def test_a_line_is_one_object(self) -> None:
        line = record("Ready on port %d.", 8000, took_ms=1.5, engines=["a"])
        assert line.pop("time").endswith("+00:00")
        assert line == {
            "level": "info",
            "logger": "repartee.trial",
            "message": "Ready on port 8000.",
            "took_ms": 1.5,
            "engines": "['a']",
        }

    def test_extras_can_not_replace_what_the_line_is_made_of(self) -> None:
        assert record("Hello", level="x", logger="x")["level"] == "info"

    def test_an_error_brings_its_traceback(self) -> None:
        stream = io.StringIO()
        configure("INFO", "json", stream=stream)
        try:
            raise ValueError("broken")
        except ValueError:
            logging.getLogger("repartee").exception("It broke.")
        assert "ValueError: broken" in json.loads(stream.getvalue())["trace"]


class TestCalls:
    def test_the_call_stands_on_every_record(self) -> None:
        token = call_id.set("c-17")
        try:
            assert record("Hello")["call_id"] == "c-17"
            assert "Hello call=c-17" in logged("text", "Hello")
        finally:
            call_id.reset(token)

    def test_outside_of_calls_there_is_none(self) -> None:
        assert "call_id" not in record("Hello")


class TestPrivacy:
    def test_what_was_said_is_counted(self) -> None:
        configure("INFO", "text")
        assert said("my name is\nNobody") == "<4 words>"
        assert said("Hello") == "<1 word>"
        assert said("") == "<0 words>"

    def test_what_was_said_is_shown_where_that_is_wanted(self) -> None:
        configure("INFO", "text", transcripts=True)
        assert said('my "name"\n') == '"my \\"name\\"\\n"'

    @pytest.mark.parametrize("sound", [b"\0\1" * 8, bytearray(16), np.zeros(8, np.int16)])
    def test_sound_is_only_measured(self, sound: object) -> None:
        assert record("Heard", audio=sound)["audio"] == "<16 bytes>"

    def test_keys_are_hidden(self) -> None:
        line = record("GET /ws?ticket=abc&x=1 %s", "Bearer s3cr3t", api_key="s3cr3t", who="key=abc")
        assert line["message"] == "GET /ws?ticket=***&x=1 Bearer ***"
        assert (line["api_key"], line["who"]) == ("***", "key=***")

    def test_loggers_that_write_down_frames_stay_quiet(self) -> None:
        configure("DEBUG", "text", stream=io.StringIO())
        assert logging.getLogger("repartee").isEnabledFor(logging.DEBUG)
        assert not logging.getLogger("uvicorn.error").isEnabledFor(logging.DEBUG)
        assert not logging.getLogger("websockets.server").isEnabledFor(logging.DEBUG)
        assert not logging.getLogger("httpx").isEnabledFor(logging.INFO)


class TestConfigure:
    def test_uvicorn_goes_the_same_way(self) -> None:
        stream = io.StringIO()
        own = logging.StreamHandler(io.StringIO())
        logging.getLogger("uvicorn").addHandler(own)
        configure("INFO", "text", stream=stream)
        logging.getLogger("uvicorn.error").info("Started.", extra={"color_message": "\x1b[1m"})
        assert stream.getvalue().endswith("INFO    uvicorn: Started.\n")

    def test_configuring_again_replaces_what_was_there(self) -> None:
        first = io.StringIO()
        configure("DEBUG", "text", stream=first)
        logged("text", "Once")
        assert first.getvalue() == ""

    def test_a_level_that_is_higher_holds_for_everybody(self) -> None:
        stream = io.StringIO()
        configure("ERROR", "text", stream=stream)
        logging.getLogger("uvicorn.error").warning("Careful.")
        logging.getLogger("httpx").warning("Careful.")
        assert stream.getvalue() == ""
