"""The colour of a voice: the cepstral mean that pocketsphinx takes away before it listens.

Its model was trained on sound without it. Left alone, the library begins every decoder with a
guess that takes seconds to wear off, which spoils the short utterances that calls are made of.
So the mean is measured: of the first utterance on its beginning, of every later one on what the
voice has said before. These are thirteen numbers, kept with the caller.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

SAMPLES_PER_FRAME = 160
REMEMBERED_FRAMES = 1500
"""A voice is remembered as if it had spoken for no more than 15 s, so that it may still change."""

# How the library keeps its mean: what it is told counts as 500 frames; whenever it has come to
# more than 800, they are made to count as 500 again.
TOLD_FRAMES = 500
MOST_FRAMES = 800
UNKNOWN = (40.0, 3.0, -1.0, *(0.0,) * 10)

# Closing an utterance costs a search through its words; with a grammar of one word, next to none.
TINY = "tiny"
TINY_GRAMMAR = "#JSGF V1.0; grammar g; public <a> = stop;"


class Mean(msgspec.Struct, frozen=True):
    """The cepstral mean of one voice over one line, and how many frames it was measured on."""

    values: tuple[float, ...]
    frames: int

    def joined_with(self, later: Mean) -> Mean:
        frames = self.frames + later.frames
        share = later.frames / frames
        values = tuple(
            (1 - share) * before + share * after
            for before, after in zip(self.values, later.values, strict=True)
        )
        return Mean(values, min(frames, REMEMBERED_FRAMES))


def prepare(decoder: Any) -> None:
    """Once per decoder, before `measure`."""
    decoder.add_jsgf_string(TINY, TINY_GRAMMAR)


def tell(decoder: Any, values: Sequence[float]) -> None:
    """Begin the next utterance with this mean."""
    decoder.set_cmn(",".join(f"{value:.4f}" for value in values))


def measure(decoder: Any, pcm: bytes) -> Mean:
    """The mean of this sound, between two utterances; no words are looked for."""
    decoder.activate_search(TINY)
    tell(decoder, UNKNOWN)
    decoder.start_utt()
    decoder.process_raw(pcm, no_search=True)
    decoder.end_utt()
    mean = learned(decoder, UNKNOWN)
    decoder.activate_search()
    return mean


def learned(decoder: Any, told: Sequence[float]) -> Mean:
    """The mean of the utterance that just ended: what the library has now, less what it was told.

    Of a long utterance it is the mean of its later part, as the library forgets the earlier one.
    """
    frames = decoder.n_frames()
    forgettings, since = divmod(frames, MOST_FRAMES - TOLD_FRAMES + 1)
    still_told = TOLD_FRAMES * (TOLD_FRAMES / (MOST_FRAMES + 1)) ** forgettings
    share = still_told / (TOLD_FRAMES + since)
    now = [float(value) for value in decoder.get_cmn(True).split(",")]
    values = tuple(
        (value - share * before) / (1 - share) for value, before in zip(now, told, strict=True)
    )
    return Mean(values, frames)
