"""Lines to the server: how long silence may last, what is never cut off, and who makes room."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator

import anyio
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from repartee.server.limits.connections import Connections
from repartee.server.lines import Patience
from tests.server.raw_lines import (
    DRIBBLE_SECONDS,
    HEAD,
    LARGE,
    LONGER_SECONDS,
    SHORT,
    WITHIN_SECONDS,
    Line,
    Port,
    a_port,
    until_empty,
)

pytestmark = pytest.mark.anyio


@pytest.fixture
async def port() -> AsyncIterator[Port]:
    """Of a server with little patience."""
    async with a_port(Connections(1_000), SHORT) as port:
        yield port


TOO_SLOW = "The request took longer than 0.5 seconds to come. Send it again."


class TestSilence:
    async def test_a_line_on_which_nothing_comes_is_closed_without_a_word(self, port: Port) -> None:
        async with port.line() as line:
            assert await line.rest() == ""

    async def test_so_is_one_that_only_sends_empty_lines(self, port: Port) -> None:
        async with port.line() as line:
            assert await line.rest_while_dribbling("\r\n") == ""

    async def test_headers_that_come_slowly_are_told_that_they_are_late(self, port: Port) -> None:
        async with port.line(HEAD) as line:
            answer = await line.rest_while_dribbling("X-Slow: 1\r\n")
        assert answer.startswith("HTTP/1.1 408 Request Timeout\r\n")
        assert "connection: close\r\n" in answer
        assert TOO_SLOW in answer

    async def test_the_next_request_on_a_line_has_no_more_time(self, port: Port) -> None:
        async with port.line(f"{HEAD}\r\n") as line:
            await line.until("answered")
            line.say(HEAD)
            assert TOO_SLOW in await line.rest_while_dribbling("X-Slow: 1\r\n")

    async def test_or_the_line_is_closed(self, port: Port) -> None:
        async with port.line(f"{HEAD}\r\n") as line:
            await line.until("answered")
            assert await line.rest() == ""

    async def test_nor_is_a_line_kept_with_nothing_after_an_answer(self, port: Port) -> None:
        async with port.line(f"{HEAD}\r\n") as line:
            await line.until("answered")
            assert await line.rest_while_dribbling("\r\n") == ""

    async def test_a_body_that_nobody_reads_may_not_come_for_ever(self, port: Port) -> None:
        async with port.line(f"{HEAD}Content-Length: 1000000\r\n\r\n") as line:
            await line.until("answered")
            assert await line.rest_while_dribbling("x") == ""

    async def test_for_what_is_left_of_a_body_there_is_the_time_of_bodies(self) -> None:
        async with (
            a_port(Connections(1_000), Patience(head_seconds=0.5, body_seconds=60)) as port,
            port.line(f"{HEAD}Content-Length: 3\r\n\r\n") as line,
        ):
            await line.until("answered")
            line.say("1")
            await anyio.sleep(LONGER_SECONDS)
            line.say(f"23{HEAD}Content-Length: 2\r\n\r\n")
            await line.until("answered")
            line.say("1")
            await anyio.sleep(DRIBBLE_SECONDS)
            line.say("2")
            assert await line.rest() == "", "for the next request there is that of heads again"


class TestWhatLasts:
    async def test_a_long_answer_comes_to_its_end(self, port: Port) -> None:
        async with port.line("GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n") as line:
            line.say(HEAD)  # and its headers do not go on
            assert "\r\n3\r\nend\r\n0\r\n" in await line.until("0\r\n\r\n")

    async def test_a_request_that_takes_its_time_within_bounds_is_answered(
        self, port: Port
    ) -> None:
        async with port.line() as line:
            for letter in f"{HEAD}\r\n":
                line.say(letter)
                await asyncio.sleep(0)
            assert "answered" in await line.until("answered")

    async def test_a_body_that_is_read_is_the_business_of_who_reads_it(self, port: Port) -> None:
        async with port.line("POST /read HTTP/1.1\r\nHost: localhost\r\n") as line:
            line.say("Content-Length: 2\r\n\r\n1")
            await anyio.sleep(LONGER_SECONDS)
            line.say("2")
            await line.until("all read")

    async def test_a_socket_may_be_silent(self, port: Port) -> None:
        async with connect(f"ws://127.0.0.1:{port.number}/") as line:
            await anyio.sleep(LONGER_SECONDS)
            await line.send("still here?")
            assert await line.recv() == "still here?"

    async def test_a_line_that_is_used_is_kept(self, port: Port) -> None:
        async with port.line() as line:
            for _ in range(3):
                line.say(f"{HEAD}\r\n")
                await line.until("answered")
                await anyio.sleep(SHORT.head_seconds / 2)


class TestRoom:
    async def test_every_line_is_counted_until_it_is_gone(self) -> None:
        known = Connections(1_000)
        async with a_port(known) as port:
            async with port.line(f"{HEAD}\r\n") as line:
                await line.until("answered")
                async with connect(f"ws://127.0.0.1:{port.number}/") as socket:
                    await socket.send("one")
                    await socket.recv()
                    assert len(known) == 2
                with pytest.raises(InvalidStatus):
                    await connect(f"ws://127.0.0.1:{port.number}/denied")
            await until_empty(known)

    async def test_who_leaves_is_missed_even_with_another_request_waiting(self) -> None:
        async with a_port(Connections(1_000)) as port:
            asked = "GET /until-gone HTTP/1.1\r\nHost: localhost\r\n\r\n"
            async with port.line(f"{asked}{HEAD}\r\n"):
                with anyio.fail_after(WITHIN_SECONDS):
                    while not port.state.tasks:
                        await anyio.sleep(0.01)
            with anyio.fail_after(WITHIN_SECONDS):
                while port.state.tasks:
                    await anyio.sleep(0.01)

    async def test_one_address_that_has_enough_is_told_so(self) -> None:
        async with (
            a_port(Connections(1_000, most_of_one=2)) as port,
            connect(f"ws://127.0.0.1:{port.number}/"),
            connect(f"ws://127.0.0.1:{port.number}/") as second,
            port.line() as third,
        ):
            refusal = await third.rest()
            await second.send("still here?")
            assert await second.recv() == "still here?"
        assert refusal.startswith("HTTP/1.1 429 Too Many Requests\r\n")
        assert "retry-after: 5\r\n" in refusal
        assert "The limit of 2 connections from one address is reached." in refusal

    async def test_who_is_silent_makes_room_for_who_speaks(self) -> None:
        known = Connections(3)
        async with a_port(known) as port:
            async with (
                connect(f"ws://127.0.0.1:{port.number}/") as socket,
                port.line() as first,
                port.line() as second,
                port.line(f"{HEAD}\r\n") as third,
            ):
                await third.until("answered")
                assert await first.rest() == ""
                second.say(f"{HEAD}\r\n")
                await second.until("answered")
                await socket.send("still here?")
                assert await socket.recv() == "still here?"
            await until_empty(known)

    async def test_who_was_answered_makes_room_after_those_who_never_spoke(self) -> None:
        async with (
            a_port(Connections(2)) as port,
            port.line(f"{HEAD}\r\n") as answered,
        ):
            await answered.until("answered")
            async with port.line() as silent, port.line(f"{HEAD}\r\n") as second:
                await second.until("answered")
                assert await silent.rest() == ""
                async with port.line(f"{HEAD}\r\n") as third:
                    await third.until("answered")
                    assert await answered.rest() == ""
                    second.say(f"{HEAD}\r\n")
                    await second.until("answered")

    async def test_who_still_takes_an_answer_is_not_silent(self) -> None:
        asked = "GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n"
        async with a_port(Connections(1)) as port, port.line(asked) as slow:
            await slow.until("\r\n")
            async with port.line() as late:
                assert (await late.rest()).startswith("HTTP/1.1 503 ")
            await slow.until("x" * len(LARGE))
            async with port.line(f"{HEAD}\r\n") as next_one:
                await next_one.until("answered")

    async def test_who_is_refused_hears_it_even_in_the_midst_of_a_request(self) -> None:
        async with a_port(Connections(1_000, most_of_one=1)) as port, port.line() as first:
            late = socket.create_connection(("127.0.0.1", port.number))
            late.sendall(f"{HEAD}Content-Length: 1000000\r\n\r\n{'x' * 10_000}".encode())
            line = Line(*await asyncio.open_connection(sock=late))
            assert "The limit of 1 connections from one address is reached." in await line.rest()
            line.leave()
            first.say(f"{HEAD}\r\n")
            await first.until("answered")

    async def test_where_all_are_at_work_the_newcomer_is_told_to_come_back(self) -> None:
        async with (
            a_port(Connections(1)) as port,
            connect(f"ws://127.0.0.1:{port.number}/"),
            port.line() as late,
        ):
            refusal = await late.rest()
        assert refusal.startswith("HTTP/1.1 503 ")
        assert "retry-after: 5\r\n" in refusal
        assert "The server has all the connections it takes." in refusal


async def test_a_socket_that_was_denied_is_no_fault_of_the_application(
    port: Port, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(InvalidStatus) as denied:
        await connect(f"ws://127.0.0.1:{port.number}/denied")
    assert denied.value.response.status_code == 401
    assert denied.value.response.body == b"no"
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []
