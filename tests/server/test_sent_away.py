"""Whoever is on a line when the server goes: heard out, answered, told when to come back."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from repartee.calls.clock import wall_time
from repartee.dialects.call import CallDialect
from repartee.server.house import House
from repartee.server.voice_socket import VoiceSocket
from repartee.store.opening import opened
from tests.calls.fakes import TroubledVoice, hangs
from tests.calls.line import scripted
from tests.server.every_interface import WAV, WAV_BASE64, first_of, served
from tests.server.fake_socket import FakeSocket
from tests.server.open_house import on_the_phone, open_house
from tests.server.slow_model import Slow

pytestmark = pytest.mark.anyio

GONE = (1001, "The call has ended. Connect again any time.")
COME_BACK = re.compile(r"The server is shutting down\. Connect again in (\d+) seconds\.")


@asynccontextmanager
async def asking_over_a_socket(house: House) -> AsyncIterator[FakeSocket]:
    """A client of `/api/voice/ws/chat`."""
    async with served(lambda socket: VoiceSocket(socket.server_end, house)) as socket:
        socket.say(type="ping")
        await socket.until_type("pong")
        yield socket


async def until_draining(house: House) -> None:
    while not house.roster.draining:
        await anyio.lowlevel.checkpoint()


def check_sent_away(socket: FakeSocket) -> dict[str, Any]:
    """The last that was told, before the line was closed as all are."""
    last = socket.frames[-1]
    assert (last["type"], last["code"]) == ("error", "going_away")
    told = COME_BACK.fullmatch(last["message"])
    assert told is not None
    assert 0 <= int(told[1]) * 1000 - last["resume_after_ms"] < 1_000
    assert socket.farewell == GONE
    return last


class TestPushToTalk:
    async def test_what_is_being_said_is_said_to_its_end(self) -> None:
        slow = Slow()
        async with (
            open_house(engines=slow.engines) as house,
            on_the_phone(house, CallDialect(wall_time)) as socket,
            anyio.create_task_group() as tasks,
        ):
            session_id = (await first_of(socket, "session_id"))["session_id"]
            socket.say(type="start")
            socket.say_raw(WAV)
            socket.say(type="stop")
            await slow.asked.wait()
            tasks.start_soon(house.drain)
            await until_draining(house)
            slow.may_go_on.set()
            await socket.until_type("tts_done")
            told = await socket.until(lambda frame: frame.get("code") == "going_away")
            assert told["session_id"] == session_id
        check_sent_away(socket)

    async def test_whoever_holds_the_button_may_let_it_go(self) -> None:
        async with (
            open_house() as house,
            on_the_phone(house, CallDialect(wall_time)) as socket,
            anyio.create_task_group() as tasks,
        ):
            socket.say(type="start")
            socket.say_raw(WAV[: len(WAV) // 2])
            while not house.roster.engaged:
                await anyio.lowlevel.checkpoint()
            tasks.start_soon(house.drain)
            await until_draining(house)
            socket.say_raw(WAV[len(WAV) // 2 :])
            socket.say(type="stop")
            await socket.until_type("tts_done")
        check_sent_away(socket)


class TestRequestsOverASocket:
    async def test_a_client_that_waits_for_nothing_is_told_at_once(self) -> None:
        async with open_house() as house, asking_over_a_socket(house) as socket:
            await house.drain()
            told = check_sent_away(socket)
            assert told["error"] == told["message"]

    async def test_it_is_not_called_back_to_a_server_that_is_not_there_yet(self) -> None:
        async with (
            open_house(shutdown_seconds=20) as house,
            asking_over_a_socket(house) as socket,
        ):
            await house.drain()
            assert 24_900 < check_sent_away(socket)["resume_after_ms"] < 27_000

    async def test_unless_another_one_is_there(self, tmp_path: Path) -> None:
        url = f"sqlite:///{tmp_path}/shared.db"
        async with (
            opened(url) as another,
            open_house(url, shutdown_seconds=20) as house,
            asking_over_a_socket(house) as socket,
        ):
            await another.beat([])
            await house.drain()
            assert 1_000 <= check_sent_away(socket)["resume_after_ms"] < 3_000

    async def test_it_is_on_the_roster_as_long_as_it_lives(self) -> None:
        async with open_house() as house:
            async with asking_over_a_socket(house) as socket:
                assert len(house.roster) == 1
                assert house.roster.calls == ()
                socket.leave()
                while house.roster.lines:
                    await anyio.lowlevel.checkpoint()
            assert socket.farewell is None

    async def test_what_was_asked_before_is_answered_and_nothing_else(self) -> None:
        slow = Slow()
        async with (
            open_house(engines=slow.engines) as house,
            asking_over_a_socket(house) as socket,
            anyio.create_task_group() as tasks,
        ):
            socket.say(type="voice_message", audio_base64=WAV_BASE64)
            socket.say(type="synthesize", text="This waits behind it.")
            await slow.asked.wait()
            tasks.start_soon(house.drain)
            await until_draining(house)
            socket.say(type="synthesize", text="This comes too late.")
            late = await socket.until_type("error")
            assert late["error"] == "The server is shutting down. Try again in 15 seconds."
            slow.may_go_on.set()
            answer = await socket.until_type("assistant")
            assert answer["text"].endswith("The end.")
        check_sent_away(socket)
        assert sum(frame["type"] == "audio" for frame in socket.frames) == 2

    async def test_what_takes_too_long_is_cut_off_and_the_client_is_told(self) -> None:
        engines = scripted(tts=TroubledVoice(hangs))
        async with (
            open_house(engines=engines, shutdown_seconds=0) as house,
            asking_over_a_socket(house) as socket,
        ):
            socket.say(type="synthesize", text="Hello.")
            while not house.errands.busy:
                await anyio.lowlevel.checkpoint()
            await house.drain()
            check_sent_away(socket)
            assert not house.errands.busy


async def test_all_lines_are_closed_alike() -> None:
    async with (
        open_house() as house,
        on_the_phone(house) as ws,
        on_the_phone(house, CallDialect(wall_time)) as call,
        asking_over_a_socket(house) as chat,
    ):
        await ws.until_status("connected")
        await call.until_type("session_id")
        await house.drain()
        assert ws.farewell == call.farewell == chat.farewell == GONE
        assert ws.frames[-1]["data"] == "going_away"
