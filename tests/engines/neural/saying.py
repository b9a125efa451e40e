"""Listening to a synthesiser."""

from contextlib import aclosing

import numpy as np

from repartee.engines.protocols import Samples, Sound, Speech, Synthesizer


async def said(engine: Synthesizer, text: str, speech: Speech | None = None) -> list[Sound]:
    async with aclosing(engine.synthesize(text, speech or Speech())) as pieces:
        return [piece async for piece in pieces]


def joined(pieces: list[Sound]) -> Samples:
    return np.concatenate([piece.samples for piece in pieces])


def pitch_hz(pieces: list[Sound]) -> int:
    """How often a second it swings, by its zero crossings where there is sound."""
    sound = pieces[0].samples[:4_000].astype(np.int32)
    crossings = np.count_nonzero(np.diff(np.signbit(sound)))
    return round(crossings / 2 / len(sound) * pieces[0].rate_hz)
