"""`/api/voice/ws/chat`: one request after the other on one connection that lives on.

With engines in the server's own process, and with brokers in front of servers elsewhere.
"""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import numpy as np
import pytest

from repartee.audio.wav import read_wav, wav_bytes
from repartee.server.house import House
from repartee.server.voice_socket import VoiceSocket
from tests.calls.fakes import FakeModel, hangs
from tests.calls.visiting import paid_by
from tests.server.fake_socket import FakeSocket
from tests.server.houses import Cast, Houses, Woe
from tests.server.open_house import open_house

pytestmark = pytest.mark.anyio

WAV = base64.b64encode(wav_bytes(np.full(16_000, 8_000, np.int16), 16_000)).decode()
AS_USUAL = Cast()


@asynccontextmanager
async def connected(
    house: House, *, trouble: Any = None, over: anyio.Event | None = None
) -> AsyncIterator[FakeSocket]:
    """A client that is connected until this is left; then the server has seen it go."""
    with FakeSocket(trouble) as socket:
        ended = over or anyio.Event()

        async def serve() -> None:
            await VoiceSocket(socket.server_end, house).run()
            ended.set()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(serve)
            yield socket
            socket.leave()
            with anyio.fail_after(5):
                await ended.wait()


@asynccontextmanager
async def socket(houses: Houses, cast: Cast = AS_USUAL) -> AsyncIterator[FakeSocket]:
    async with (
        houses.engines(cast) as engines,
        open_house(engines=engines) as house,
        connected(house) as client,
    ):
        yield client


async def answer_to(client: FakeSocket, kind: str, **message: Any) -> dict[str, Any]:
    so_far = len(client.frames)
    client.say(**message)
    with anyio.fail_after(5):
        while True:
            for frame in client.frames[so_far:]:
                if frame["type"] == kind:
                    return frame
            await anyio.sleep(0.01)


class TestWhatCanBeAsked:
    async def test_a_recording_is_written_down(self, houses: Houses) -> None:
        async with socket(houses) as client:
            told = await answer_to(
                client, "transcription", type="transcribe", audio_base64=WAV, language="en"
            )
        assert told == {
            "type": "transcription",
            "text": "Hello, can you hear me?",
            "language": "en",
            "confidence": 0.95,
        }

    async def test_a_text_is_spoken(self, houses: Houses) -> None:
        async with socket(houses) as client:
            wish = {"text": "Hello, this is a test", "voice": "af_heart", "lang_code": "a"}
            told = await answer_to(client, "audio", type="synthesize", **wish, speed=1.0)
        recording = read_wav(base64.b64decode(told["audio_base64"]))
        assert (told["sample_rate"], recording.rate_hz) == (24_000, 24_000)
        assert told["duration_seconds"] == pytest.approx(recording.seconds, abs=0.001)

    async def test_a_spoken_message_is_answered(self, houses: Houses) -> None:
        async with socket(houses, Cast(llm=FakeModel("It is ten past four."))) as client:
            audio = await answer_to(client, "audio", type="voice_message", audio_base64=WAV)
            kinds = [frame["type"] for frame in client.frames]
        assert kinds == ["transcription", "assistant", "audio"]
        assert client.frames[0]["text"] == "Hello, can you hear me?"
        assert client.frames[1]["text"] == "It is ten past four."
        assert audio["duration_seconds"] > 0.5

    async def test_a_connection_is_one_conversation(self, houses: Houses) -> None:
        model = FakeModel("Yes.")
        async with (
            houses.engines(Cast(llm=model)) as engines,
            open_house(engines=engines) as house,
        ):
            async with connected(house) as client:
                for _ in range(2):
                    await answer_to(client, "audio", type="voice_message", audio_base64=WAV)
                assert len(model.asked_last()) == 3
            assert len(house.visitors) == 0
            async with connected(house) as other:
                await answer_to(other, "audio", type="voice_message", audio_base64=WAV)
                assert len(model.asked_last()) == 1

    async def test_a_ping_is_answered_whatever_is_being_done(self, houses: Houses) -> None:
        async with socket(houses, Cast(voice=Woe.HANGS)) as client:
            client.say(type="synthesize", text="This takes for ever.")
            assert await answer_to(client, "pong", type="ping")

    async def test_requests_are_answered_in_their_order(self, houses: Houses) -> None:
        async with socket(houses) as client:
            for text in ("one", "two two", "three three three"):
                client.say(type="synthesize", text=text)
            with anyio.fail_after(5):
                while len(client.frames) < 3:
                    await anyio.sleep(0.01)
            durations = [frame["duration_seconds"] for frame in client.frames]
        assert durations == sorted(durations)


class TestWhatCanNotBeUsed:
    @pytest.mark.parametrize(
        ("frame", "wrong"),
        [
            ("nonsense", 'Send one JSON object with a "type"'),
            ("[]", 'Send one JSON object with a "type"'),
            ("{}", 'Send one JSON object with a "type"'),
            ('{"type": 7}', 'Send one JSON object with a "type"'),
            ("[" * 100_000, 'Send one JSON object with a "type"'),
            (b"\x00\x01", 'Send one JSON object with a "type"'),
            ('{"type":"sing"}', "There is no type 'sing'."),
            ('{"type":"transcribe"}', "The field 'audio_base64' is wrong: Field required."),
            ('{"type":"transcribe","audio_base64":"!"}', "The field 'audio_base64' is not valid"),
            ('{"type":"transcribe","audio_base64":""}', "The recording is empty"),
            ('{"type":"synthesize","text":""}', "The field 'text' is wrong"),
            ('{"type":"synthesize","text":"a","speed":0}', "The field 'speed' is wrong"),
            ('{"type":"synthesize","text":"a","voice":"nobody"}', "There is no voice named"),
            ('{"type":"synthesize","text":"a","speed":NaN}', "Send one JSON object"),
            ('{"type":"voice_message","audio_base64":"", "voice":"x"}', "The recording is empty"),
        ],
    )
    async def test_it_is_told_and_the_connection_lives_on(
        self, houses: Houses, frame: str | bytes, wrong: str
    ) -> None:
        async with socket(houses) as client:
            client.say_raw(frame)
            with anyio.fail_after(5):
                told = await client.until_type("error")
            assert told["error"].startswith(wrong)
            assert told["message"] == told["error"]
            assert told["code"] in ("bad_message", "empty_input", "unknown_voice", "bad_input")
            assert await answer_to(client, "audio", type="synthesize", text="Still here.")

    async def test_a_language_that_is_not_understood(self, houses: Houses) -> None:
        async with socket(houses) as client:
            for kind in ("transcribe", "voice_message"):
                told = await answer_to(client, "error", type=kind, audio_base64=WAV, language="xx")
                assert "does not understand the language 'xx'" in told["error"]


class TestTrouble:
    async def test_an_engine_that_fails(self, houses: Houses) -> None:
        async with socket(houses, Cast(ear=Woe.BUSY, voice=Woe.BUSY)) as client:
            told = await answer_to(client, "error", type="transcribe", audio_base64=WAV)
            assert re.fullmatch(houses.blames(Woe.BUSY, "ear"), told["error"])
            told = await answer_to(client, "error", type="synthesize", text="Hello.")
            assert re.fullmatch(houses.blames(Woe.BUSY, "voice"), told["error"])
            assert await answer_to(client, "audio", type="synthesize", text="Hello.")

    async def test_a_fault_tells_nothing_of_itself(self, houses: Houses) -> None:
        async with socket(houses, Cast(voice=Woe.FAULT)) as client:
            told = await answer_to(client, "error", type="synthesize", text="The secret is out.")
            assert re.fullmatch(houses.blames(Woe.FAULT, "voice"), told["error"])
            assert "secret" not in told["error"]
            assert await answer_to(client, "audio", type="synthesize", text="Hello.")

    async def test_more_requests_than_can_wait(self, houses: Houses) -> None:
        async with socket(houses, Cast(voice=Woe.HANGS)) as client:
            for _ in range(30):
                client.say(type="synthesize", text="Hello.")
            with anyio.fail_after(5):
                told = await client.until_type("error")
            assert told["error"].startswith("Too many requests wait here.")
            assert told["code"] == "refused"
            assert await answer_to(client, "pong", type="ping")

    async def test_one_request_more_than_one_may_send(self) -> None:
        async with open_house(limits="on", limit_requests_per_minute=1) as house:
            with paid_by("ada"):
                async with connected(house) as client:
                    await answer_to(client, "audio", type="synthesize", text="Hello.")
                    told = await answer_to(client, "error", type="synthesize", text="Hello.")
            assert told["code"] == "limit_reached"
            assert 0 < told["retry_after_ms"] <= 120_000

    async def test_one_connection_more_than_there_are_places(self) -> None:
        async with open_house(max_calls=1) as house, connected(house) as client:
            await answer_to(client, "pong", type="ping")
            async with connected(house) as late:
                told = await late.until_type("error")
            assert told["error"].startswith("All 1 places are taken.")
            assert (told["code"], told["retry_after_ms"]) == ("refused", 10_000)
            assert late.farewell is not None
            assert late.farewell[0] == 1013

    @pytest.mark.parametrize(
        ("bound", "code"),
        [({"idle_seconds": 0.1}, "idle"), ({"max_call_minutes": 1e-3}, "too_long")],
    )
    async def test_a_connection_that_lasts_too_long(self, bound: dict[str, Any], code: str) -> None:
        over = anyio.Event()
        async with open_house(**bound) as house, connected(house, over=over) as client:
            with anyio.fail_after(5):
                await over.wait()
            assert (client.frames[-1]["type"], client.frames[-1]["code"]) == ("error", code)

    async def test_a_client_that_takes_nothing_is_let_go(self) -> None:
        async with open_house(send_timeout_seconds=0.5) as house:
            over = anyio.Event()
            async with connected(house, trouble=hangs, over=over) as client:
                client.say(type="ping")
                with anyio.fail_after(5):
                    await over.wait()

    async def test_a_client_that_leaves_stops_the_work(self, houses: Houses) -> None:
        async with houses.engines(Cast(voice=Woe.HANGS)) as engines:
            async with open_house(engines=engines) as house, connected(house) as client:
                client.say(type="synthesize", text="Hello.")
                with anyio.fail_after(5):
                    await houses.until_voice_hangs()
            with anyio.fail_after(5):
                await houses.until_voice_is_left()
