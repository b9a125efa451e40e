"""The promises of a synthesiser."""

from __future__ import annotations

import asyncio

import numpy as np

from repartee.engines.protocols import Sound, Speech, Synthesizer
from repartee.errors import UnknownVoice
from repartee.testing.checks.looking import check_freed, collect, leave, soon

_KOKORO_NAMES = (
    "af_heart af_bella af_nicole af_sky am_adam am_michael bf_emma bf_isabella bm_george bm_lewis"
)


async def check_synthesizer(synthesizer: Synthesizer, *, abandon_within_s: float = 0.1) -> None:
    """Voices by every name clients use; sound in pieces with words in place; leaving; mixing."""
    assert synthesizer.name, "A synthesiser has a name."
    await synthesizer.open()
    try:
        _check_voices(synthesizer)
        text, speech = "Good morning, and thank you for calling.", Speech()
        alone = await _check_sound(synthesizer, text, speech)
        faster = await _check_sound(synthesizer, text, Speech(speed=1.5))
        assert faster < alone, "Faster speech is shorter."

        await _check_leaving(synthesizer, abandon_within_s)
        beside = await asyncio.gather(
            *(_check_sound(synthesizer, part, speech) for part in (text, "Yes.", text))
        )
        assert beside[1] < min(beside[0], beside[2]), "Texts spoken at once do not mix."
        assert abs(beside[0] - alone) < 0.1 * alone, "A text is as long beside others as alone."
        assert abs(beside[2] - alone) < 0.1 * alone, "A text is as long beside others as alone."
    finally:
        await synthesizer.close()


async def _check_leaving(synthesizer: Synthesizer, abandon_within_s: float) -> None:
    long = "First comes a sentence, which is not short. " * 4

    async def serve() -> None:
        brief = synthesizer.synthesize("Yes.", Speech())
        await anext(brief)
        await leave(brief)

    async def at_its_first_sound() -> None:
        leaving = synthesizer.synthesize(long, Speech())
        await anext(leaving)
        await leave(leaving)

    async def before_any_sound() -> None:
        waiting = asyncio.ensure_future(collect(synthesizer.synthesize(long, Speech())))
        await asyncio.sleep(0.01)
        waiting.cancel()
        await asyncio.wait([waiting])

    await check_freed(serve, at_its_first_sound, abandon_within_s)
    await check_freed(serve, before_any_sound, abandon_within_s)


def _check_voices(synthesizer: Synthesizer) -> None:
    assert synthesizer.voices(), "A synthesiser has a voice."
    for voice in synthesizer.voices()[:20]:
        assert synthesizer.resolve(voice.name, voice.language).name, "A voice answers to its name."
    for name in _KOKORO_NAMES.split():
        assert synthesizer.resolve(name, "en").name, "A name that clients use finds a voice."
    try:
        synthesizer.resolve("nobody has this name", "en")
    except UnknownVoice:
        return
    raise AssertionError("A name that is nobody's is refused with UnknownVoice.")


async def _check_sound(synthesizer: Synthesizer, text: str, speech: Speech) -> float:
    """How many seconds the text lasts."""
    pieces: list[Sound] = await soon(collect(synthesizer.synthesize(text, speech)))
    assert pieces, "A text has a sound."
    assert all(p.samples.dtype == np.int16 and p.samples.ndim == 1 for p in pieces), (
        "Sound is int16 mono."
    )
    assert len({p.rate_hz for p in pieces}) == 1, "One text has one rate."
    seconds = sum(len(p.samples) for p in pieces) / pieces[0].rate_hz
    words = [word for piece in pieces for word in piece.words]
    assert words == sorted(words, key=lambda word: word.offset), "Words come in order."
    for word in words:
        assert word.offset >= 0, "A word stands in its text."
        assert word.offset + word.length <= len(text), "A word stands in its text."
        assert 0 <= word.start_ms <= seconds * 1000, "A word begins within the sound."
    return seconds
