"""`/call` from end to end but for the network: what a client says, and all that it is told."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import anyio
import pytest

from repartee.calls.clock import now, wall_time
from repartee.conversation.rules import LOW_CONFIDENCE_SENTENCE
from repartee.dialects.call import CallDialect
from repartee.engines.build import Engines
from repartee.engines.stt.scripted import ScriptedRecognizer
from repartee.errors import EngineFailed
from repartee.server.house import build_house
from repartee.server.pump import Connection
from repartee.settings import Settings
from tests.calls.fakes import FakeModel, TroubledVoice, hangs, raises, writes
from tests.calls.line import QUIET, Notebook, pcm, scripted
from tests.calls.recorder import DecodesHere, recording
from tests.calls.virtual_time import IN_VIRTUAL_TIME, Backend
from tests.server.fake_socket import FakeSocket

pytestmark = pytest.mark.anyio

QUESTION = "What time is it?"
ANSWER = "It is ten past four. The sun is still up, and it will not rain before tonight, they say."


@pytest.fixture
def anyio_backend() -> Backend:
    return IN_VIRTUAL_TIME


class Client:
    def __init__(self, engines: Engines, socket: FakeSocket) -> None:
        self.socket = socket
        self.notebook = Notebook()
        self.over = anyio.Event()
        decoding: Any = DecodesHere()
        notebook: Any = self.notebook
        self._house = build_house(Settings(), engines, decoding, notebook, notebook)

    async def serve(self) -> None:
        await Connection(self.socket.server_end, CallDialect(wall_time), self._house).run()
        self.over.set()

    async def ask(self, sound: list[bytes] | None = None) -> None:
        """Whatever is said about the turn has been said when this returns."""
        so_far = len(self.socket.frames)
        self.socket.say(type="start")
        for blob in sound or recording(2_000):
            await anyio.sleep(0.25)
            self.socket.say_raw(blob)
        self.socket.say(type="stop")
        while not any(map(ends_turn, self.socket.frames[so_far:])):
            await anyio.sleep(0.01)

    def kinds(self) -> list[str]:
        """What came, without repetitions: events of the trace by name, the others by type."""
        names = [str(frame.get("event", frame["type"])) for frame in self.socket.frames]
        return [name for at, name in enumerate(names) if at == 0 or names[at - 1] != name]

    def all(self, kind: str) -> list[dict[str, Any]]:
        return [frame for frame in self.socket.frames if frame["type"] == kind]

    def event(self, name: str) -> dict[str, Any]:
        (event,) = [f for f in self.all("trace_event") if f["event"] == name]
        return event


def ends_turn(frame: dict[str, Any]) -> bool:
    return frame.get("event") in ("turn_complete", "turn_interrupted")


@asynccontextmanager
async def on_call(**engines: Any) -> AsyncIterator[Client]:
    with FakeSocket() as socket:
        stt = ScriptedRecognizer(transcripts=[QUESTION])
        client = Client(scripted(**{"stt": stt, "llm": FakeModel(ANSWER), **engines}), socket)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(client.serve)
            await socket.until_type("session_id")
            yield client
            socket.leave()
            await client.over.wait()


class TestATurn:
    async def test_its_messages_come_in_this_order(self) -> None:
        async with on_call() as client:
            await client.ask()
            assert client.kinds() == [
                "session_id",
                "stt_partial",
                "turn_started",
                "stt_start",
                "stt_done",
                "stt_final",
                "llm_start",
                "llm_first_token",
                "assistant_text",
                "tts_start",
                "tts_first_chunk",
                "tts_audio_chunk",
                "assistant_text",
                "llm_done",
                "assistant_text",
                "tts_audio_chunk",
                "tts_done",
                "turn_complete",
            ]

    async def test_every_message_has_its_fields_and_no_others(self) -> None:
        async with on_call() as client:
            await client.ask()
            fields = {frame["type"]: set(frame) - {"type"} for frame in client.socket.frames}
            last_text = client.all("assistant_text")[-1]
            assert set(last_text) == {"type", "text", "is_final", "full_text"}
            assert fields == {
                "session_id": {"session_id"},
                "stt_partial": {"text", "ts"},
                "stt_final": {"text", "confidence", "latency_ms"},
                "assistant_text": {"text", "is_final", "full_text"},
                "tts_audio_chunk": {"audio", "index", "text"},
                "tts_done": set(),
                "trace_event": {"event", "ts", "turn_id", "latency_ms", "latency", "why"},
            }

    async def test_the_words_are_whole(self) -> None:
        async with on_call() as client:
            await client.ask()
            (final,) = client.all("stt_final")
            assert (final["text"], final["confidence"]) == (QUESTION, 0.95)
            *pieces, last = client.all("assistant_text")
            assert "".join(piece["text"] for piece in pieces).strip() == ANSWER
            assert (last["text"], last["is_final"], last["full_text"]) == ("", True, ANSWER)
            assert not any(piece["is_final"] for piece in pieces)
            chunks = client.all("tts_audio_chunk")
            assert [chunk["index"] for chunk in chunks] == list(range(len(chunks)))
            assert " ".join(chunk["text"] for chunk in chunks) == ANSWER
            assert all(base64.b64decode(chunk["audio"])[:4] == b"RIFF" for chunk in chunks)

    async def test_its_latencies_are_whole_milliseconds_since_stop(self) -> None:
        async with on_call() as client:
            await client.ask()
            latency = client.event("turn_complete")["latency"]
            assert set(latency) == {
                "stt_ms",
                "llm_first_token_ms",
                "llm_ms",
                "tts_first_chunk_ms",
                "first_audio_ms",
                "total_ms",
            }
            assert all(type(ms) is int for ms in latency.values())
            assert latency["llm_first_token_ms"] == client.event("llm_first_token")["latency_ms"]
            assert latency["total_ms"] == client.event("turn_complete")["latency_ms"]

    async def test_its_moments_are_those_of_the_calendar(self) -> None:
        async with on_call() as client:
            await client.ask()
            started = client.event("turn_started")["ts"]
            assert started == pytest.approx(wall_time() - now() + 1_000 + 2.0, abs=0.01)
            for event in client.all("trace_event"):
                assert event["ts"] - started == pytest.approx(event["latency_ms"] / 1000, abs=0.001)

    async def test_its_id_is_that_of_the_turn_that_is_kept(self) -> None:
        async with on_call() as client:
            await client.ask()
            (turn,) = client.notebook.turns
            assert {event["turn_id"] for event in client.all("trace_event")} == {turn.id}
            assert turn.session_id == client.all("session_id")[0]["session_id"]
            assert UUID(turn.id) != UUID(turn.session_id)
            assert turn.time_to_final_transcript is not None
            assert turn.time_to_first_audio is not None
            assert turn.time_to_first_audio < 1

    async def test_the_next_is_counted_anew(self) -> None:
        async with on_call() as client:
            await client.ask()
            await anyio.sleep(10)
            first = client.socket.frames.copy()
            client.socket.frames.clear()
            await client.ask()
            begin = ["stt_partial", "turn_started", "stt_start", "stt_done", "stt_final"]
            assert client.kinds()[:5] == begin
            assert client.all("tts_audio_chunk")[0]["index"] == 0
            assert client.event("turn_started")["turn_id"] != first[-1]["turn_id"]


class TestWhatIsNotUnderstood:
    async def test_exactly_this_is_said_aloud_and_the_model_is_not_asked(self) -> None:
        model = FakeModel(ANSWER)
        stt = ScriptedRecognizer(transcripts=["mumble"], confidence=0.2)
        async with on_call(stt=stt, llm=model) as client:
            await client.ask()
            assert client.kinds() == [
                "session_id",
                "stt_partial",
                "turn_started",
                "stt_start",
                "stt_done",
                "stt_final",
                "assistant_text",
                "tts_start",
                "tts_first_chunk",
                "tts_audio_chunk",
                "tts_done",
                "turn_complete",
            ]
            assert client.all("stt_final")[0]["confidence"] == 0.2
            assert client.all("assistant_text")[-1]["full_text"] == LOW_CONFIDENCE_SENTENCE
            latency = client.event("turn_complete")["latency"]
            assert set(latency) == {"stt_ms", "tts_first_chunk_ms", "first_audio_ms", "total_ms"}
            assert model.asked == []

    async def test_silence_is_an_empty_transcript(self) -> None:
        async with on_call(stt=ScriptedRecognizer(transcripts=[""])) as client:
            await client.ask(recording(1_000, QUIET))
            (final,) = client.all("stt_final")
            assert (final["text"], final["confidence"]) == ("", 0.0)
            assert client.all("assistant_text")[-1]["full_text"] == LOW_CONFIDENCE_SENTENCE


class TestInterrupting:
    async def test_start_during_a_reply_stops_it(self) -> None:
        model = FakeModel(writes("This goes on and on. And", hangs), ANSWER)
        async with on_call(llm=model) as client:
            client.socket.say(type="start")
            for blob in recording(1_000):
                await anyio.sleep(0.25)
                client.socket.say_raw(blob)
            client.socket.say(type="stop")
            await client.socket.until_type("tts_audio_chunk")
            client.socket.say(type="start")
            await client.socket.until(ends_turn)
            assert client.socket.frames[-1]["event"] == "turn_interrupted"
            assert client.all("tts_done") == []
            await client.ask()
            assert client.socket.frames[-2] == {"type": "tts_done"}
            assert [turn.status for turn in client.notebook.turns] == ["interrupted", "complete"]


class TestTrouble:
    @pytest.mark.parametrize(
        ("frame", "code"),
        [("not json", "bad_message"), ('{"type":"dance"}', "bad_message"), (b"\0", "no_turn")],
    )
    async def test_a_bad_message_is_an_error_and_the_call_goes_on(
        self, frame: str | bytes, code: str
    ) -> None:
        async with on_call() as client:
            client.socket.say_raw(frame)
            error = await client.socket.until_type("error")
            assert error["code"] == code
            assert error["message"].endswith(".")
            await client.ask()
            assert client.all("stt_final")[0]["text"] == QUESTION

    async def test_stop_without_audio(self) -> None:
        async with on_call() as client:
            client.socket.say(type="start")
            client.socket.say(type="stop")
            error = await client.socket.until_type("error")
            assert error["message"].startswith("No audio received")
            await client.ask()

    async def test_a_bad_message_in_mid_recording_harms_nothing(self) -> None:
        async with on_call() as client:
            client.socket.say(type="start")
            for blob in recording(1_000):
                await anyio.sleep(0.25)
                client.socket.say_raw(blob)
                client.socket.say_raw("{")
            client.socket.say(type="stop")
            await client.socket.until(ends_turn)
            assert len(client.all("error")) == 4
            assert client.all("stt_final")[0]["text"] == QUESTION

    async def test_a_voice_that_fails_leaves_the_words(self) -> None:
        voice = TroubledVoice(raises(EngineFailed("The voice broke.")))
        async with on_call(tts=voice) as client:
            await client.ask()
            assert [error["message"] for error in client.all("error")] == ["The voice broke."]
            assert client.all("assistant_text") != []
            assert client.kinds()[-2:] == ["tts_done", "turn_complete"]

    async def test_a_model_that_fails_is_apologised_for_in_the_same_turn(self) -> None:
        model = FakeModel(writes("It", raises(EngineFailed("The model broke."))))
        async with on_call(llm=model) as client:
            await client.ask()
            assert client.kinds()[-2:] == ["tts_done", "turn_complete"]
            assert len({event["turn_id"] for event in client.all("trace_event")}) == 1
            assert "train of thought" in client.all("assistant_text")[-1]["full_text"]


class TestHangingUp:
    async def test_it_ends_the_call_as_it_should_end(self) -> None:
        async with on_call() as client:
            await client.ask()
            client.socket.say(type="end_call")
            await client.over.wait()
            assert client.socket.farewell is not None
            assert client.socket.farewell[0] == 1000

    async def test_in_mid_recording(self) -> None:
        async with on_call() as client:
            client.socket.say(type="start")
            client.socket.say_raw(recording(250)[0])
            client.socket.say(type="end_call")
            client.socket.say_raw(pcm(QUIET, 250))
            await client.over.wait()
            assert client.notebook.turns == []
            assert client.all("error") == []
