"""`/ws` as a language: what each message means, and how each thing is told."""

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

from repartee.conversation import events as ev
from repartee.conversation import told
from repartee.dialects import protocol as wire
from repartee.dialects.ws import WsDialect


def parse(**message: Any) -> wire.Incoming:
    return WsDialect().parse(json.dumps(message))


def render(what: told.Told) -> list[dict[str, Any]]:
    return [json.loads(frame) for frame in WsDialect().render(what)]


class TestWhatClientsSay:
    def test_binary_frames_are_sound(self) -> None:
        assert WsDialect().parse(b"\x01\x02\x03") == wire.SoundArrived(b"\x01\x02\x03")

    def test_sound_also_comes_as_base64(self) -> None:
        data = base64.b64encode(b"\x00\x01" * 10).decode()
        assert parse(type="audio", data=data) == wire.SoundArrived(b"\x00\x01" * 10)

    def test_chat_is_typed(self) -> None:
        assert parse(type="chat", message="hello") == ev.Typed("hello")

    def test_interrupt_and_ping(self) -> None:
        assert parse(type="interrupt") == ev.InterruptRequested()
        assert parse(type="ping") == wire.Pinged()

    def test_config_names_only_what_changes(self) -> None:
        wish = parse(type="config", voice="am_adam", speed=1.5)
        assert wish == wire.Configured(voice="am_adam", speed=1.5)

    def test_clients_may_report_what_was_played(self) -> None:
        assert parse(type="played", reply=3, ms=120.7) == wire.PlaybackReported(3, 120)

    def test_fields_that_nobody_knows_are_ignored(self) -> None:
        assert parse(type="ping", timestamp=12, id="x") == wire.Pinged()


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ("not json", "not valid JSON"),
        ("", "not valid JSON"),
        ("[]", 'needs a "type"'),
        ("12", 'needs a "type"'),
        ('{"type": 5}', 'needs a "type"'),
        ('{"message": "hi"}', 'needs a "type"'),
        ('{"type": "dance"}', "'dance' is unknown"),
        ('{"type": "chat"}', "'chat' message is wrong"),
        ('{"type": "chat", "message": 5}', "The field 'message' of a 'chat'"),
        ('{"type": "chat", "message": null}', "The field 'message' of a 'chat'"),
        ('{"type": "audio", "data": "§§§"}', "not valid base64"),
        ('{"type": "audio", "data": "abc"}', "not valid base64"),
        ('{"type": "audio", "data": 7}', "The field 'data' of a 'audio'"),
        ('{"type": "config", "speed": 9}', "The field 'speed' of a 'config'"),
        ('{"type": "config", "sample_rate": 1}', "The field 'sample_rate' of a 'config'"),
        ('{"type": "played", "reply": -1, "ms": 0}', "The field 'reply' of a 'played'"),
        ('{"type": "ping"' + "}" * 50_000, "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
    ],
)
def test_what_is_malformed_gets_one_plain_sentence(frame: str, expected: str) -> None:
    answer = WsDialect().parse(frame)
    assert isinstance(answer, wire.Misunderstood)
    assert expected in answer.sentence
    assert len(answer.sentence) < 300


@given(st.one_of(st.text(), st.binary()))
def test_nothing_makes_it_stumble(frame: str | bytes) -> None:
    WsDialect().parse(frame)


class TestWhatClientsHear:
    def test_at_connect(self) -> None:
        greeting = json.loads(WsDialect().greet("abc"))
        assert greeting == {"type": "status", "data": "connected", "session_id": "abc"}

    def test_pong(self) -> None:
        pong = json.loads(WsDialect().pong())
        assert pong["type"] == "pong"
        assert pong["message"]

    def test_a_spoken_turn(self) -> None:
        assert render(told.UserPartial("what is")) == [
            {
                "type": "transcript",
                "data": {"text": "what is", "is_final": False, "confidence": 0.0},
            }
        ]
        assert render(told.UserFinal("what is it", 0.87654, 120))[0]["data"] == {
            "text": "what is it",
            "is_final": True,
            "confidence": 0.877,
        }
        german = told.UserFinal("wie spät ist es", 0.9, 120, "de")
        assert render(german)[0]["data"]["language"] == "de"
        assert render(told.ReplyStarted(1, "spoken"))[0]["data"] == "generating"
        assert render(told.ReplyPiece(1, "spoken", "It"))[0] == {
            "type": "text_chunk",
            "data": "It",
            "reply": 1,
        }
        assert render(told.ReplyCompleted(1, "spoken", "It is."))[0]["data"] == "complete"

    def test_a_typed_turn(self) -> None:
        assert render(told.ReplyStarted(1, "typed"))[0]["type"] == "response_start"
        complete = render(told.ReplyCompleted(1, "typed", "It is."))[0]
        assert complete["type"] == "response_complete"
        assert complete["full_text"] == "It is."

    def test_chunks_are_counted_through_a_typed_reply_and_anew_in_the_next(self) -> None:
        dialect = WsDialect()
        sound = np.zeros(240, np.int16)
        frames = [
            *dialect.render(told.ReplyPiece(1, "typed", "It")),
            dialect.render_unit(1, "It is.", sound),
            *dialect.render(told.ReplyPiece(1, "typed", " was")),
        ]
        assert [json.loads(frame)["data"]["chunk_id"] for frame in frames] == [1, 2, 3]
        dialect.render(told.ReplyStarted(2, "typed"))
        again = json.loads(dialect.render(told.ReplyPiece(2, "typed", "No"))[0])
        assert again["data"]["chunk_id"] == 1

    def test_every_phrase_is_a_complete_wav(self) -> None:
        sound = np.arange(480, dtype=np.int16)
        chunk = json.loads(WsDialect().render_unit(1, "Hi.", sound))["data"]
        with wave.open(io.BytesIO(base64.b64decode(chunk["data"]))) as file:
            assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (24_000, 1, 2)
            assert np.array_equal(np.frombuffer(file.readframes(480), np.int16), sound)
        assert chunk["text"] == "Hi."

    def test_spoken_sound_is_raw(self) -> None:
        sound = np.arange(960, dtype=np.int16)
        frame = json.loads(WsDialect().render_sound(4, sound, "Hi."))
        assert base64.b64decode(frame["data"]) == sound.tobytes()
        assert (frame["type"], frame["reply"], frame["text"]) == ("audio", 4, "Hi.")

    def test_only_the_first_sound_of_a_phrase_names_it(self) -> None:
        frame = json.loads(WsDialect().render_sound(4, np.zeros(960, np.int16), None))
        assert "text" not in frame

    @pytest.mark.parametrize("mode", ["spoken", "typed"])
    def test_an_interrupt_sounds_alike_in_both(self, mode: Any) -> None:
        frame = render(told.ReplyInterrupted(2, mode, "It was"))[0]
        assert frame == {"type": "status", "data": "interrupted", "reply": 2, "heard": "It was"}

    def test_errors_say_it_under_both_names(self) -> None:
        frame = render(told.Problem("No.", "some_code"))[0]
        assert frame == {"type": "error", "data": "No.", "message": "No.", "code": "some_code"}


class TestTheTrace:
    def test_it_is_told_to_those_who_asked_for_it(self) -> None:
        what = told.Traced("a turn", "llm_start", 12.34567, 40, reply=3)
        one = WsDialect()
        assert one.render(what) == []
        one.parse('{"type": "config", "trace": true}')
        assert json.loads(str(one.render(what)[0])) == {
            "type": "trace_event",
            "event": "llm_start",
            "ts": 12.3457,
            "turn_id": "a turn",
            "latency_ms": 40,
            "reply": 3,
        }

    def test_a_turn_that_nothing_answers_yet_has_no_reply(self) -> None:
        one = WsDialect()
        one.parse('{"type": "config", "trace": true}')
        (frame,) = one.render(told.Traced("a turn", "turn_started", 12.0, 0))
        assert "reply" not in json.loads(str(frame))
