"""What runs in a pocketsphinx worker: one turn of one caller, heard by one decoder.

The decoder is created once, before the forks, so that every worker begins with a fresh copy of it:
nothing of one caller can reach the next. A transcript is settled in yet another copy, so that the
utterance itself stays open and a speaker who only paused goes on at no cost.
"""

from __future__ import annotations

import math
import os
import re
import socket
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

import msgspec

from repartee.engines.stt import cepstral_mean
from repartee.engines.stt.cepstral_mean import Mean
from repartee.engines.worker import Line, Work, in_a_copy

RATE_HZ = 16_000
BYTES_PER_SAMPLE = 2
PIECE_BYTES = RATE_HZ // 10 * BYTES_PER_SAMPLE
"""Sound is decoded in pieces of 100 ms, however it came, so that equal sound gives equal text."""
MEASURED_BYTES = RATE_HZ * BYTES_PER_SAMPLE
"""How much of a first utterance is held back to measure its mean."""

_PATIENCE = 15
"""How much nicer a process becomes whose work nobody on a line waits for."""


class Begin(msgspec.Struct, frozen=True, tag=True):
    mean: Mean | None
    patient: bool = False
    """Everything else on this machine goes first."""


class Sound(msgspec.Struct, frozen=True, tag=True):
    pcm: bytes


class Settle(msgspec.Struct, frozen=True, tag=True):
    heard_samples: int


class Heard(msgspec.Struct, frozen=True, tag=True):
    """What the words seem to be so far."""

    text: str


class Settled(msgspec.Struct, frozen=True, tag=True):
    """The transcript of everything so far; `mean` is None where there was too little sound."""

    heard_samples: int
    text: str
    confidence: float
    mean: Mean | None


Request = Begin | Sound | Settle


class Utterance:
    """Sound being turned into words. It is settled once and not used afterwards."""

    def __init__(self, decoder: Any, mean: Mean | None) -> None:
        self._decoder = decoder
        self._told = mean.values if mean else None
        self._undecoded = bytearray()
        self._started = False

    def feed(self, pcm: bytes) -> None:
        self._undecoded += pcm
        if self._told or len(self._undecoded) >= MEASURED_BYTES:
            self._decode(PIECE_BYTES)

    def partial(self) -> str:
        hypothesis = self._decoder.hyp() if self._started else None
        return " ".join(only_words(hypothesis.hypstr.split())) if hypothesis else ""

    def settle(self, heard_samples: int) -> Settled:
        if not self._started and len(self._undecoded) < PIECE_BYTES:
            return Settled(heard_samples, "", 0.0, None)
        self._decode(BYTES_PER_SAMPLE)
        live = self.partial()
        self._decoder.end_utt()
        found = [(segment.word, segment.prob) for segment in self._decoder.seg() or ()]
        words = only_words(word for word, _ in found)
        chances = [chance for word, chance in found if only_words([word])]
        sure = confidence(chances, live.split(), words)
        assert self._told
        mean = cepstral_mean.learned(self._decoder, self._told)
        return Settled(heard_samples, " ".join(words), sure, mean)

    def _decode(self, least_bytes: int) -> None:
        if not self._started:
            self._start()
        while len(self._undecoded) >= least_bytes:
            self._decoder.process_raw(bytes(self._undecoded[:PIECE_BYTES]))
            del self._undecoded[:PIECE_BYTES]

    def _start(self) -> None:
        if not self._told:
            beginning = bytes(self._undecoded[:MEASURED_BYTES])
            self._told = cepstral_mean.measure(self._decoder, beginning).values
        cepstral_mean.tell(self._decoder, self._told)
        self._decoder.start_utt()
        self._started = True


def only_words(words: Iterable[str]) -> list[str]:
    """Only what was said: no pauses or noises (`<sil>`, `[COUGH]`, `++UH++`), no `the(2)`."""
    return [re.sub(r"\(\d+\)$", "", word) for word in words if word[0] not in "<[+"]


def confidence(chances: Sequence[float], live: Sequence[str], final: Sequence[str]) -> float:
    """The chance that most words are right, between 0 and 1.

    Two things tell: how likely each word is among its rivals, and whether the final pass agrees
    with what was found live. The weights were fitted on clear, noisy and meaningless sound.
    """
    if not final:
        return 0.0
    likely = sum(chances) / len(chances)
    agreed = 1 - edits(live, final) / len(final)
    return 1 / (1 + math.exp(4.9 - 4.3 * likely - 3.5 * agreed))


def edits(before: Sequence[str], after: Sequence[str]) -> int:
    """How many words must be put in, left out or exchanged."""
    row = list(range(len(after) + 1))
    for i, old in enumerate(before, 1):
        diagonal, row[0] = row[0], i
        for j, new in enumerate(after, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (old != new))
    return row[-1]


def load() -> Work:
    """Create the decoder that every worker gets a copy of."""
    from pocketsphinx import Decoder

    # A lighter language weight and a cap on the active states: half the work, fewer errors. Two of
    # the densities of each state are enough: a sixth less work, as many errors. The second pass
    # looks only for words with some support in the first: a quarter less to wait for.
    decoder = Decoder(
        samprate=RATE_HZ, lw=5, maxhmmpf=3000, topn=2, fwdflatefwid=8, loglevel="FATAL"
    )
    cepstral_mean.prepare(decoder)

    def work(end: socket.socket) -> None:
        hear(decoder, Line(end, Request))

    return work


def hear(decoder: Any, line: Line) -> None:
    """Serve one turn until the server hangs up."""
    begin = line.receive()
    if not isinstance(begin, Begin):
        return
    if begin.patient:
        os.nice(_PATIENCE)
    utterance = Utterance(decoder, begin.mean)
    told = ""
    while request := line.receive():
        if isinstance(request, Sound):
            utterance.feed(request.pcm)
            text = utterance.partial()
            if text and text != told:
                line.send(Heard(text))
                told = text
        elif isinstance(request, Settle):
            in_a_copy(partial(_settle, utterance, request, line))


def _settle(utterance: Utterance, request: Settle, line: Line) -> None:
    line.send(utterance.settle(request.heard_samples))
