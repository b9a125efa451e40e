"""A spoken message and its answer, whole: one turn of a conversation whose client has no line."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial

import msgspec
import numpy as np

from repartee.audio.pcm import Samples
from repartee.calls.single import check_language
from repartee.calls.uploads import NO_SOUND, Upload, without_silence
from repartee.calls.visits import Phrase, Visitor
from repartee.conversation import told
from repartee.dialects.protocol import Configured
from repartee.errors import EngineFailed, Refused
from repartee.server.configuring import configure
from repartee.server.house import House
from repartee.server.voice_intake import from_base64, language_or, samples_of
from repartee.server.voice_models import MessageRequest

_FAILURES = frozenset({"hearing_failed", "thinking_failed", "speaking_failed"})


class Heard(msgspec.Struct, frozen=True):
    text: str
    confidence: float
    language: str


class Answer(msgspec.Struct, frozen=True):
    text: str
    samples: Samples


async def answered(
    house: House, visitor: Visitor, wish: MessageRequest
) -> AsyncGenerator[Heard | Answer]:
    """What was heard, as soon as that is known, and then the answer."""
    samples = await samples_of(
        house, from_base64(wish.audio_base64), most_seconds=house.settings.max_turn_seconds
    )
    wishes = Configured(
        voice=wish.voice, speed=wish.speed, language=wish.language, instructions=wish.system_prompt
    )
    async with aclosing(answered_samples(house, visitor, samples, wishes)) as parts:
        async for part in parts:
            yield part


async def answered_samples(
    house: House, visitor: Visitor, samples: Samples, wish: Configured, *, patiently: bool = False
) -> AsyncGenerator[Heard | Answer]:
    """The same for a recording that is decoded; `patiently` waits for the answer before to end."""
    language = language_or(wish.language, house.options.speech.language)
    check_language(house.engines.stt, language)
    wishes = msgspec.structs.replace(wish, language=language)
    spoken = await without_silence(house.engines.voice, samples)
    upload = Upload(visitor, spoken, partial(configure, house, wish=wishes))
    text, sound = "", [NO_SOUND]
    async with aclosing(visitor.ask(upload.answer, patiently=patiently)) as parts:
        async for part in parts:
            match part:
                case told.UserFinal():
                    yield Heard(part.text, part.confidence, language)
                case told.ReplyWritten():
                    text = part.text
                case Phrase():
                    sound.append(part.samples)
                case told.ReplyInterrupted():
                    raise Refused("A newer message of this conversation has cut this one off.")
                case told.Problem() if part.code in _FAILURES:
                    raise EngineFailed(part.sentence)
    yield Answer(text, np.concatenate(sound))
