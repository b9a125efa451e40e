"""`/ws`: hands-free voice and typed chat on one connection.

Spoken turns are answered with `transcript`, `text_chunk` and raw `audio`; typed ones with
`response_start`, `chunk`s of text and of complete WAV files, and `response_complete`. Both share
`status`, `error`, `pong`. A `reply` number rides along, so that a client can drop what is late.
"""

from __future__ import annotations

import binascii
from collections.abc import Callable
from typing import Annotated, Any

import msgspec
import pybase64

from repartee.audio.pcm import SPEAKING_RATE_HZ, Samples, pcm_bytes
from repartee.audio.wav import wav_bytes
from repartee.conversation import events as ev
from repartee.conversation import told
from repartee.dialects.misunderstood import what_is_wrong
from repartee.dialects.protocol import (
    Configured,
    Frame,
    Incoming,
    Misunderstood,
    Pinged,
    PlaybackReported,
    SoundArrived,
    TurnBegan,
    TurnEnded,
)
from repartee.dialects.trace import TraceEvent

# ---------------------------------------------------------------- what clients say


class _Audio(msgspec.Struct, tag="audio"):
    data: str


class _Start(msgspec.Struct, tag="start"):
    pass


class _Stop(msgspec.Struct, tag="stop"):
    pass


class _Interrupt(msgspec.Struct, tag="interrupt"):
    pass


class _Chat(msgspec.Struct, tag="chat"):
    message: str


class _Ping(msgspec.Struct, tag="ping"):
    pass


class _Played(msgspec.Struct, tag="played"):
    reply: Annotated[int, msgspec.Meta(ge=0)]
    ms: Annotated[float, msgspec.Meta(ge=0, le=1e9)]


class _Config(msgspec.Struct, tag="config"):
    persona: Annotated[str, msgspec.Meta(max_length=100)] | None = None
    voice: Annotated[str, msgspec.Meta(max_length=100)] | None = None
    speed: Annotated[float, msgspec.Meta(gt=0, le=2)] | None = None
    language: Annotated[str, msgspec.Meta(min_length=2, max_length=35)] | None = None
    instructions: Annotated[str, msgspec.Meta(max_length=4_000)] | None = None
    sample_rate: Annotated[int, msgspec.Meta(ge=8_000, le=48_000)] | None = None
    trace: bool | None = None


_MESSAGES = (_Audio, _Start, _Stop, _Interrupt, _Chat, _Ping, _Played, _Config)
_KNOWN = tuple(str(message.__struct_config__.tag) for message in _MESSAGES)
_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(
    _Audio | _Start | _Stop | _Interrupt | _Chat | _Ping | _Played | _Config
)
_encode = msgspec.json.Encoder().encode


def _frame(**fields: Any) -> str:
    return _encode(fields).decode()


class WsDialect:
    """One connection's translator. It holds only the count of a typed reply's chunks, and whether
    the client wants the trace."""

    name = "ws"
    paced = True

    def __init__(self) -> None:
        self._chunk_id = 0
        self._trace = False
        self._renderers: dict[type[told.Told], Callable[[Any], list[Frame]]] = {
            told.UserPartial: self._user_partial,
            told.UserFinal: self._user_final,
            told.ReplyStarted: self._reply_started,
            told.ReplyPiece: self._reply_piece,
            told.ReplyWritten: lambda _: [],
            told.ReplyCompleted: self._reply_completed,
            told.ReplyInterrupted: self._reply_interrupted,
            told.Problem: self._problem,
            told.Traced: self._traced,
        }

    # ------------------------------------------------------------ in

    def parse(self, frame: Frame) -> Incoming:
        if isinstance(frame, bytes):
            return SoundArrived(frame)
        try:
            message = _decoder.decode(frame)
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            return Misunderstood(what_is_wrong(frame, error, _KNOWN))
        return self._meaning(message)

    def _meaning(self, message: Any) -> Incoming:
        match message:
            case _Audio(data=data):
                return _sound(data)
            case _Chat(message=text):
                return ev.Typed(text)
            case _Start():
                return TurnBegan()
            case _Stop():
                return TurnEnded()
            case _Interrupt():
                return ev.InterruptRequested()
            case _Played(reply=reply, ms=ms):
                return PlaybackReported(reply, int(ms))
            case _Config():
                return self._configured(**msgspec.structs.asdict(message))
            case _:
                return Pinged()

    def _configured(self, trace: bool | None, **wishes: Any) -> Incoming:
        self._trace = self._trace if trace is None else trace
        return Configured(**wishes)

    # ------------------------------------------------------------ out

    def greet(self, session_id: str) -> Frame:
        return _frame(type="status", data="connected", session_id=session_id)

    def going_away(self, session_id: str, resume_after_ms: int) -> list[Frame]:
        told = {"session_id": session_id, "resume_after_ms": resume_after_ms}
        return [_frame(type="status", data="going_away", **told)]

    def turned_away(self, sentence: str, code: str, retry_after_ms: int) -> list[Frame]:
        told = {"code": code, "retry_after_ms": retry_after_ms}
        return [_frame(type="error", data=sentence, message=sentence, **told)]

    def pong(self) -> Frame:
        return _frame(type="pong", message="Connection alive")

    def render(self, what: told.Told) -> list[Frame]:
        return self._renderers[type(what)](what)

    def render_sound(self, reply: int, samples: Samples, text: str | None) -> Frame:
        pcm = pybase64.b64encode_as_string(pcm_bytes(samples))
        phrase = {} if text is None else {"text": text}
        return _frame(type="audio", data=pcm, reply=reply, **phrase)

    def render_unit(self, reply: int, text: str, samples: Samples) -> Frame:
        wav = pybase64.b64encode_as_string(wav_bytes(samples, SPEAKING_RATE_HZ))
        return self._chunk(reply, {"type": "audio", "data": wav, "text": text})

    def _chunk(self, reply: int, data: dict[str, Any]) -> Frame:
        self._chunk_id += 1
        return _frame(type="chunk", data={**data, "chunk_id": self._chunk_id}, reply=reply)

    def _user_partial(self, what: told.UserPartial) -> list[Frame]:
        data = {"text": what.text, "is_final": False, "confidence": 0.0}
        return [_frame(type="transcript", data=data)]

    def _user_final(self, what: told.UserFinal) -> list[Frame]:
        sure, language = round(what.confidence, 3), what.language
        data = {"text": what.text, "is_final": True, "confidence": sure}
        data |= {"language": language} if language else {}
        return [_frame(type="transcript", data=data)]

    def _reply_started(self, what: told.ReplyStarted) -> list[Frame]:
        if what.mode == "spoken":
            return [_frame(type="status", data="generating", reply=what.reply)]
        self._chunk_id = 0
        return [_frame(type="response_start", message="Generating response", reply=what.reply)]

    def _reply_piece(self, what: told.ReplyPiece) -> list[Frame]:
        if what.mode == "spoken":
            return [_frame(type="text_chunk", data=what.text, reply=what.reply)]
        return [self._chunk(what.reply, {"type": "text", "data": what.text})]

    def _reply_completed(self, what: told.ReplyCompleted) -> list[Frame]:
        if what.mode == "spoken":
            return [_frame(type="status", data="complete", reply=what.reply)]
        return [
            _frame(
                type="response_complete",
                full_text=what.text,
                message="Response complete",
                reply=what.reply,
            )
        ]

    def _reply_interrupted(self, what: told.ReplyInterrupted) -> list[Frame]:
        return [_frame(type="status", data="interrupted", reply=what.reply, heard=what.heard)]

    def _problem(self, what: told.Problem) -> list[Frame]:
        return [_frame(type="error", data=what.sentence, message=what.sentence, code=what.code)]

    def _traced(self, what: told.Traced) -> list[Frame]:
        if not self._trace:
            return []
        return [_encode(TraceEvent.of(what, what.reply)).decode()]


# ---------------------------------------------------------------- what was wrong


def _sound(data: str) -> Incoming:
    try:
        return SoundArrived(pybase64.b64decode(data, validate=True))
    except (binascii.Error, ValueError):
        return Misunderstood(
            "The audio is not valid base64. Send PCM16 bytes encoded as standard base64."
        )
