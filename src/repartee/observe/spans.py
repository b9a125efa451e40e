"""A turn as spans of OpenTelemetry: one for the turn, and one for each engine that worked for it.

They are drawn when the turn is over, from the same record as the trace that clients see, so nothing
is measured twice. Names are those of the semantic conventions for generative AI; for voice they are
only proposed there. What was said is left out, unless it may be logged as well.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Literal

import msgspec
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer, set_span_in_context
from opentelemetry.util.types import AttributeValue

from repartee.observe.onlookers import Stage, TurnSeen

Kind = Literal["stt", "llm", "tts"]
Attributes = dict[str, AttributeValue]


class Serving(msgspec.Struct, frozen=True):
    """Who works at the moment."""

    engine: str
    model: str = ""


class _Work(msgspec.Struct, frozen=True):
    kind: Kind
    operation: str
    output: str
    began: str
    """The moment at which it began."""
    first: str | None = None
    """The moment at which the first of it was there."""
    done: str | None = None


_WORKS = (
    _Work("stt", "speech_to_text", "text", "stt_start", done="stt_done"),
    _Work("llm", "chat", "text", "llm_start", "llm_first_token", "llm_done"),
    _Work("tts", "text_to_speech", "speech", "tts_start", "tts_first_chunk"),
)
_EVENTS = ("first_partial", "speaker_finished", "decided", "first_sound_sent")


class TurnSpans:
    def __init__(
        self, tracer: Tracer, serving: Callable[[Kind], Serving], *, content: bool = False
    ) -> None:
        """`content`: with what was said."""
        self._tracer = tracer
        self._serving = serving
        self._content = content

    def engine_failed(self, stage: Stage) -> None:
        """The turn says so itself."""

    def turn_over(self, seen: TurnSeen) -> None:
        turn, times = seen.turn, seen.times
        whole = self._tracer.start_span(
            "invoke_agent repartee",
            kind=SpanKind.SERVER,
            attributes=self._about(seen),
            start_time=_nanoseconds(seen, min(times.began_at, turn.started_at)),
        )
        if turn.status == "failed":
            whole.set_status(StatusCode.ERROR)
        if seen.first:  # an apology would tell of the same work once more
            _add_events(whole, seen)
            for work in _WORKS:
                self._add_work(work, whole, seen)
        whole.end(_nanoseconds(seen, turn.ended_at))

    def _about(self, seen: TurnSeen) -> Attributes:
        turn = seen.turn
        about: Attributes = {
            "gen_ai.operation.name": "invoke_agent",
            "gen_ai.provider.name": "repartee",
            "gen_ai.agent.name": "repartee",
            "gen_ai.conversation.id": seen.call_id,
            "repartee.turn.id": seen.times.id,
            "repartee.turn.number": turn.number,
            "repartee.turn.mode": turn.mode,
            "repartee.turn.status": turn.status,
        }
        if (gap := seen.times.since_over("first_sound_sent")) is not None:
            about["repartee.gap"] = gap
        if self._content:
            about["gen_ai.input.messages"] = _message("user", turn.user_text)
            about["gen_ai.output.messages"] = _message("assistant", turn.assistant_text)
        return about

    def _add_work(self, work: _Work, whole: Span, seen: TurnSeen) -> None:
        moments = seen.times.moments
        began_at = moments.get(work.began)
        if began_at is None:
            return
        done_at = seen.times.voiced_at if work.done is None else moments.get(work.done)
        who = _latest(work.kind, seen) or self._serving(work.kind)
        span = self._tracer.start_span(
            f"{work.operation} {who.model or who.engine}",
            context=set_span_in_context(whole),
            kind=SpanKind.CLIENT,
            attributes=_about_work(work, who, moments),
            start_time=_nanoseconds(seen, began_at),
        )
        # What broke off, or was cut off, went on until the turn was over.
        span.end(_nanoseconds(seen, seen.turn.ended_at if done_at is None else done_at))


def _about_work(work: _Work, who: Serving, moments: Mapping[str, float]) -> Attributes:
    about: Attributes = {
        "gen_ai.operation.name": work.operation,
        "gen_ai.provider.name": who.engine,
        "gen_ai.output.type": work.output,
    }
    if who.model:
        about["gen_ai.request.model"] = who.model
    if work.first is not None and work.first in moments:
        waited = moments[work.first] - moments[work.began]
        about["gen_ai.response.time_to_first_chunk"] = waited
    return about


def _add_events(whole: Span, seen: TurnSeen) -> None:
    times = seen.times
    moments = {**times.moments, "speaker_finished": times.over_at}
    events: list[tuple[float, str, Attributes]] = [
        (at, name, {}) for name in _EVENTS if (at := moments.get(name)) is not None
    ]
    for at, switch in times.switches:
        told: Attributes = {f"repartee.switch.{name}": text for name, text in switch.items()}
        events.append((at, "engine_switched", told))
    for at, name, told in sorted(events, key=lambda event: event[0]):
        whole.add_event(name, told, _nanoseconds(seen, at))


def _latest(kind: Kind, seen: TurnSeen) -> Serving | None:
    """Who took over during this turn, if anybody did."""
    took_over = [switch["to"] for _, switch in seen.times.switches if switch["kind"] == kind]
    return Serving(took_over[-1]) if took_over else None


def _message(role: str, text: str) -> str:
    message = {"role": role, "parts": [{"type": "text", "content": text}]}
    return json.dumps([message], ensure_ascii=False)


def _nanoseconds(seen: TurnSeen, moment: float) -> int:
    return round((moment + seen.unix_offset) * 1e9)
