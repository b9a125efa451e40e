"""Has the voice learn the house's own sentences by heart, while nobody needs the machine.

They are what is said when an engine fails, and the voice may be the one that does: then they come
from the cache. They are spoken ahead in the usual voice and language only, and only by engines that
work here or on a server of one's own. A service in the cloud takes money for every character, and a
server that starts again and again would pay for silence; what it is asked to say anyway is kept all
the same, from the first time on.
"""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Iterator
from itertools import product

import anyio
import msgspec

from repartee.calls.failures import sentence_of
from repartee.calls.reply import phrases_of
from repartee.calls.speech_in import speech_in
from repartee.conversation.language import SpokenLanguage
from repartee.conversation.lexicon import holding_sentence
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
MOST_TRIES = 5
"""Of each line: an engine that can't say it is not asked for ever."""
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
    left = deque(line for line in lines if _costs_nothing(line.engine.name))
    tries: Counter[_Line] = Counter()
    while left:
        line = left.popleft()
        if line.is_known:
            continue
        await _until_quiet(house)
        async with house.alone:
            if house.is_engaged:
                left.append(line)  # somebody came while the machine was measured
                continue
            is_spoken = await _is_spoken(line)
        if is_spoken:
            _look_whether_it_is_kept(line)
            continue
        tries[line] += 1
        if tries[line] < MOST_TRIES:
            left.append(line)
        await anyio.sleep(AGAIN_SECONDS)


async def _is_spoken(line: _Line) -> bool:
    try:
        with anyio.fail_after(_PATIENCE_SECONDS):
            await whole_sound(line.engine, line.phrase, line.speech)
    except Exception as failure:
        reason = sentence_of(failure, "The speech synthesiser took too long or broke.")
        log.info("A sentence could not be spoken ahead: %s", reason)
        return False
    return True


def _look_whether_it_is_kept(line: _Line) -> None:
    """Once more would lead to the same."""
    if not line.is_known:
        log.info("A sentence that was spoken ahead is too large for the cache: %s", line.phrase)


def _lines(house: House) -> Iterator[_Line]:
    tts = house.engines.tts
    engines = [one for one in getattr(tts, "engines", (tts,)) if isinstance(one, Cached)]
    for engine, (sentence, language) in product(engines, _sentences(house)):
        speech = speech_in(tts, house.options.speech, language)
        try:
            engine.resolve(speech.voice, speech.language)
        except BadInput:
            continue  # one of a chain, which is asked for another voice
        for phrase in phrases_of(sentence, tts, speech):
            yield _Line(engine, phrase, speech)


def _sentences(house: House) -> list[tuple[str, str]]:
    """What may have to be said, and in which language."""
    fixed = [(sentence, FIXED_LANGUAGE) for sentence in sorted(FIXED_SENTENCES)]
    usual = SpokenLanguage(house.options.rules.language).now
    holding = holding_sentence(usual)
    return [*fixed, (holding, usual)] if holding else fixed


def _costs_nothing(engine: str) -> bool:
    known = BUILT_IN["tts"].get(engine)
    return known is not None and known.where in _WITHOUT_A_BILL


async def _until_quiet(house: House) -> None:
    """Who waits on the line, or for an answer, goes first."""
    await anyio.sleep(QUIET_SECONDS)
    while house.is_engaged:
        await anyio.sleep(QUIET_SECONDS)
