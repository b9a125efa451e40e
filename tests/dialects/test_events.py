"""The events of `/stream`: their order is the caller's, their fields are these."""

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
from repartee.dialects.events import EventsDialect

ASKED_AT, HEARD_FROM = 1_000.0, 999.0


def dialect() -> EventsDialect:
    return EventsDialect("an-upload", ASKED_AT, lambda: HEARD_FROM)


def parsed(event: str) -> dict[str, Any]:
    assert event.startswith("data: ")
    assert event.endswith("\n\n")
    assert event.count("\n") == 2, "an event is one line, and an empty one"
    message: dict[str, Any] = json.loads(event[6:])
    return message


def rendered(events: EventsDialect, what: told.Told) -> list[dict[str, Any]]:
    return [parsed(event) for event in events.render(what)]


def traced(event: str, at: float, units: tuple[float, ...] = ()) -> told.Traced:
    return told.Traced("a-turn", event, at, 0, units=units)


class TestWords:
    def test_what_was_heard_and_how_long_that_took(self) -> None:
        events = dialect()
        assert rendered(events, traced("stt_done", 999.25)) == []
        assert rendered(events, told.UserFinal("What time is it?", 0.9, 12)) == [
            {"type": "transcript", "text": "What time is it?", "asr_time": 0.25}
        ]

    @given(st.text())
    def test_whatever_they_are(self, text: str) -> None:
        (event,) = rendered(dialect(), told.UserFinal(text, 0.9, 12))
        assert event["text"] == text

    @given(st.text())
    def test_phrases_too(self, text: str) -> None:
        assert parsed(dialect().render_unit(text, np.zeros(1, np.int16)))["text"] == text


class TestSound:
    def test_each_phrase_is_a_whole_file_with_its_number(self) -> None:
        events = dialect()
        samples = np.arange(240, dtype=np.int16)
        chunks = [parsed(events.render_unit(text, samples)) for text in ("One.", "Two.")]
        assert [list(chunk) for chunk in chunks] == [["type", "index", "b64", "text"]] * 2
        assert [(chunk["type"], chunk["index"], chunk["text"]) for chunk in chunks] == [
            ("chunk", 0, "One."),
            ("chunk", 1, "Two."),
        ]
        with wave.open(io.BytesIO(base64.b64decode(chunks[1]["b64"]))) as file:
            assert file.getparams()[:4] == (1, 2, 24_000, 240)
            assert file.readframes(240) == samples.tobytes()


class TestTheEnd:
    def test_all_that_was_said_and_where_the_time_went(self) -> None:
        events = dialect()
        for what in (
            traced("stt_done", 999.25),
            traced("llm_start", 999.3),
            traced("first_sound_sent", 1_000.125),
            traced("llm_done", 1_001.3),
            told.ReplyCompleted(1, "spoken", "It is late. Good night."),
        ):
            assert rendered(events, what) == []
        (done,) = rendered(events, traced("turn_complete", 1_002.0, (0.1, 0.25)))
        assert done == {
            "type": "done",
            "full_text": "It is late. Good night.",
            "session_id": "an-upload",
            "timing": {
                "asr": 0.25,
                "llm": 2.0,
                "tts": 0.35,
                "total": 2.0,
                "first_audio": 0.125,
                "tts_chunks": [0.1, 0.25],
            },
        }
        assert list(done) == ["type", "full_text", "session_id", "timing"]

    def test_what_did_not_happen_or_was_ready_before_took_no_time(self) -> None:
        events = dialect()
        rendered(events, traced("first_sound_sent", 990.0))
        (done,) = rendered(events, traced("turn_complete", 1_000.0))
        assert set(done["timing"].pop("tts_chunks")) == set()
        assert set(done["timing"].values()) == {0.0}


class TestTrouble:
    @pytest.mark.parametrize(
        ("what", "sentence"),
        [
            (told.Problem("The model failed. Try again.", "x"), "The model failed. Try again."),
            (told.ReplyInterrupted(0, "spoken", ""), "The answer was cut off before its end."),
            (told.ReplyInterrupted(3, "spoken", "It"), "The answer was cut off before its end."),
        ],
    )
    def test_it_is_one_sentence(self, what: told.Told, sentence: str) -> None:
        assert rendered(dialect(), what) == [{"type": "error", "message": sentence}]


@pytest.mark.parametrize(
    "what",
    [
        told.UserPartial("What"),
        told.ReplyStarted(1, "spoken"),
        told.ReplyPiece(1, "spoken", "It"),
        told.ReplyWritten(1, "spoken", "It is late."),
    ],
)
def test_what_this_language_has_no_word_for_is_not_told(what: told.Told) -> None:
    assert dialect().render(what) == []
