"""A turn as spans: who worked on it and for how long, and nothing of what was said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from repartee.observe.onlookers import TurnSeen
from repartee.observe.spans import Kind, Serving, TurnSpans
from tests.observe.a_turn import UNIX, a_turn

ENGINES = {"stt": Serving("ear"), "llm": Serving("mind", "mind-7b"), "tts": Serving("mouth")}


def drawn(seen: TurnSeen, *, content: bool = False) -> dict[str, ReadableSpan]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))

    def serving(kind: Kind) -> Serving:
        return ENGINES[kind]

    TurnSpans(provider.get_tracer("trial"), serving, content=content).turn_over(seen)
    spans = exporter.get_finished_spans()
    provider.shutdown()
    return {span.name: span for span in spans}


def about(span: ReadableSpan) -> Mapping[str, Any]:
    assert span.attributes is not None
    return span.attributes


def stretch(span: ReadableSpan) -> tuple[float, float]:
    """From when to when, in seconds of the call."""
    assert span.start_time is not None
    assert span.end_time is not None
    began, ended = (round(at / 1e9 - UNIX, 3) for at in (span.start_time, span.end_time))
    return began, ended


class TestATurn:
    def test_it_is_a_span_with_one_below_it_for_each_engine(self) -> None:
        spans = drawn(a_turn())
        assert {name: stretch(span) for name, span in spans.items()} == {
            "invoke_agent repartee": (9.0, 12.0),
            "speech_to_text ear": (10.02, 10.1),
            "chat mind-7b": (10.11, 10.6),
            "text_to_speech mouth": (10.36, 10.9),
        }
        whole = spans.pop("invoke_agent repartee")
        assert whole.parent is None
        for span in spans.values():
            assert span.parent is not None
            assert whole.context is not None
            assert span.parent.span_id == whole.context.span_id

    def test_it_says_whose_turn_it_was_and_how_it_went(self) -> None:
        whole = about(drawn(a_turn())["invoke_agent repartee"])
        assert whole["gen_ai.operation.name"] == "invoke_agent"
        assert whole["gen_ai.conversation.id"] == "call-1"
        assert whole["repartee.turn.status"] == "complete"
        assert whole["repartee.gap"] == pytest.approx(0.45)

    def test_what_happened_in_it_are_events(self) -> None:
        events = drawn(a_turn())["invoke_agent repartee"].events
        assert [(event.name, round(event.timestamp / 1e9 - UNIX, 3)) for event in events] == [
            ("first_partial", 9.3),
            ("speaker_finished", 10.0),
            ("decided", 10.2),
            ("first_sound_sent", 10.45),
        ]


class TestWork:
    def test_names_are_those_of_the_conventions(self) -> None:
        model = about(drawn(a_turn())["chat mind-7b"])
        assert model["gen_ai.operation.name"] == "chat"
        assert model["gen_ai.provider.name"] == "mind"
        assert model["gen_ai.request.model"] == "mind-7b"
        assert model["gen_ai.output.type"] == "text"
        assert model["gen_ai.response.time_to_first_chunk"] == pytest.approx(0.24)

    def test_one_that_was_cut_off_went_on_to_the_end(self) -> None:
        seen = a_turn(status="interrupted")
        del seen.times.moments["llm_done"]
        assert stretch(drawn(seen)["chat mind-7b"]) == (10.11, 12.0)

    def test_one_that_never_began_has_no_span(self) -> None:
        seen = a_turn(mode="typed")
        seen.times.forget("stt_start", "stt_done")
        assert "speech_to_text ear" not in drawn(seen)

    def test_whoever_took_over_is_named(self) -> None:
        seen = a_turn()
        switch = {"kind": "llm", "from": "mind", "to": "other", "why": "It is gone."}
        seen.times.switches.append((10.15, switch))
        spans = drawn(seen)
        assert "chat other" in spans
        events = {event.name: event for event in spans["invoke_agent repartee"].events}
        switched = events["engine_switched"].attributes
        assert switched is not None
        assert switched["repartee.switch.why"] == "It is gone."


class TestTrouble:
    def test_a_failed_turn_is_an_error(self) -> None:
        whole = drawn(a_turn(status="failed"))["invoke_agent repartee"]
        assert whole.status.status_code is StatusCode.ERROR

    def test_an_apology_does_not_tell_of_the_same_work_again(self) -> None:
        apology = msgspec.structs.replace(a_turn(), turn=a_turn(number=2).turn)
        assert list(drawn(apology)) == ["invoke_agent repartee"]


class TestPrivacy:
    def test_nothing_that_was_said_is_in_it(self) -> None:
        for span in drawn(a_turn()).values():
            assert "noon" not in span.to_json()
            assert "What time" not in span.to_json()

    def test_it_is_where_that_is_wished(self) -> None:
        whole = about(drawn(a_turn(), content=True)["invoke_agent repartee"])
        assert "What time is it?" in whole["gen_ai.input.messages"]
        assert "It is noon." in whole["gen_ai.output.messages"]
