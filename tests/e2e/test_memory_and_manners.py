"""What is remembered, and what strangers can't break: scripted engines on a real server."""

from __future__ import annotations

import asyncio
import base64
import json
import urllib.error
import urllib.request
from typing import Any

import numpy as np
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from repartee.testing.server_process import ServerProcess
from repartee.testing.talker import Talker
from tests.e2e.conftest import Dial

pytestmark = pytest.mark.timeout(60)


async def typed_reply(talker: Talker, text: str) -> str:
    since = len(talker.messages)
    await talker.send(type="chat", message=text)
    complete = await talker.until(lambda message: message.type == "response_complete", since)
    return str(complete.body["full_text"])


def get(server: ServerProcess, path: str, **headers: str) -> tuple[int, dict[str, Any], Any]:
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, json.loads(answer.read()), answer.headers
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, json.loads(refusal.read()), refusal.headers


class TestMemory:
    def test_a_conversation_remembers_its_turns(self, scripted: ServerProcess, dial: Dial) -> None:
        async def call() -> str:
            async with dial(scripted) as talker:
                await typed_reply(talker, "marmalade")
                return await typed_reply(talker, "and toast")

        assert "marmalade" in asyncio.run(call())

    def test_a_reply_that_was_cut_off_is_remembered_as_far_as_it_was_heard(
        self, scripted: ServerProcess, dial: Dial
    ) -> None:
        async def call() -> tuple[str, str]:
            async with dial(scripted) as talker:
                await talker.send(type="chat", message="marmalade")
                await talker.until(
                    lambda m: m.type == "chunk" and m.body["data"]["type"] == "audio"
                )
                await talker.send(type="played", reply=1, ms=900)
                since = len(talker.messages)
                await talker.send(type="interrupt")
                cut = await talker.until(lambda m: m.is_status("interrupted"), since)
                return cut.body["heard"], await typed_reply(talker, "go on")

        heard, next_reply = asyncio.run(call())
        assert "people do" not in heard
        history = next_reply.partition("Now you said")[0]
        assert heard in history
        assert "people do" not in history

    def test_calls_never_hear_of_each_other(self, scripted: ServerProcess, dial: Dial) -> None:
        async def call(word: str) -> str:
            async with dial(scripted) as talker:
                await typed_reply(talker, f"my word is {word}")
                return await typed_reply(talker, "again")

        async def all_calls() -> list[str]:
            return await asyncio.gather(*(call(word) for word in words))

        words = [f"word{chr(97 + number)}x" for number in range(12)]
        for own, reply in zip(words, asyncio.run(all_calls()), strict=True):
            assert [word for word in words if word in reply] == [own]

    def test_switching_persona_forgets(self, scripted: ServerProcess, dial: Dial) -> None:
        async def call() -> str:
            async with dial(scripted) as talker:
                await typed_reply(talker, "marmalade")
                await talker.send(type="config", persona="astronaut")
                return await typed_reply(talker, "and toast")

        assert "marmalade" not in asyncio.run(call())


BAD_FRAMES: list[str | bytes] = [
    "not json",
    "[]",
    '{"type":"dance"}',
    '{"type":"chat","message":7}',
    '{"type":"chat","message":""}',
    '{"type":"chat","message":"   "}',
    json.dumps({"type": "chat", "message": "x" * 100_000}),
    '{"type":"audio","data":"***"}',
    '{"type":"config","voice":"nobody"}',
    '{"type":"config","persona":"nobody"}',
    '{"type":"config","speed":-1}',
    '{"type":"config","sample_rate":3}',
    b"\x00" * 1_500_000,
]


class TestBadInput:
    @pytest.mark.parametrize("frame", BAD_FRAMES, ids=lambda frame: str(frame[:40]))
    def test_it_is_answered_with_one_sentence_and_the_call_lives_on(
        self, frame: str | bytes, scripted: ServerProcess, dial: Dial
    ) -> None:
        async def call() -> tuple[dict[str, Any], str]:
            async with dial(scripted) as talker:
                await talker.send_raw(frame)
                error = await talker.until(lambda message: message.type == "error")
                return error.body, await typed_reply(talker, "hello")

        error, reply = asyncio.run(call())
        assert error["data"] == error["message"]
        assert error["data"].endswith(".")
        assert "Traceback" not in error["data"]
        assert "hello" in reply

    @pytest.mark.parametrize(
        "frames",
        [[b"\x01"], [b"\x01\x02\x03"] * 101, [b""], [b"\x00\x01" * 500_000]],
        ids=["half a sample", "odd pieces", "nothing", "a megabyte"],
    )
    def test_sound_may_be_cut_anywhere(
        self, frames: list[bytes], scripted: ServerProcess, dial: Dial
    ) -> None:
        async def call() -> str:
            async with dial(scripted) as talker:
                for frame in frames:
                    await talker.send_raw(frame)
                return await typed_reply(talker, "hello")

        assert "hello" in asyncio.run(call())

    def test_a_client_that_vanishes_in_mid_reply_is_forgotten(
        self, scripted: ServerProcess, dial: Dial
    ) -> None:
        async def vanish() -> None:
            async with connect(scripted.url) as socket:
                await socket.send('{"type":"chat","message":"hello"}')
                await socket.recv()
                socket.transport.abort()

        async def call() -> str:
            await asyncio.gather(*(vanish() for _ in range(5)))
            async with dial(scripted) as talker:
                return await typed_reply(talker, "hello")

        assert "hello" in asyncio.run(call())

    def test_a_client_that_never_reads_harms_nobody(
        self, scripted: ServerProcess, dial: Dial
    ) -> None:
        async def call() -> str:
            async with connect(scripted.url, max_queue=1) as deaf:
                for _ in range(50):
                    await deaf.send('{"type":"chat","message":"hello"}')
                async with dial(scripted) as talker:
                    reply = await typed_reply(talker, "hello")
                deaf.transport.abort()
                return reply

        assert "hello" in asyncio.run(call())


class TestInterrupting:
    def test_a_second_chat_interrupts_the_first(self, scripted: ServerProcess, dial: Dial) -> None:
        async def call() -> Talker:
            async with dial(scripted) as talker:
                await talker.send(type="chat", message="first")
                await talker.until(lambda message: message.type == "response_start")
                await typed_reply(talker, "second")
                return talker

        talker = asyncio.run(call())
        complete = [m for m in talker.messages if m.type == "response_complete"]
        assert [m.body["reply"] for m in complete] == [2]
        assert [m.body["reply"] for m in talker.messages if m.is_status("interrupted")] == [1]

    def test_an_interrupt_is_always_acknowledged(self, scripted: ServerProcess, dial: Dial) -> None:
        async def call() -> None:
            async with dial(scripted) as talker:
                await talker.send(type="interrupt")
                await talker.until(lambda message: message.is_status("interrupted"))

        asyncio.run(call())

    def test_speech_interrupts_by_itself(self, scripted: ServerProcess, dial: Dial) -> None:
        from tests.recordings import recording

        async def call() -> None:
            async with dial(scripted) as talker:
                await talker.send(type="chat", message="hello")
                await talker.until(lambda message: message.type == "response_start")
                await talker.play(recording("q1_weather.wav")[16_000:], speed=2)
                await talker.until(lambda message: message.is_status("interrupted"))

        asyncio.run(call())


class TestAroundTheCall:
    def test_config_tells_a_page_all_it_needs(self, scripted: ServerProcess) -> None:
        status, config, _ = get(scripted, "/config")
        assert status == 200
        promised = (
            "websocket_url default_volume auto_scroll save_chat_history max_chat_history "
            "chunk_size max_queue_size enable_audio audio_buffer_size tts_sample_rate "
            "personas voices languages engines"
        )
        assert set(promised.split()) <= config.keys()
        assert config["websocket_url"] == scripted.url
        assert {persona["key"] for persona in config["personas"]} == {
            "wildlife_expert",
            "friendly_teacher",
            "casual_chat",
            "astronaut",
        }

    def test_health(self, scripted: ServerProcess) -> None:
        status, health, _ = get(scripted, "/health")
        assert status == 200
        assert health["status"] == "healthy"
        assert health["engines"]["stt"] == {"name": "scripted", "ready": True}
        assert health["llm_loaded"]
        assert health["tts_loaded"]

    def test_what_is_not_there_is_said_under_both_names(self, scripted: ServerProcess) -> None:
        status, body, _ = get(scripted, "/nowhere")
        assert status == 404
        assert body["detail"] == body["error"]

    def test_pages_of_other_origins_stay_outside(self, scripted: ServerProcess) -> None:
        async def enter(origin: str) -> None:
            async with connect(scripted.url, origin=origin):  # type: ignore[arg-type]
                pass

        with pytest.raises(InvalidStatus, match="403"):
            asyncio.run(enter("https://evil.example"))
        asyncio.run(enter("http://localhost:3000"))
        asyncio.run(enter(f"http://127.0.0.1:{scripted.port}"))

    def test_base64_sound_is_heard_like_binary(self, scripted: ServerProcess, dial: Dial) -> None:
        from tests.recordings import recording

        async def call() -> None:
            async with dial(scripted) as talker:
                samples = np.concatenate([recording("q1_weather.wav"), np.zeros(16_000, np.int16)])
                for start in range(0, len(samples), 4_096):
                    data = base64.b64encode(samples[start : start + 4_096].tobytes()).decode()
                    await talker.send(type="audio", data=data)
                await talker.until(lambda message: message.is_status("generating"))

        asyncio.run(call())

    def test_a_signal_lets_a_reply_end_and_calls_go_politely(self) -> None:
        async def call(server: ServerProcess) -> int | None:
            async with connect(server.url) as socket:
                await socket.recv()
                server.terminate()
                async for _ in socket:
                    pass
                return socket.close_code

        engines = {"STT": "scripted", "LLM": "scripted", "TTS": "scripted"}
        with ServerProcess(**engines) as server:
            assert asyncio.run(call(server)) == 1001
