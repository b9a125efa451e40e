"""Has the voice learn the house's own sentences by heart, while nobody needs the machine.

They are what is said when an engine fails, and the voice may be the one that does: then they come
from the cache. They are spoken ahead in the usual voice only, and only by engines that work here or
on a server of one's own. A service in the cloud takes money for every character, and a server that
starts again and again would pay for silence; what it is asked to say anyway is kept all the same,
from the first time on.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator

import anyio
import msgspec

from repartee.calls.failures import sentence_of
from repartee.calls.reply import phrases_of
from repartee.calls.speech_in import speech_in
from repartee.conversation.rules import FIXED_LANGUAGE, FIXED_SENTENCES
from repartee.engines.catalogue import BUILT_IN
from repartee.engines.protocols import Speech
from repartee.engines.tts.cached import Cached
from repartee.engines.tts.whole import whole_sound
from repartee.errors import BadInput
from repartee.server.house import House

log = logging.getLogger(__name__)

QUIET_SECONDS = 5.0
"""So long after a start, or after somebody was served, it is quiet enough."""
AGAIN_SECONDS = 60.0
"""An engine that fails is left alone for so long."""
_PATIENCE_SECONDS = 30.0
_WITHOUT_A_BILL = ("here", "your server")


class _Line(msgspec.Struct, frozen=True):
    engine: Cached
    phrase: str
    speech: Speech

    @property
    def is_known(self) -> bool:
        return self.engine.is_kept(self.phrase, self.speech)


async def rehearse(house: House) -> None:
    """Until all lines are known that may be rehearsed."""
    lines = list(_lines(house))
    for line in lines:
        line.engine.keep_for_good(line.phrase, line.speech)
    async for line in _to_be_learned(lines):
        await _until_quiet(house)
        try:
            with anyio.fail_after(_PATIENCE_SECONDS):
                await whole_sound(line.engine, line.phrase, line.speech)
        except Exception as failure:
            reason = sentence_of(failure, "The speech synthesiser took too long or broke.")
            log.info("A sentence could not be spoken ahead: %s", reason)
            await anyio.sleep(AGAIN_SECONDS)


async def _to_be_learned(lines: list[_Line]) -> AsyncIterator[_Line]:
    """Round after round, those that are not known yet."""
    free = [line for line in lines if _costs_nothing(line.engine.name)]
    while left := [line for line in free if not line.is_known]:
        for line in left:
            yield line


def _lines(house: House) -> Iterator[_Line]:
    tts = house.engines.tts
    speech = speech_in(tts, house.options.speech, FIXED_LANGUAGE)
    for engine in getattr(tts, "engines", (tts,)):
        if not isinstance(engine, Cached):
            continue  # it is to remember nothing
        try:
            engine.resolve(speech.voice, speech.language)
        except BadInput:
            continue  # one of a chain, which is asked for another voice
        for sentence in sorted(FIXED_SENTENCES):
            for phrase in phrases_of(sentence, tts, speech):
                yield _Line(engine, phrase, speech)


def _costs_nothing(engine: str) -> bool:
    known = BUILT_IN["tts"].get(engine)
    return known is not None and known.where in _WITHOUT_A_BILL


async def _until_quiet(house: House) -> None:
    """Who waits on the line, or for an answer, goes first."""
    await anyio.sleep(QUIET_SECONDS)
    while house.is_engaged:
        await anyio.sleep(QUIET_SECONDS)
