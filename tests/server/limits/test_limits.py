"""How much one caller may have, on every interface, and how it is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from repartee.audio.wav import wav_bytes
from repartee.calls.clock import wall_time
from repartee.calls.refusals import LimitReached
from repartee.calls.shares import payer
from repartee.dialects.call import CallDialect
from repartee.engines.protocols import LISTENING_RATE_HZ
from repartee.server.house import House
from repartee.server.limits.allowances import Limits
from repartee.server.voice_socket import VoiceSocket
from repartee.settings import Settings
from tests.calls.visiting import said
from tests.server.every_interface import served
from tests.server.open_house import asking, on_the_phone, open_house

pytestmark = pytest.mark.anyio

RECORDING = wav_bytes(said(), LISTENING_RATE_HZ)


@asynccontextmanager
async def a_client(**settings: Any) -> AsyncIterator[tuple[House, httpx.AsyncClient]]:
    async with open_house(limits="on", **settings) as house, asking(house) as client:
        yield house, client


def check_refusal(response: httpx.Response, sentence: str) -> None:
    assert response.status_code == 429
    body = response.json()
    assert body["error"] == body["detail"]
    assert body["error"].startswith(f"{sentence} Try again in ")
    assert int(response.headers["Retry-After"]) >= 1


class TestRequests:
    async def test_are_counted(self) -> None:
        async with a_client(limit_requests_per_minute=3) as (house, client):
            for _ in range(3):
                assert (await client.get("/sessions")).status_code == 200
            check_refusal(
                await client.get("/sessions"), "The limit of 3 requests per minute is reached."
            )
            assert house.limits.reached == {"requests": 1}

    async def test_but_for_pages_and_for_those_who_look_after_the_server(self) -> None:
        async with a_client(limit_requests_per_minute=1) as (_, client):
            for path in ("/health", "/ready", "/", "/docs") * 2:
                assert (await client.get(path)).status_code == 200

    @pytest.mark.parametrize("settings", [{"limits": "off"}, {"limits": "auto"}])
    async def test_where_only_this_machine_comes_nobody_is_counted(
        self, settings: dict[str, Any]
    ) -> None:
        async with (
            open_house(limit_requests_per_minute=1, **settings) as house,
            asking(house) as client,
        ):
            for _ in range(3):
                assert (await client.get("/sessions")).status_code == 200

    async def test_a_typed_message_is_one_and_the_call_lives_on(self) -> None:
        async with open_house(limits="on", limit_requests_per_minute=1) as house:
            before = payer.set("me")
            async with on_the_phone(house) as socket:
                socket.say(type="chat", message="Hello.")
                await socket.until_type("response_complete")
                socket.say(type="chat", message="Hello?")
                error = await socket.until_type("error")
                assert error["code"] == "limit_reached"
                assert error["data"].startswith("The limit of 1 requests per minute is reached.")
                socket.say(type="ping")
                await socket.until_type("pong")
            payer.reset(before)

    async def test_so_is_a_turn_for_which_a_button_is_pressed(self) -> None:
        async with open_house(limits="on", limit_requests_per_minute=1) as house:
            before = payer.set("me")
            async with on_the_phone(house, CallDialect(wall_time)) as socket:
                for ending in ("tts_done", "error"):
                    socket.say(type="start")
                    socket.say_raw(RECORDING)
                    socket.say(type="stop")
                    await socket.until_type(ending)
                socket.say(type="ping")
                await socket.until_type("pong")
                (error,) = [frame for frame in socket.frames if frame["type"] == "error"]
                assert error["code"] == "limit_reached"
                assert error["message"].startswith("The limit of 1 requests per minute")
            payer.reset(before)
            assert house.limits.reached == {"requests": 1}

    async def test_so_is_each_one_over_the_voice_socket(self) -> None:
        async with open_house(limits="on", limit_requests_per_minute=1) as house:
            before = payer.set("me")
            async with served(lambda socket: VoiceSocket(socket.server_end, house)) as socket:
                for _ in range(2):
                    socket.say(type="synthesize", text="Hello.")
                await socket.until_type("audio")
                error = await socket.until_type("error")
                assert error["error"].startswith("The limit of 1 requests per minute is reached.")
            payer.reset(before)


class TestCharacters:
    @pytest.mark.parametrize("path", ["synthesize", "audio-stream"])
    async def test_are_counted(self, path: str) -> None:
        async with a_client(limit_characters_per_hour=20) as (_, client):
            for status in (200, 200):
                response = await client.post(f"/api/voice/{path}", json={"text": "Hello you."})
                assert response.status_code == status
            check_refusal(
                await client.post(f"/api/voice/{path}", json={"text": "Hello."}),
                "The limit of 20 characters to be spoken per hour is reached.",
            )

    async def test_a_batch_is_spoken_as_far_as_they_last(self) -> None:
        async with a_client(limit_characters_per_hour=20) as (_, client):
            texts = [{"text": "Hello you."}] * 3
            items = (await client.post("/api/voice/synthesize-batch", json=texts)).json()
            assert ["error" in item for item in items] == [False, False, True]


class TestSound:
    @pytest.mark.parametrize("path", ["/upload", "/api/voice/transcribe"])
    async def test_of_recordings_is_counted(self, path: str) -> None:
        async with a_client(limit_audio_minutes_per_hour=1) as (house, client):
            before = payer.set("address 127.0.0.1")
            await house.limits.spend("audio", 60)
            payer.reset(before)
            check_refusal(
                await client.post(path, content=RECORDING),
                "The limit of 1 minutes of sound per hour is reached.",
            )

    async def test_a_day_has_a_limit_of_its_own(self) -> None:
        limits = Limits(Settings(limits="on", limit_audio_minutes_per_day=2))
        before = payer.set("me")
        await limits.spend("audio", 119)
        with pytest.raises(LimitReached, match=r"^The limit of 2 minutes of sound per day is"):
            await limits.spend("audio", 2)
        payer.reset(before)


async def test_nought_is_no_limit() -> None:
    limits = Limits(Settings(limits="on", limit_characters_per_hour=0))
    before = payer.set("me")
    await limits.spend("characters", 10**9)
    payer.reset(before)


async def test_what_the_server_does_by_itself_is_not_counted() -> None:
    limits = Limits(Settings(limits="on", limit_characters_per_hour=1))
    for _ in range(3):
        await limits.spend("characters", 100)


class TestCalls:
    async def test_one_caller_has_only_so_many(self) -> None:
        async with open_house(limits="on", limit_calls=1) as house:
            before = payer.set("me")
            async with on_the_phone(house) as one:
                await one.until_status("connected")
                async with on_the_phone(house) as other:
                    error = await other.until_type("error")
                    assert error["code"] == "limit_reached"
                assert other.farewell is not None
                code, reason = other.farewell
                assert code == 1013
                assert reason.startswith("The limit of 1 calls at the same time is reached. Try")
            payer.reset(before)
