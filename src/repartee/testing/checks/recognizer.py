"""The promises of a recogniser."""

from __future__ import annotations

import asyncio
from itertools import pairwise

from repartee.engines.languages import AUTO, detects
from repartee.engines.protocols import (
    LISTENING_RATE_HZ,
    Caller,
    Hearing,
    Recognizer,
    Samples,
    Transcript,
)
from repartee.testing.checks.looking import babble, check_freed, collect, soon

_CHUNK = LISTENING_RATE_HZ // 50


async def check_recognizer(
    recognizer: Recognizer, sound: Samples | None = None, *, abandon_within_s: float = 0.1
) -> None:
    """Hearings that settle, go on, end and can be left; callers that do not mix.

    `sound` is what is heard, at 16 kHz; a recogniser for people deserves some real speech.
    """
    sound = babble(2 * LISTENING_RATE_HZ) if sound is None else sound
    assert recognizer.name, "A recogniser has a name."
    assert recognizer.languages, "A recogniser knows a language."
    language = recognizer.languages[0]
    await recognizer.open()
    try:
        async with recognizer.listen(Caller("silent"), language) as hearing:
            nothing = await soon(hearing.settle())
            assert nothing == Transcript("", 0.0), "Nothing fed is nothing heard."

        alone = await _heard(recognizer, Caller("alone"), language, sound)
        beside = await asyncio.gather(
            *(_heard(recognizer, Caller(name), language, sound) for name in ("one", "another"))
        )
        assert [heard.text for heard in beside] == [alone.text] * 2, (
            "Callers that are heard at once do not mix."
        )

        await _check_leaving(recognizer, language, sound, abandon_within_s)
        again = await _heard(recognizer, Caller("after"), language, sound)
        assert again.text == alone.text, "A hearing that is left early harms nobody."
        await _check_going_on(recognizer, language, sound)
        if detects(recognizer):
            found = await _heard(recognizer, Caller("whoever"), AUTO, sound)
            assert found.language != AUTO, "A recogniser that can tell names the language."
    finally:
        await recognizer.close()


async def _heard(
    recognizer: Recognizer, caller: Caller, language: str, sound: Samples
) -> Transcript:
    """The final transcript, after a look at the partials, which must end with the hearing."""
    async with recognizer.listen(caller, language) as hearing:
        partials = asyncio.ensure_future(collect(hearing.partials()))
        for at in range(0, len(sound), _CHUNK):
            hearing.feed(sound[at : at + _CHUNK])
            await asyncio.sleep(0)
        final = await _settled(hearing)
    told = await soon(partials)
    repeated = any(a == b for a, b in pairwise(told))
    assert not repeated, "A partial is told when it changes."
    return final


async def _check_leaving(
    recognizer: Recognizer, language: str, sound: Samples, abandon_within_s: float
) -> None:
    async def serve() -> None:
        async with recognizer.listen(Caller("next"), language) as hearing:
            hearing.feed(sound)
            await hearing.settle()

    async def abandon() -> None:
        async with recognizer.listen(Caller("leaves"), language) as hearing:
            hearing.feed(sound)
            settling = asyncio.ensure_future(hearing.settle())
            await asyncio.sleep(0.01)
            settling.cancel()
            await asyncio.wait([settling])

    await check_freed(serve, abandon, abandon_within_s)


async def _check_going_on(recognizer: Recognizer, language: str, sound: Samples) -> None:
    half = len(sound) // 2
    async with recognizer.listen(Caller("pauses"), language) as hearing:
        hearing.feed(sound[:half])
        await _settled(hearing)
        hearing.feed(sound[half:])
        await _settled(hearing)


async def _settled(hearing: Hearing) -> Transcript:
    final = await soon(hearing.settle())
    assert 0.0 <= final.confidence <= 1.0, "Confidence lies between 0 and 1."
    assert final.text or final.confidence == 0.0, "Nobody is confident of an empty text."
    return final
