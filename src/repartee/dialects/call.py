"""`/call`: push-to-talk. A recording per turn comes in; text, WAV files and a trace go out.

The client says `start`, sends the recording as its recorder makes it, and says `stop`. What it is
told of a turn ends with `tts_done` and the trace event `turn_complete`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pybase64

from repartee.audio.pcm import SPEAKING_RATE_HZ, Samples
from repartee.audio.wav import wav_bytes
from repartee.conversation import told
from repartee.dialects.misunderstood import what_is_wrong
from repartee.dialects.protocol import (
    Frame,
    HungUp,
    Incoming,
    Misunderstood,
    Pinged,
    RecordingBegan,
    RecordingEnded,
    RecordingPiece,
)
from repartee.dialects.trace import TraceEvent

TRACED = frozenset(
    {
        "turn_started",
        "stt_start",
        "stt_done",
        "llm_start",
        "llm_first_token",
        "llm_done",
        "tts_start",
        "tts_first_chunk",
        "turn_complete",
        "turn_interrupted",
        "engine_switched",
    }
)
"""Of all that a timeline knows, what clients of this dialect expect."""


class _Start(msgspec.Struct, tag="start"):
    pass


class _Stop(msgspec.Struct, tag="stop"):
    pass


class _EndCall(msgspec.Struct, tag="end_call"):
    pass


class _Ping(msgspec.Struct, tag="ping"):
    pass


_MEANINGS: dict[type, Incoming] = {
    _Start: RecordingBegan(),
    _Stop: RecordingEnded(),
    _EndCall: HungUp(),
    _Ping: Pinged(),
}
_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(_Start | _Stop | _EndCall | _Ping)
_encode = msgspec.json.Encoder().encode


def _frame(**fields: Any) -> str:
    return _encode(fields).decode()


class CallDialect:
    """One connection's translator; it holds the count of a reply's chunks."""

    name = "call"
    paced = False

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` gives the seconds since 1970 that partial transcripts are stamped with."""
        self._clock = clock
        self._index = 0
        self._renderers: dict[type[told.Told], Callable[[Any], list[Frame]]] = {
            told.UserPartial: self._user_partial,
            told.UserFinal: self._user_final,
            told.ReplyStarted: self._reply_started,
            told.ReplyPiece: self._reply_piece,
            told.ReplyWritten: self._reply_written,
            told.ReplyCompleted: lambda _: [_frame(type="tts_done")],
            told.ReplyInterrupted: lambda _: [],  # the trace says it
            told.Problem: self._problem,
            told.Traced: self._traced,
        }

    # ------------------------------------------------------------ in

    def parse(self, frame: Frame) -> Incoming:
        if isinstance(frame, bytes):
            return RecordingPiece(frame)
        try:
            return _MEANINGS[type(_decoder.decode(frame))]
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            return Misunderstood(what_is_wrong(frame, error, ("start", "stop", "end_call", "ping")))

    # ------------------------------------------------------------ out

    def greet(self, session_id: str) -> Frame:
        return _frame(type="session_id", session_id=session_id)

    def going_away(self, session_id: str, resume_after_ms: int) -> list[Frame]:
        """Its clients know no other word for it than an error, which they show to people."""
        seconds = max(2, -(-resume_after_ms // 1000))
        sentence = f"The server is shutting down. Connect again in {seconds} seconds."
        told = {"session_id": session_id, "resume_after_ms": resume_after_ms}
        return [_frame(type="error", message=sentence, code="going_away", **told)]

    def turned_away(self, sentence: str, code: str, retry_after_ms: int) -> list[Frame]:
        told = {"code": code, "retry_after_ms": retry_after_ms}
        return [_frame(type="error", message=sentence, **told)]

    def pong(self) -> Frame:
        return _frame(type="pong", message="Connection alive")

    def render(self, what: told.Told) -> list[Frame]:
        return self._renderers[type(what)](what)

    def render_sound(self, reply: int, samples: Samples, text: str | None) -> Frame:
        return self.render_unit(reply, text or "", samples)

    def render_unit(self, reply: int, text: str, samples: Samples) -> Frame:
        audio = pybase64.b64encode_as_string(wav_bytes(samples, SPEAKING_RATE_HZ))
        index, self._index = self._index, self._index + 1
        return _frame(type="tts_audio_chunk", audio=audio, index=index, text=text)

    def _user_partial(self, what: told.UserPartial) -> list[Frame]:
        return [_frame(type="stt_partial", text=what.text, ts=round(self._clock(), 4))]

    def _user_final(self, what: told.UserFinal) -> list[Frame]:
        return [
            _frame(
                type="stt_final",
                text=what.text,
                confidence=round(what.confidence, 3),
                latency_ms=what.latency_ms,
            )
        ]

    def _reply_started(self, what: told.ReplyStarted) -> list[Frame]:
        self._index = 0
        return []

    def _reply_piece(self, what: told.ReplyPiece) -> list[Frame]:
        return [_frame(type="assistant_text", text=what.text, is_final=False)]

    def _reply_written(self, what: told.ReplyWritten) -> list[Frame]:
        return [_frame(type="assistant_text", text="", is_final=True, full_text=what.text)]

    def _problem(self, what: told.Problem) -> list[Frame]:
        return [_frame(type="error", message=what.sentence, code=what.code)]

    def _traced(self, what: told.Traced) -> list[Frame]:
        return [_encode(TraceEvent.of(what)).decode()] if what.event in TRACED else []
