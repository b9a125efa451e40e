"""Lines to the server: how much may come on one of them, and answers that nobody takes."""

from __future__ import annotations

import logging
import socket

import anyio
import pytest

from repartee.server.heads import MOST_HEAD_BYTES
from repartee.server.limits.connections import Connections
from repartee.server.lines import MOST_IN_LINE, HttpLine, Patience
from tests.server.raw_lines import HEAD, WITHIN_SECONDS, Port, a_port, until_empty

pytestmark = pytest.mark.anyio

CHUNKED = "POST {} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
STREAM = "GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n"
LONG_HEADERS = f"X-Long: {'x' * 1_000}\r\n" * (MOST_HEAD_BYTES // 1_000)
ENDLESS = "X-Endless: " + "x" * 6 * MOST_HEAD_BYTES
ALL_OF_THE_STREAM = "\r\n3\r\nend\r\n0\r\n\r\n"


class TestWhatIsTooMuch:
    @pytest.mark.parametrize("much", [LONG_HEADERS, "a:\r\n" * 2_000, ENDLESS])
    async def test_headers_without_end_are_refused(self, much: str) -> None:
        async with a_port(Connections(1_000)) as port, port.line(HEAD) as line:
            line.say(much)
            assert (await line.rest()).startswith("HTTP/1.1 431 ")

    async def test_so_is_an_address_without_end(self) -> None:
        async with a_port(Connections(1_000)) as port, port.line("GET /") as line:
            line.say("x" * MOST_HEAD_BYTES)
            assert (await line.rest()).startswith("HTTP/1.1 431 ")

    @pytest.mark.parametrize("much", [LONG_HEADERS, "a:\r\n" * 2_000, ENDLESS])
    async def test_headers_after_the_body_are_no_way_around_it(self, much: str) -> None:
        async with a_port(Connections(1_000)) as port:
            async with port.line(f"{CHUNKED.format('/')}0\r\n") as line:
                await line.until("answered")
                line.say(much)
                assert await line.rest() == "", "it was answered already"
            async with port.line(f"{CHUNKED.format('/read')}0\r\n") as line:
                line.say(much)
                assert (await line.rest()).startswith("HTTP/1.1 431 ")

    async def test_a_few_of_them_may_come_and_go_nowhere(self) -> None:
        first = f"{CHUNKED.format('/')}0\r\nX-Api-Key: mine\r\n"
        async with a_port(Connections(1_000)) as port, port.line(first) as line:
            await line.until("answered")
            line.say(f"\r\n{CHUNKED.format('/read')}0\r\nX-Api-Key: mine\r\n\r\n")
            await line.until("all read")
            (server_end,) = port.state.connections
            assert isinstance(server_end, HttpLine)
            assert [name for name, _ in server_end.headers] == [b"host", b"transfer-encoding"]

    async def test_many_requests_may_come_at_once(self) -> None:
        padded = f"{HEAD}X-Long: {'x' * 1_000}\r\n\r\n"
        async with a_port(Connections(1_000)) as port, port.line() as line:
            line.say(padded * (2 * MOST_HEAD_BYTES // 1_000))
            line.say("GET / HTTP/1.0\r\n\r\n")
            answers = await line.rest()
        assert answers.count("HTTP/1.1 200 OK") == 2 * MOST_HEAD_BYTES // 1_000 + 1

    async def test_but_not_any_number(self) -> None:
        async with a_port(Connections(1_000)) as port, port.line() as line:
            line.say(f"{HEAD}\r\n" * (MOST_IN_LINE + 50))
            answers = await line.rest()
        assert MOST_IN_LINE <= answers.count("HTTP/1.1 200 OK") < MOST_IN_LINE + 50
        assert answers.count("HTTP/1.1 429 Too Many Requests") == 1

    async def test_a_body_is_no_head_however_long_it_is(self) -> None:
        body = "x" * 16 * MOST_HEAD_BYTES
        first = f"POST /read HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
        async with a_port(Connections(1_000)) as port, port.line(f"{first}{body}") as line:
            await line.until("all read")

    async def test_the_next_request_may_follow_a_long_body(self) -> None:
        body = b"x" * 2 * MOST_HEAD_BYTES
        first = f"{HEAD}Content-Length: {len(body)}\r\n\r\n"
        async with a_port(Connections(1_000)) as port, port.line(first) as line:
            await line.until("answered")
            (server_end,) = port.state.connections
            assert isinstance(server_end, HttpLine)
            server_end.data_received(body + HEAD.encode())  # in one piece, as it may well come
            line.say("\r\n")
            await line.until("answered")

    @pytest.mark.parametrize(
        ("much", "told"), [(f"{HEAD}{LONG_HEADERS}", "431"), ("no request\r\n\r\n", "400")]
    )
    async def test_nobody_is_interrupted_to_be_told(self, much: str, told: str) -> None:
        async with a_port(Connections(1_000)) as port, port.line(STREAM) as line:
            await line.until("the ")
            line.say(much)
            answers = await line.rest()
        stream, end, refusal = answers.partition(ALL_OF_THE_STREAM)
        assert end, answers
        assert "HTTP/1.1" not in stream
        assert refusal.startswith(f"HTTP/1.1 {told} ")

    async def test_what_is_no_body_is_refused_and_who_reads_it_goes_on_to_others(self) -> None:
        async with a_port(Connections(1_000)) as port:
            async with port.line(CHUNKED.format("/read")) as line:
                line.say("no length\r\n")
                refusal = await line.rest()
            assert refusal.startswith("HTTP/1.1 400 ")
            assert refusal.count("HTTP/1.1") == 1
            assert not port.state.tasks


def say_and_read_nothing(port: Port, text: str) -> socket.socket:
    """A client with little room for what it does not take."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    line.connect(("127.0.0.1", port.number))
    line.sendall(text.encode())
    return line


class TestAnswersThatNobodyTakes:
    @pytest.mark.parametrize(
        "asked",
        [
            "GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n" * 3,
            "GET /large HTTP/1.0\r\n\r\n",
        ],
    )
    async def test_keep_no_line(self, asked: str, caplog: pytest.LogCaptureFixture) -> None:
        known = Connections(1_000)
        patience = Patience(head_seconds=0.5, body_seconds=0.5, taken_seconds=0.5)
        async with a_port(known, patience) as port:
            line = say_and_read_nothing(port, asked)
            with anyio.fail_after(WITHIN_SECONDS):
                while not port.state.total_requests:
                    await anyio.sleep(0.01)
            await until_empty(known)
            while port.state.tasks:
                await anyio.sleep(0.01)
            line.close()
        assert [record for record in caplog.records if record.levelno > logging.INFO] == []

    async def test_but_who_takes_it_gets_all_of_it(self) -> None:
        patience = Patience(head_seconds=60, body_seconds=60, taken_seconds=2)
        asked = "GET /large HTTP/1.0\r\n\r\n"
        async with a_port(Connections(1_000), patience) as port, port.line(asked) as line:
            assert (await line.rest()).endswith("x" * 1_000)
