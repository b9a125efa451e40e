"""What ends a call that nobody ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import anyio
import pytest

from repartee.calls.clock import now
from repartee.calls.shares import payer
from repartee.dialects.ws import WsDialect
from repartee.server.house import House
from repartee.server.pump import Connection
from repartee.server.voice_socket import VoiceSocket
from tests.calls.line import QUIET, VOICE, pcm
from tests.calls.virtual_time import IN_VIRTUAL_TIME, Backend
from tests.server.every_interface import served
from tests.server.fake_socket import FakeSocket
from tests.server.test_pump import a_house

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> Backend:
    return IN_VIRTUAL_TIME


@pytest.fixture
def me() -> Iterator[str]:
    before = payer.set("me")
    yield "me"
    payer.reset(before)


def a_call(house: House) -> Any:
    return served(lambda socket: Connection(socket.server_end, WsDialect(), house))


async def closed(socket: FakeSocket) -> tuple[int, str]:
    while socket.farewell is None:
        await anyio.sleep(0.1)
    return socket.farewell


class TestSilence:
    async def test_a_call_on_which_nothing_is_said_is_ended_with_a_sentence(self) -> None:
        async with a_call(a_house(idle_seconds=60)) as socket:
            began = now()
            code, reason = await closed(socket)
            assert now() - began == pytest.approx(60, abs=1)
            error = socket.frames[-1]
            assert (error["type"], error["code"]) == ("error", "idle")
            assert error["data"] == reason
            assert reason == (
                "Nothing was said for 60 seconds, so the call has ended. Connect again any time."
            )
            assert code == 1000

    async def test_neither_sound_without_a_voice_nor_a_ping_is_something_said(self) -> None:
        async with a_call(a_house(idle_seconds=10)) as socket:
            for _ in range(9):
                await anyio.sleep(1)
                socket.say_raw(pcm(QUIET, 1_000))
                socket.say(type="ping")
            await anyio.sleep(2)
            assert socket.farewell is not None

    @pytest.mark.parametrize("how", ["typed", "spoken"])
    async def test_whatever_is_said_begins_the_time_anew(self, how: str) -> None:
        async with a_call(a_house(idle_seconds=30)) as socket:
            await anyio.sleep(25)
            if how == "typed":
                socket.say(type="chat", message="Hello.")
            else:
                socket.say_raw(pcm(VOICE, 1_000))
                socket.say_raw(pcm(QUIET, 2_000))
            await anyio.sleep(25)
            assert socket.farewell is None
            await anyio.sleep(25)
            assert socket.farewell is not None

    async def test_nought_is_never(self) -> None:
        async with a_call(a_house(idle_seconds=0, max_call_minutes=0)) as socket:
            await anyio.sleep(3_000)
            assert socket.farewell is None

    async def test_the_voice_socket_has_it_too(self) -> None:
        house = a_house(idle_seconds=60)
        async with served(lambda socket: VoiceSocket(socket.server_end, house)) as socket:
            code, reason = await closed(socket)
            assert code == 1000
            assert reason.startswith("Nothing was said for 60 seconds")
            assert socket.frames[-1]["error"] == reason


async def test_a_call_may_last_only_so_long() -> None:
    async with a_call(a_house(max_call_minutes=3, idle_seconds=0)) as socket:
        began = now()
        code, reason = await closed(socket)
        assert now() - began == pytest.approx(180, abs=1)
        assert (code, socket.frames[-1]["code"]) == (1000, "too_long")
        assert reason == "A call may last 3 minutes, and this one has. Connect again any time."


async def test_so_may_a_connection_of_the_voice_socket() -> None:
    house = a_house(max_call_minutes=3, idle_seconds=0)
    async with served(lambda socket: VoiceSocket(socket.server_end, house)) as socket:
        began = now()
        code, reason = await closed(socket)
        assert now() - began == pytest.approx(180, abs=1)
        assert (code, reason) == (1000, socket.frames[-1]["error"])
        assert reason.startswith("A call may last 3 minutes")


async def test_turns_that_are_only_spoken_are_counted_too(me: str) -> None:
    house = a_house(limits="on", limit_requests_per_minute=2)
    async with a_call(house) as socket:
        for _ in range(3):
            socket.say_raw(pcm(VOICE, 1_000))
            socket.say_raw(pcm(QUIET, 3_000))
            await anyio.sleep(4)
        code, reason = await closed(socket)
        assert code == 1013
        assert socket.frames[-1]["code"] == "limit_reached"
        assert reason.startswith("The limit of 2 requests per minute is reached. Try again")
        assert sum(frame["type"] == "transcript" for frame in socket.frames) >= 2


async def test_a_caller_who_has_had_all_sound_is_told_and_the_line_is_closed(me: str) -> None:
    house = a_house(limits="on", limit_audio_minutes_per_hour=1)
    async with a_call(house) as socket:
        for _ in range(70):
            socket.say_raw(pcm(QUIET, 1_000))
            await anyio.sleep(1)
            if socket.farewell is not None:
                break
        code, reason = await closed(socket)
        assert code == 1013
        assert socket.frames[-1]["code"] == "limit_reached"
        assert reason.startswith("The limit of 1 minutes of sound per hour is reached. Try again")
        assert house.limits.reached == {"audio": 1}
