"""`/call` as a language: what each message means, and how each thing is told."""

from __future__ import annotations

import base64
import io
import json
import wave
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.conversation import told
from repartee.dialects import protocol as wire
from repartee.dialects.call import TRACED, CallDialect

NOW = 1_700_000_000.123456
TURN = "0b1f6a52-3c7e-4a1c-9d0e-000000000001"


def dialect() -> CallDialect:
    return CallDialect(lambda: NOW)


def parse(**message: Any) -> wire.Incoming:
    return dialect().parse(json.dumps(message))


def render(what: told.Told) -> list[dict[str, Any]]:
    return [json.loads(frame) for frame in dialect().render(what)]


def traced(event: str, ms: int, **more: Any) -> told.Traced:
    return told.Traced(TURN, event, NOW + ms / 1000, ms, **more)


class TestWhatClientsSay:
    def test_a_turn_begins_and_ends(self) -> None:
        assert parse(type="start") == wire.RecordingBegan()
        assert parse(type="stop") == wire.RecordingEnded()
        assert parse(type="end_call") == wire.HungUp()

    def test_binary_frames_are_the_recording(self) -> None:
        assert dialect().parse(b"\x1a\x45\xdf\xa3") == wire.RecordingPiece(b"\x1a\x45\xdf\xa3")
        assert dialect().parse(b"") == wire.RecordingPiece(b"")

    def test_a_ping_is_understood_too(self) -> None:
        assert parse(type="ping") == wire.Pinged()

    def test_fields_that_nobody_knows_are_ignored(self) -> None:
        assert parse(type="start", mimeType="audio/webm", ts=12) == wire.RecordingBegan()


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ("not json", "not valid JSON"),
        ("", "not valid JSON"),
        ('{"type": "start"', "not valid JSON"),
        ("[]", 'needs a "type"'),
        ('"start"', 'needs a "type"'),
        ("null", 'needs a "type"'),
        ('{"type": 5}', 'needs a "type"'),
        ('{"event": "start"}', 'needs a "type"'),
        ('{"type": "dance"}', "'dance' is unknown. Known types are: end_call, ping, start, stop."),
        ('{"type": "START"}', "'START' is unknown"),
        ('{"type": "chat", "message": "hi"}', "'chat' is unknown"),
        ('{"type": "' + "x" * 100_000 + '"}', "is unknown"),
        ("[" * 100_000, "not valid JSON"),
    ],
)
def test_what_is_malformed_gets_one_plain_sentence(frame: str, expected: str) -> None:
    answer = dialect().parse(frame)
    assert isinstance(answer, wire.Misunderstood)
    assert expected in answer.sentence
    assert len(answer.sentence) < 300


@given(st.one_of(st.text(), st.binary()))
def test_nothing_makes_it_stumble(frame: str | bytes) -> None:
    dialect().parse(frame)


def event(name: str, ms: int, **more: Any) -> dict[str, Any]:
    ts = pytest.approx(NOW + ms / 1000, abs=0.0001)
    return {
        "type": "trace_event",
        "event": name,
        "ts": ts,
        "turn_id": TURN,
        "latency_ms": ms,
        **more,
    }


LATENCY = {"stt_ms": 40, "first_audio_ms": 190, "total_ms": 200}
WHY = {"stage": "stt_done", "ms": 40, "of_ms": 190, "sentence": "It took 40 of 190 ms."}

WHOLE_TURN: list[tuple[told.Told, dict[str, Any] | None]] = [
    (
        told.UserPartial("what"),
        {"type": "stt_partial", "text": "what", "ts": 1_700_000_000.1235},
    ),
    (traced("turn_started", 0), event("turn_started", 0)),
    (traced("stt_start", 1), event("stt_start", 1)),
    (traced("stt_done", 40), event("stt_done", 40)),
    (
        told.UserFinal("what is it", 0.87654, 40),
        {"type": "stt_final", "text": "what is it", "confidence": 0.877, "latency_ms": 40},
    ),
    (traced("decided", 40), None),
    (told.ReplyStarted(1, "spoken"), None),
    (traced("llm_start", 40), event("llm_start", 40)),
    (traced("llm_first_token", 80), event("llm_first_token", 80)),
    (
        told.ReplyPiece(1, "spoken", " is."),
        {"type": "assistant_text", "text": " is.", "is_final": False},
    ),
    (
        told.ReplyWritten(1, "spoken", "It is."),
        {"type": "assistant_text", "text": "", "is_final": True, "full_text": "It is."},
    ),
    (traced("first_sound_sent", 190), None),
    (told.ReplyCompleted(1, "spoken", "It is."), {"type": "tts_done"}),
    (
        traced("turn_complete", 200, latency=LATENCY, why=WHY, units=(0.01,)),
        event("turn_complete", 200, latency=LATENCY, why=WHY),
    ),
]


class TestWhatClientsHear:
    def test_at_connect(self) -> None:
        greeting = json.loads(dialect().greet("b2c3"))
        assert greeting == {"type": "session_id", "session_id": "b2c3"}

    def test_pong(self) -> None:
        assert json.loads(dialect().pong())["type"] == "pong"

    def test_who_finds_no_room_is_told_when_there_may_be(self) -> None:
        (frame,) = dialect().turned_away("All 9 places are taken.", "refused", 10_000)
        assert json.loads(frame) == {
            "type": "error",
            "message": "All 9 places are taken.",
            "code": "refused",
            "retry_after_ms": 10_000,
        }

    def test_a_whole_turn(self) -> None:
        one = dialect()
        for what, message in WHOLE_TURN:
            frames = [json.loads(frame) for frame in one.render(what)]
            assert frames == ([] if message is None else [message])

    def test_an_interrupt_is_part_of_the_trace(self) -> None:
        assert render(told.ReplyInterrupted(1, "spoken", "It")) == []
        assert render(traced("turn_interrupted", 900)) == [event("turn_interrupted", 900)]

    @pytest.mark.parametrize("name", sorted(TRACED))
    def test_every_event_that_clients_know_is_told(self, name: str) -> None:
        assert [frame["event"] for frame in render(traced(name, 5))] == [name]

    def test_an_error_is_one_sentence(self) -> None:
        assert render(told.Problem("No audio received.", "bad_audio")) == [
            {"type": "error", "message": "No audio received.", "code": "bad_audio"}
        ]


class TestSound:
    def test_every_phrase_is_a_complete_wav_with_its_words(self) -> None:
        sound = np.arange(480, dtype=np.int16)
        chunk = json.loads(dialect().render_unit(1, "Hi.", sound))
        with wave.open(io.BytesIO(base64.b64decode(chunk.pop("audio")))) as file:
            assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (24_000, 1, 2)
            assert np.array_equal(np.frombuffer(file.readframes(480), np.int16), sound)
        assert chunk == {"type": "tts_audio_chunk", "index": 0, "text": "Hi."}

    def test_a_little_of_it_is_one_too(self) -> None:
        chunk = json.loads(dialect().render_sound(1, np.zeros(480, np.int16), "Hi."))
        assert base64.b64decode(chunk["audio"])[:4] == b"RIFF"

    def test_phrases_are_counted_from_nought_in_every_reply(self) -> None:
        one, sound = dialect(), np.zeros(240, np.int16)
        counted = []
        for reply in (1, 2):
            one.render(told.ReplyStarted(reply, "spoken"))
            counted += [json.loads(one.render_unit(reply, "", sound))["index"] for _ in range(3)]
        assert counted == [0, 1, 2, 0, 1, 2]


def test_all_that_can_be_told_has_an_answer() -> None:
    kinds = told.Told.__subclasses__()
    assert {type(what) for what, _ in WHOLE_TURN} < set(kinds)
    assert set(dialect()._renderers) == set(kinds)
