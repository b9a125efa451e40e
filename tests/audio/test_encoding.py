"""Encoding: what comes out in pieces is one file, and sounds like what went in."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from repartee.audio.decoding import decode
from repartee.audio.encoding import FORMATS, Encoder
from repartee.audio.pcm import SPEAKING_RATE_HZ, Samples, whole_samples
from repartee.audio.resample import resampled
from tests.audio.encoded import RATE_HZ, SPEECH, likeness

SPOKEN: Samples = np.tile(resampled(SPEECH, RATE_HZ, SPEAKING_RATE_HZ), 3)
FILES = [name for name in FORMATS if name != "pcm"]
CODED = [name for name in FILES if name != "wav"]


def pieces_of(encoder: Encoder, samples: Samples, size: int) -> Iterator[bytes]:
    for begin in range(0, len(samples), size):
        yield encoder.push(samples[begin : begin + size])
    yield encoder.finish()


def encoded(name: str, samples: Samples, size: int = 2_400) -> bytes:
    return b"".join(pieces_of(FORMATS[name].encoder(SPEAKING_RATE_HZ), samples, size))


@pytest.mark.parametrize("name", FILES)
def test_it_sounds_like_what_went_in(name: str) -> None:
    heard = decode(encoded(name, SPOKEN))
    meant = resampled(SPOKEN, SPEAKING_RATE_HZ, RATE_HZ)
    assert likeness(heard.samples, meant) > 0.9
    assert heard.seconds == pytest.approx(len(meant) / RATE_HZ, abs=0.1)


def test_pcm_is_the_samples_and_nothing_else() -> None:
    assert np.array_equal(whole_samples(encoded("pcm", SPOKEN)), SPOKEN)


@pytest.mark.parametrize("name", FILES)
def test_the_file_is_the_same_however_its_sound_came(name: str) -> None:
    in_bites, at_once = encoded(name, SPOKEN, 777), encoded(name, SPOKEN, len(SPOKEN))
    assert len(in_bites) == len(at_once)  # each Ogg file has a number of its own
    assert np.array_equal(decode(in_bites).samples, decode(at_once).samples)


@pytest.mark.parametrize("name", FORMATS)
def test_most_of_it_is_out_before_the_end(name: str) -> None:
    pieces = list(pieces_of(FORMATS[name].encoder(SPEAKING_RATE_HZ), SPOKEN, 2_400))
    assert len(pieces[-1]) < 0.25 * sum(map(len, pieces))
    early = pieces[: len(pieces) // 2]
    assert sum(map(len, early)) > 0.3 * sum(map(len, pieces))


@pytest.mark.parametrize("name", CODED)
def test_a_player_can_begin_before_the_end(name: str) -> None:
    encoder = FORMATS[name].encoder(SPEAKING_RATE_HZ)
    half = list(pieces_of(encoder, SPOKEN, 2_400))[: len(SPOKEN) // 2_400 // 2]
    assert decode(b"".join(half)).seconds > 1.0


@pytest.mark.parametrize("name", CODED)
def test_the_compressed_ones_are_smaller(name: str) -> None:
    assert len(encoded(name, SPOKEN)) < 0.8 * SPOKEN.nbytes


@pytest.mark.parametrize("name", FORMATS)
def test_no_sound_at_all_is_no_trouble(name: str) -> None:
    encoder = FORMATS[name].encoder(SPEAKING_RATE_HZ)
    assert isinstance(encoder.push(np.zeros(0, np.int16)) + encoder.finish(), bytes)


def test_the_first_page_of_opus_comes_soon() -> None:
    """A tenth of a second of speech is enough to begin with."""
    encoder = FORMATS["opus"].encoder(SPEAKING_RATE_HZ)
    sizes = [len(encoder.push(SPOKEN[at : at + 2_400])) for at in range(0, 12_000, 2_400)]
    assert all(size > 50 for size in sizes[1:])
