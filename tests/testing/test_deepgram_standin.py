"""The stand-in for Deepgram, spoken to by hand: its wire is what Deepgram's documents say."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, ConnectionClosedError, InvalidStatus
from websockets.sync.client import connect as connect_and_block

from repartee.audio.pcm import pcm_bytes
from repartee.engines.protocols import LISTENING_RATE_HZ, Samples
from repartee.testing.standins import deepgram
from repartee.testing.standins.deepgram import DeepgramStandIn, in_a_thread
from repartee.testing.standins.deepgram_ear import CODED_WORD_SAMPLES, Ear, coded

pytestmark = pytest.mark.anyio

NOVA = "/v1/listen?model=nova-3&encoding=linear16&sample_rate=16000"
FLUX = "/v2/listen?model=flux-general-en&encoding=linear16&sample_rate=16000"
AURA = "/v1/speak?model=aura-asteria-en&encoding=linear16&sample_rate=24000"


@pytest.fixture
async def standin() -> AsyncIterator[DeepgramStandIn]:
    async with DeepgramStandIn(transcripts=["one two three", "four"], word_ms=100) as standin:
        yield standin


def call(standin: DeepgramStandIn, path: str, key: str | None = None) -> connect:
    headers = {"Authorization": f"Token {key or standin.key}"}
    return connect(f"{standin.url}{path}", additional_headers=headers)


async def told(socket: ClientConnection) -> dict[str, Any]:
    message = json.loads(await socket.recv())
    assert isinstance(message, dict)
    return message


async def say(socket: ClientConnection, kind: str, **more: str) -> None:
    await socket.send(json.dumps({"type": kind, **more}))


def loud(ms: int) -> Samples:
    return np.full(ms * LISTENING_RATE_HZ // 1000, 3_000, np.int16)


class TestHandshake:
    @pytest.mark.parametrize(
        ("path", "key", "status"),
        [
            (NOVA, "wrong", 401),
            ("/v1/listen?model=nothing", None, 400),
            ("/v1/listen?model=nova-3&encoding=opus", None, 400),
            ("/v9/listen", None, 404),
        ],
    )
    async def test_what_is_wrong_is_refused(
        self, standin: DeepgramStandIn, path: str, key: str | None, status: int
    ) -> None:
        with pytest.raises(InvalidStatus) as caught:
            await call(standin, path, key)
        response = caught.value.response
        assert response.status_code == status
        assert response.headers["dg-error"] in bytes(response.body).decode()
        assert (standin.refused, standin.connections) == (1, [])


class TestNova:
    async def test_interims_then_a_final_on_request(self, standin: DeepgramStandIn) -> None:
        async with call(standin, NOVA) as socket:
            await socket.send(pcm_bytes(coded("hello there")))
            interim = await told(socket)
            await say(socket, "Finalize")
            final = await told(socket)
        assert (interim["is_final"], final["is_final"]) == (False, True)
        assert (final["from_finalize"], final["start"]) == (True, 0)
        assert final["duration"] == pytest.approx(2 * CODED_WORD_SAMPLES / LISTENING_RATE_HZ)
        heard = final["channel"]["alternatives"][0]
        assert heard["transcript"] == "hello there"
        assert [word["start"] for word in heard["words"]] == [0.0, 0.2]

    async def test_other_sound_is_what_the_script_says(self, standin: DeepgramStandIn) -> None:
        async with call(standin, NOVA) as socket:
            transcripts = []
            for sound in (loud(250), loud(250)):
                await socket.send(pcm_bytes(sound))
                await say(socket, "Finalize")
                while not (message := await told(socket))["is_final"]:
                    pass
                transcripts.append(message["channel"]["alternatives"][0]["transcript"])
        assert transcripts == ["one two three", "four"]

    async def test_without_sound_nothing_is_final(self, standin: DeepgramStandIn) -> None:
        async with call(standin, NOVA) as socket:
            await say(socket, "Finalize")
            await say(socket, "KeepAlive")
            await say(socket, "CloseStream")
            assert (await told(socket))["type"] == "Metadata"
            with pytest.raises(ConnectionClosed):
                await socket.recv()
            assert socket.close_code == 1000

    async def test_a_long_silence_ends_the_call(
        self, standin: DeepgramStandIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(deepgram, "IDLE_S", 0.01)
        async with call(standin, NOVA) as socket:
            with pytest.raises(ConnectionClosedError):
                await socket.recv()
            assert socket.close_code == 1011
            assert "net0001" in (socket.close_reason or "")

    async def test_an_unknown_message_is_an_error(self, standin: DeepgramStandIn) -> None:
        async with call(standin, NOVA) as socket:
            await say(socket, "Sing")
            assert (await told(socket))["variant"] == "SchemaError"
            with pytest.raises(ConnectionClosedError):
                await socket.recv()


class TestFlux:
    async def test_a_turn(self, standin: DeepgramStandIn) -> None:
        async with call(standin, FLUX) as socket:
            assert (await told(socket))["type"] == "Connected"
            for word in ("hello", "there"):
                await socket.send(pcm_bytes(coded(word)))
            begun = await told(socket)
            await say(socket, "ForceEndTurn")
            ended = await told(socket)
        assert (begun["event"], begun["transcript"]) == ("StartOfTurn", "hello")
        assert (ended["event"], ended["trigger"]) == ("EndOfTurn", "manual")
        assert (ended["transcript"], ended["sequence_id"]) == ("hello there", 2)

    async def test_it_leaves_without_a_goodbye(self, standin: DeepgramStandIn) -> None:
        async with call(standin, FLUX) as socket:
            await told(socket)
            await say(socket, "CloseStream")
            with pytest.raises(ConnectionClosedError):
                await socket.recv()
            assert socket.close_code == 1006


class TestAura:
    async def test_sound_then_flushed(self, standin: DeepgramStandIn) -> None:
        async with call(standin, AURA) as socket:
            assert (await told(socket))["model_name"] == "aura-asteria-en"
            await say(socket, "Speak", text="hello there")
            await say(socket, "Flush")
            sound = b""
            while isinstance(message := await socket.recv(), bytes):
                sound += message
        assert len(sound) == 2 * 10 * 60 * 24
        assert json.loads(message) == {"type": "Flushed", "sequence_id": 0}

    async def test_cleared_after_a_last_piece(self, standin: DeepgramStandIn) -> None:
        async with call(standin, AURA) as socket:
            await told(socket)
            await say(socket, "Speak", text="hello " * 300)
            await say(socket, "Flush")
            assert isinstance(await socket.recv(), bytes)
            await say(socket, "Clear")
            while isinstance(message := await socket.recv(), bytes):
                pass
        assert json.loads(message)["type"] == "Cleared"

    async def test_too_many_flushes(self, standin: DeepgramStandIn) -> None:
        async with call(standin, AURA) as socket:
            await told(socket)
            for _ in range(20):
                await say(socket, "Flush")
                assert (await told(socket))["type"] == "Flushed"
            await say(socket, "Flush")
            assert (await told(socket))["code"] == "EXCESSIVE_FLUSH"


class TestTheEar:
    def test_a_word_that_is_cut_is_not_heard(self) -> None:
        sound = coded("one two three")
        lost = np.delete(sound, range(CODED_WORD_SAMPLES, CODED_WORD_SAMPLES + 100))
        assert [word.text for word in Ear(["-"], 10_000).hear(lost)] == ["one", "three"]

    def test_the_size_of_the_packets_makes_no_difference(self) -> None:
        ear, sound = Ear(["-"], 300), coded("one two three")
        words = [w for at in range(0, len(sound), 333) for w in ear.hear(sound[at : at + 333])]
        assert words == Ear(["-"], 300).hear(sound)
        assert [word.text for word in words] == ["one", "two", "three"]

    def test_silence_is_no_utterance(self) -> None:
        ear = Ear(["one two"], 100)
        assert ear.hear(np.zeros(LISTENING_RATE_HZ, np.int16)) == ear.finish() == []


def test_it_works_beside_code_that_blocks() -> None:
    with in_a_thread(DeepgramStandIn()) as standin:
        headers = {"Authorization": f"Token {standin.key}"}
        with connect_and_block(f"{standin.url}{FLUX}", additional_headers=headers) as socket:
            assert json.loads(socket.recv())["type"] == "Connected"
