"""How the stand-in for Deepgram makes words of sound.

Sound that was made with `coded` says itself which words it is, so that a word which is lost, cut or
sent twice shows in the transcript. Of any other sound every so many milliseconds that are loud are
another word of the script; the next utterance is the next transcript.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from repartee.engines.protocols import LISTENING_RATE_HZ, Samples

CODED_WORD_SAMPLES = LISTENING_RATE_HZ // 5
_MARK = -32_768
_CARRIER = 1_000
_LONGEST_WORD = 100
_LOUD = 100
_FRAME = LISTENING_RATE_HZ // 100


class HeardWord(msgspec.Struct, frozen=True):
    text: str
    start: int
    end: int


def coded(text: str) -> Samples:
    """Sound that the stand-in hears as exactly these words, a fifth of a second each."""
    return np.concatenate([_coded_word(word.encode()) for word in text.split()])


def _coded_word(word: bytes) -> Samples:
    sound = np.full(CODED_WORD_SAMPLES, _CARRIER, np.int16)
    sound[0], sound[1] = _MARK, len(word)
    sound[2 : 2 + len(word)] = np.frombuffer(word, np.uint8)
    return sound


class Ear:
    def __init__(self, transcripts: Sequence[str], word_ms: float) -> None:
        self._transcripts = [transcript.split() for transcript in transcripts]
        self._word_samples = word_ms * LISTENING_RATE_HZ / 1000
        self._utterance = self._told = self._loud = 0
        self._waiting: Samples = np.zeros(0, np.int16)
        self._place = 0

    def hear(self, sound: Samples) -> list[HeardWord]:
        """The words that end in this sound."""
        self._waiting = np.concatenate([self._waiting, sound])
        words: list[HeardWord] = []
        while len(self._waiting):
            marks = np.flatnonzero(self._waiting == _MARK)
            plain = int(marks[0]) if len(marks) else len(self._waiting)
            if plain:
                words += self._hear_plain(self._taken(plain))
            elif len(self._waiting) < CODED_WORD_SAMPLES:
                break
            elif (word := _decoded(self._waiting[:CODED_WORD_SAMPLES])) is not None:
                start = self._place
                self._taken(CODED_WORD_SAMPLES)
                words.append(HeardWord(word, start, self._place))
            else:
                words += self._hear_plain(self._taken(1))
        return words

    def finish(self) -> list[HeardWord]:
        """The utterance ends here: what its script has left was said as well."""
        if not self._loud:
            return []
        rest = self._script()[self._told :]
        self._utterance += 1
        self._told = self._loud = 0
        return [HeardWord(word, self._place, self._place) for word in rest]

    def _hear_plain(self, sound: Samples) -> list[HeardWord]:
        begin = self._place - len(sound)
        words = []
        for at in range(0, len(sound), _FRAME):
            frame = sound[at : at + _FRAME]
            if np.abs(frame.astype(np.int32)).mean() < _LOUD:
                continue
            self._loud += len(frame)
            if self._told < min(self._loud / self._word_samples - 1, len(self._script())):
                end = begin + at + len(frame)
                start = max(end - int(self._word_samples), 0)
                words.append(HeardWord(self._script()[self._told], start, end))
                self._told += 1
        return words

    def _script(self) -> list[str]:
        return self._transcripts[self._utterance % len(self._transcripts)]

    def _taken(self, samples: int) -> Samples:
        taken, self._waiting = self._waiting[:samples], self._waiting[samples:]
        self._place += samples
        return taken


def _decoded(block: Samples) -> str | None:
    length = int(block[1])
    if not 0 < length <= _LONGEST_WORD or np.any(block[2 + length :] != _CARRIER):
        return None
    return bytes(block[2 : 2 + length].astype(np.uint8)).decode(errors="replace")
