"""One reply: written, cut into units, synthesised and played, in one cancellable scope."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing, suppress

import anyio
import numpy as np
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from repartee.calls.failures import sentence_of
from repartee.calls.playback import Playback
from repartee.conversation import events as ev
from repartee.engines.protocols import Samples, Sound, Speech, Synthesizer, WordTime
from repartee.engines.tts.cached import is_kept
from repartee.engines.tts.whole import whole_sound
from repartee.errors import EngineTimeout, ReparteeError
from repartee.speaking.sanitize import sanitize
from repartee.speaking.units import UnitCutter

log = logging.getLogger(__name__)

_SOUND_WITHIN_SECONDS = 10.0


class ReplyTask:
    def __init__(
        self,
        playback: Playback,
        words: AsyncGenerator[str],
        synthesizer: Synthesizer,
        speech: Speech,
        happened: Callable[[ev.Event], None],
        most_chars: int,
    ) -> None:
        self.number = playback.reply
        self.playback = playback
        self._words = words
        self._synthesizer = synthesizer
        self._speech = speech
        self._happened = happened
        self._most_chars = most_chars
        self._scope = anyio.CancelScope()
        self._first_scope = anyio.CancelScope()
        self._is_voicing = False

    def __repr__(self) -> str:
        return f"<ReplyTask {self.number}>"

    def stop(self) -> None:
        """Stop model, synthesis and sound together."""
        self.playback.stop()
        self._scope.cancel()
        self._first_scope.cancel()

    def duck(self) -> None:
        """Somebody speaks; what is to be said first, and is not there yet, is not said to them."""
        self.playback.duck()
        self._first_scope.cancel()

    async def run(self) -> None:
        # Room for the whole text: a model that had to wait for the listener would seem too slow.
        units_in, units_out = anyio.create_memory_object_stream[str](self._most_chars)
        with self._scope:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._write, units_in)
                tasks.start_soon(self._voice, units_out)
                tasks.start_soon(self.playback.run)

    async def say_first(self, sentence: str, speech: Speech) -> None:
        """Say this before the reply's own words, in its sound. Where there is no voice to say it,
        it is not said; nor where the voice is busy with those words, unless it knows it by heart.
        """
        phrases = phrases_of(sentence, self._synthesizer, speech)
        if self._is_voicing and not all(
            is_kept(self._synthesizer, phrase, speech) for phrase in phrases
        ):
            return
        with self._first_scope, anyio.move_on_after(_SOUND_WITHIN_SECONDS):
            try:
                self.playback.say_first(await spoken_whole(self._synthesizer, phrases, speech))
            except ReparteeError as failure:
                log.info("The caller could not be asked to wait: %s", failure)
            except Exception:
                log.exception("The caller could not be asked to wait.")

    async def _write(self, units: MemoryObjectSendStream[str]) -> None:
        cutter = UnitCutter()
        left = self._most_chars
        try:
            async with units, aclosing(self._words):
                async for piece in self._words:
                    self._happened(ev.ReplyText(self.number, piece))
                    await _pass_on(cutter.feed(piece), units)
                    if (left := left - len(piece)) <= 0:
                        break
                self._happened(ev.ReplyWritten(self.number))
                await _pass_on(cutter.finish(), units)
        except Exception as failure:
            sentence = sentence_of(failure, "The language model failed. Please try again.")
            self._happened(ev.EngineFailed("thinking", sentence, reply=self.number))

    async def _voice(self, units: MemoryObjectReceiveStream[str]) -> None:
        try:
            with units:
                async for unit in units:
                    await self._voice_unit(unit)
            self.playback.finish()
        except Exception as failure:
            sentence = sentence_of(failure, "The speech synthesiser failed. Please try again.")
            self._happened(ev.EngineFailed("speaking", sentence, reply=self.number))

    async def _voice_unit(self, unit: str) -> None:
        spoken = speakable(self._synthesizer, unit, self._speech)
        self.playback.begin_unit(unit, spoken)
        if not spoken:
            self.playback.end_unit([])  # nothing of it is audible, but it belongs to the text
            return
        words: list[WordTime] = []
        self._is_voicing = True
        async with aclosing(self._synthesizer.synthesize(spoken, self._speech)) as pieces:
            while (sound := await _next_within(_SOUND_WITHIN_SECONDS, pieces)) is not None:
                self._first_scope.cancel()  # it comes too late now, and may keep the voice busy
                words.extend(sound.words)
                await self.playback.add(sound.samples)
        self._is_voicing = False
        self.playback.end_unit(words)


async def fixed_words(text: str) -> AsyncGenerator[str]:
    """A reply for which no model is asked."""
    yield text


async def spoken_whole(tts: Synthesizer, phrases: Sequence[str], speech: Speech) -> Samples:
    """All the sound of these phrases, one after the other."""
    return np.concatenate([(await whole_sound(tts, one, speech)).samples for one in phrases])


def phrases_of(sentence: str, tts: Synthesizer, speech: Speech) -> list[str]:
    """What this voice is given to say of a fixed sentence, phrase by phrase."""
    cutter = UnitCutter()
    units = [*cutter.feed(sentence), *cutter.finish()]
    return [spoken for unit in units if (spoken := speakable(tts, unit, speech))]


def speakable(tts: Synthesizer, unit: str, speech: Speech) -> str:
    return sanitize(unit, ascii_only=tts.ascii_only, language=speech.language)


async def _pass_on(cut: Sequence[str], units: MemoryObjectSendStream[str]) -> None:
    with suppress(anyio.BrokenResourceError):  # the voice has failed, and says so itself
        for unit in cut:
            await units.send(unit)


async def _next_within(seconds: float, pieces: AsyncGenerator[Sound]) -> Sound | None:
    try:
        with anyio.fail_after(seconds):
            return await anext(pieces, None)
    except TimeoutError:
        raise EngineTimeout("The speech synthesiser took too long. Please try again.") from None
