"""A spoken message and its answer, whole: one turn of a conversation whose client has no line."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from functools import partial

import anyio
import msgspec
import numpy as np

from repartee.audio.pcm import SPEAKING_RATE_HZ, Samples
from repartee.calls.uploads import NO_SOUND, Upload, without_silence
from repartee.calls.visits import Phrase, Visitor
from repartee.conversation import told
from repartee.dialects.protocol import Configured
from repartee.errors import EngineFailed, Refused
from repartee.server.configuring import NOTHING, check, prepare, wish_in
from repartee.server.conversation_names import named
from repartee.server.house import House
from repartee.server.recordings import refuse_empty
from repartee.server.voice_answers import seconds, wav_base64
from repartee.server.voice_intake import from_base64, language_named, samples_of
from repartee.server.voice_models import Answered, MessageRequest

_CUT_OFF = "A newer message of this conversation has cut this one off."
_CLOSED = "The conversation was ended before its answer was whole. Please ask again."
_FAILURES = frozenset({"hearing_failed", "thinking_failed", "speaking_failed"})


class Heard(msgspec.Struct, frozen=True):
    text: str
    confidence: float
    language: str


class Answer(msgspec.Struct, frozen=True):
    text: str
    samples: Samples


async def whole_answer(
    house: House, wish: MessageRequest, query: Mapping[str, str], owner: str
) -> Answered:
    """All of it in one piece. Who names no conversation has one for this message alone."""
    house.roster.check_room()
    name = named("voice", wish.conversation_id or str(uuid.uuid4()), owner)
    visitor = await house.visitors.enter(name, "voice", owner)
    heard = ""
    try:
        async with aclosing(answered(house, visitor, wish, wish_in(query))) as parts:
            async for part in parts:
                if isinstance(part, Heard):
                    heard = part.text
                else:
                    answer = part
    finally:
        if not wish.conversation_id:
            with anyio.CancelScope(shield=True):
                await house.visitors.forget(name)
    return Answered(
        user_text=heard,
        assistant_text=answer.text,
        audio_base64=await asyncio.to_thread(wav_base64, answer.samples),
        audio_duration_seconds=seconds(answer.samples),
        audio_sample_rate=SPEAKING_RATE_HZ,
        session_id=visitor.id,
    )


async def answered(
    house: House, visitor: Visitor, wish: MessageRequest, beside: Configured = NOTHING
) -> AsyncGenerator[Heard | Answer]:
    """What was heard, as soon as that is known, and then the answer. What the message wishes counts
    more than what was wished `beside` it."""
    data = await asyncio.to_thread(from_base64, wish.audio_base64)
    refuse_empty(data)
    wishes = _wishes(wish, beside)
    check(house, wishes)
    samples = await samples_of(house, data, most_seconds=house.settings.max_turn_seconds)
    async with aclosing(answered_samples(house, visitor, samples, wishes)) as parts:
        async for part in parts:
            yield part


async def answered_samples(
    house: House, visitor: Visitor, samples: Samples, wish: Configured, *, patiently: bool = False
) -> AsyncGenerator[Heard | Answer]:
    """The same for a recording that is decoded; `patiently` waits for the answer before to end."""
    spoken = await without_silence(house.engines.voice, samples)
    upload = Upload(visitor, spoken, partial(prepare, house, visitor, wish))
    text, sound = "", [NO_SOUND]
    async with aclosing(visitor.ask(upload.answer, patiently=patiently)) as parts:
        async for part in parts:
            match part:
                case told.UserFinal():
                    language = part.language or visitor.call.language
                    yield Heard(part.text, part.confidence, language)
                case told.ReplyWritten():
                    text = part.text
                case Phrase():
                    sound.append(part.samples)
                case told.ReplyInterrupted():
                    raise Refused(_CLOSED if visitor.over else _CUT_OFF)
                case told.Problem() if part.code in _FAILURES:
                    raise EngineFailed(part.sentence)
    yield Answer(text, np.concatenate(sound))


def _wishes(wish: MessageRequest, beside: Configured) -> Configured:
    return Configured(
        persona=beside.persona if wish.persona is None else wish.persona,
        voice=wish.voice or beside.voice,
        speed=wish.speed or beside.speed,
        language=language_named(wish.language) or language_named(beside.language),
        instructions=wish.system_prompt,
    )
