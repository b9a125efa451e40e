"""`/api/voice/ws/chat`: recordings, texts and spoken messages, one request after the other.

Pings are answered at once, whatever is being worked on. A request that can't be understood or done
is answered with one sentence, and the connection lives on.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import ExitStack, aclosing, suppress
from functools import partial
from typing import Any

import anyio
import msgspec
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from fastapi.exceptions import RequestValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect

from repartee.audio.pcm import SPEAKING_RATE_HZ, Samples
from repartee.calls.clock import now
from repartee.calls.failures import error_of
from repartee.calls.refusals import TryLater
from repartee.calls.shares import payer
from repartee.errors import Refused, ReparteeError
from repartee.server.bounds import until_idle, until_too_long
from repartee.server.conversation_names import named, of_socket
from repartee.server.farewells import (
    GOES_AWAY,
    TRY_AGAIN_LATER,
    Ending,
    close_reason,
    come_back_after,
    resume_after_ms,
    shortened,
)
from repartee.server.house import House
from repartee.server.problems import sentence_about
from repartee.server.security.callers import caller_of
from repartee.server.security.credentials import subprotocol_for
from repartee.server.voice_answers import seconds, wav_base64
from repartee.server.voice_intake import from_base64, language_named, samples_of, validated
from repartee.server.voice_message import Heard, answered
from repartee.server.voice_models import MessageRequest, SynthesisRequest, TranscriptionRequest

log = logging.getLogger(__name__)

_BAD_MESSAGE = "bad_message"
_MOST_WAITING = 16
_FAREWELL_SECONDS = 1.0

Message = dict[str, Any]
_encode = msgspec.json.Encoder().encode


class _Request(msgspec.Struct, frozen=True):
    type: str


_decode_type = msgspec.json.Decoder(_Request).decode


class _LineIsDead(Exception):
    pass


class VoiceSocket:
    def __init__(self, socket: WebSocket, house: House) -> None:
        self._socket = socket
        self._house = house
        self.id = str(uuid.uuid4())
        self._name = of_socket(self.id)
        self._pending = 0
        """Requests that were taken in and are not answered yet."""
        self._last_at = now()
        self._owner = caller_of(socket).owner
        self._kinds = {
            "transcribe": self._transcribe,
            "synthesize": self._synthesize,
            "voice_message": self._answer,
        }

    async def run(self) -> None:
        """Serve until either side has had enough."""
        await self._socket.accept(subprotocol_for(self._socket))
        with ExitStack() as stack:
            try:
                stack.enter_context(self._house.roster.place(self.id, payer.get()))
            except TryLater as refusal:
                with suppress(_LineIsDead):
                    await self._refuse(refusal)
                    await self._close(TRY_AGAIN_LATER, close_reason(refusal))
                return
            await self._serve()

    async def _serve(self) -> None:
        asked, asking = anyio.create_memory_object_stream[tuple[str, bytes]](_MOST_WAITING)
        try:
            async with anyio.create_task_group() as tasks:
                self._house.roster.enter(self, tasks.cancel_scope)
                tasks.start_soon(self._work, asking)
                for bound in self._bounds():
                    tasks.start_soon(self._leave_after, bound, tasks.cancel_scope)
                await self._read(asked)
                tasks.cancel_scope.cancel()
        except* _LineIsDead:
            log.info("The client no longer takes what it is sent.")
        finally:
            with anyio.CancelScope(shield=True):
                if self._house.roster.draining:
                    await self._send_away()
                await self._house.visitors.forget(self._name)
            self._house.roster.leave(self)

    @property
    def engaged(self) -> bool:
        """Somebody is owed an answer."""
        return self._pending > 0

    @property
    def in_haste(self) -> bool:
        """What is asked here waits behind the live calls."""
        return False

    @property
    def _quiet_since(self) -> float:
        return now() if self.engaged else self._last_at

    def _bounds(self) -> tuple[Callable[[], Awaitable[Ending]], ...]:
        settings = self._house.settings
        return (
            partial(until_idle, lambda: self._quiet_since, settings.idle_seconds),
            partial(until_too_long, settings.max_call_minutes),
        )

    async def _leave_after(
        self, bound: Callable[[], Awaitable[Ending]], everything: anyio.CancelScope
    ) -> None:
        ending = await bound()
        with suppress(_LineIsDead):
            await self._complain(ending.sentence, ending.told_as)
            await self._close(ending.code, shortened(ending.sentence))
        everything.cancel()

    async def _read(self, asked: MemoryObjectSendStream[tuple[str, bytes]]) -> None:
        with asked:
            while True:
                message = await self._socket.receive()
                if message["type"] == "websocket.disconnect":
                    return
                frame = (message.get("text") or "").encode()
                try:
                    kind = _decode_type(frame).type
                except (msgspec.MsgspecError, UnicodeError, RecursionError):
                    sentence = 'Send one JSON object with a "type" per text frame.'
                    await self._complain(sentence, _BAD_MESSAGE)
                    continue
                if kind == "ping":
                    await self._send(type="pong")
                elif kind not in self._kinds:
                    known = ", ".join([*self._kinds, "ping"])
                    sentence = f"There is no type {kind[:40]!r}. Types are: {known}."
                    await self._complain(sentence, _BAD_MESSAGE)
                else:
                    await self._take_in(kind, frame, asked)

    async def _take_in(
        self, kind: str, frame: bytes, asked: MemoryObjectSendStream[tuple[str, bytes]]
    ) -> None:
        try:
            self._house.roster.check_open()
            asked.send_nowait((kind, frame))
            self._pending += 1
        except TryLater as refusal:
            await self._refuse(refusal)
        except anyio.WouldBlock:
            sentence = "Too many requests wait here. Wait for an answer."
            await self._complain(sentence, Refused.code)

    async def _work(self, asking: MemoryObjectReceiveStream[tuple[str, bytes]]) -> None:
        with asking:
            async for kind, frame in asking:
                await self._do(kind, frame)
                self._pending -= 1
                self._last_at = now()

    async def _do(self, kind: str, frame: bytes) -> None:
        try:
            await self._house.limits.spend("requests")
            async with aclosing(self._kinds[kind](frame)) as answers:
                async for answer in answers:
                    await self._send(**answer)
        except RequestValidationError as wrong:
            first = wrong.errors()[0]
            sentence = sentence_about(first["type"], first["msg"], first["loc"][1:])
            await self._complain(sentence, _BAD_MESSAGE)
        except _LineIsDead:
            raise
        except Exception as failure:
            await self._refuse(error_of(failure, "That could not be done. Try again."))

    # ------------------------------------------------------------ what can be asked

    async def _transcribe(self, frame: bytes) -> AsyncGenerator[Message]:
        wish = await asyncio.to_thread(validated, TranscriptionRequest, frame)
        samples = await samples_of(self._house, from_base64(wish.audio_base64))
        language = language_named(wish.language) or self._house.options.speech.language
        heard = await self._house.errands.transcribe(samples, language)
        yield _transcription(heard.text, heard.language, heard.confidence)

    async def _synthesize(self, frame: bytes) -> AsyncGenerator[Message]:
        wish = validated(SynthesisRequest, frame)
        speech = wish.speech(self._house.options.speech)
        await self._house.limits.spend("characters", len(wish.text))
        spoken = await self._house.errands.synthesize(wish.text, speech)
        yield await asyncio.to_thread(_audio, spoken.sound.samples)

    async def _answer(self, frame: bytes) -> AsyncGenerator[Message]:
        """A connection is one conversation, unless its messages name others."""
        wish = await asyncio.to_thread(validated, MessageRequest, frame)
        name = self._name
        if wish.conversation_id:
            name = named("voice", wish.conversation_id, self._owner)
        visitor = await self._house.visitors.enter(name, "voice", self._owner)
        async with aclosing(answered(self._house, visitor, wish)) as parts:
            async for part in parts:
                if isinstance(part, Heard):
                    yield _transcription(part.text, part.language, part.confidence)
                else:
                    yield {"type": "assistant", "text": part.text}
                    yield await asyncio.to_thread(_audio, part.samples)

    # ------------------------------------------------------------ what is told

    async def _complain(self, sentence: str, code: str, **more: Any) -> None:
        await self._send(type="error", error=sentence, message=sentence, code=code, **more)

    async def _refuse(self, why: ReparteeError) -> None:
        more = {"retry_after_ms": why.retry_after_s * 1000} if isinstance(why, TryLater) else {}
        await self._complain(str(why), why.code, **more)

    async def _send_away(self) -> None:
        after_ms = resume_after_ms(self._house.roster)
        with anyio.move_on_after(_FAREWELL_SECONDS), suppress(_LineIsDead):
            sentence = come_back_after(after_ms)
            await self._complain(sentence, "going_away", resume_after_ms=after_ms)
            await self._close(GOES_AWAY.code, GOES_AWAY.sentence)

    async def _close(self, code: int, reason: str) -> None:
        with anyio.move_on_after(_FAREWELL_SECONDS), suppress(RuntimeError, OSError):
            await self._socket.close(code, reason)

    async def _send(self, **message: Any) -> None:
        text = _encode(message).decode()
        try:
            with anyio.fail_after(self._house.settings.send_timeout_seconds):
                await self._socket.send_text(text)
        except (WebSocketDisconnect, RuntimeError, OSError):  # a time-out is an OSError too
            raise _LineIsDead from None


def _transcription(text: str, language: str, confidence: float) -> Message:
    return {
        "type": "transcription",
        "text": text,
        "language": language,
        "confidence": round(confidence, 3),
    }


def _audio(samples: Samples) -> Message:
    return {
        "type": "audio",
        "audio_base64": wav_base64(samples),
        "duration_seconds": seconds(samples),
        "sample_rate": SPEAKING_RATE_HZ,
    }
