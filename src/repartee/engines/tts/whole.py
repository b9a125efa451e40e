"""Speech in one piece, for those who have no use for a stream."""

from __future__ import annotations

from contextlib import aclosing

import numpy as np

from repartee.engines.protocols import Sound, Speech, Synthesizer
from repartee.errors import EngineFailed


async def whole_sound(tts: Synthesizer, text: str, speech: Speech) -> Sound:
    """All the pieces, joined."""
    async with aclosing(tts.synthesize(text, speech)) as stream:
        pieces = [piece async for piece in stream]
    if not sum(len(piece.samples) for piece in pieces):
        raise EngineFailed(f"The {tts.name} engine made no sound of this text.")
    words = tuple(word for piece in pieces for word in piece.words)
    return Sound(np.concatenate([piece.samples for piece in pieces]), pieces[0].rate_hz, words)
