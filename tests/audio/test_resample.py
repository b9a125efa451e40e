"""Sound at another rate: same length, same tone, little held back."""

import numpy as np
import pytest

from repartee.audio.pcm import Samples
from repartee.audio.resample import Resampler, resampled

RATES = [(22_050, 24_000), (24_000, 16_000), (48_000, 16_000), (8_000, 16_000), (16_000, 8_000)]


def tone(hz: float, rate_hz: int, seconds: float) -> Samples:
    moments = np.arange(int(rate_hz * seconds)) / rate_hz
    return np.asarray(12_000 * np.sin(2 * np.pi * hz * moments), np.int16)


def strongest_hz(samples: Samples, rate_hz: int) -> float:
    spectrum = np.abs(np.fft.rfft(samples.astype(np.float64)))
    return float(spectrum.argmax() * rate_hz / len(samples))


def in_frames(samples: Samples, rate_hz: int) -> list[Samples]:
    frame = rate_hz // 50
    return [samples[at : at + frame] for at in range(0, len(samples), frame)]


@pytest.mark.parametrize(("from_hz", "to_hz"), RATES)
def test_a_stream_keeps_its_duration_and_its_tone(from_hz: int, to_hz: int) -> None:
    sound = tone(440, from_hz, 1.003)
    stream = Resampler(from_hz, to_hz)
    pieces = [stream.push(frame) for frame in in_frames(sound, from_hz)]
    heard = np.concatenate([*pieces, stream.flush()])
    assert abs(len(heard) - len(sound) * to_hz / from_hz) <= 1
    assert strongest_hz(heard, to_hz) == pytest.approx(440, abs=2)


@pytest.mark.parametrize(
    ("from_hz", "to_hz", "most_ms"),
    [(22_050, 24_000, 2), (24_000, 16_000, 21), (48_000, 16_000, 21), (8_000, 16_000, 62)],
)
def test_little_is_held_back(from_hz: int, to_hz: int, most_ms: float) -> None:
    stream = Resampler(from_hz, to_hz)
    given = heard = 0.0
    for frame in in_frames(tone(300, from_hz, 1), from_hz):
        given += len(frame) / from_hz
        heard += len(stream.push(frame)) / to_hz
        assert (given - heard) * 1000 <= most_ms


def test_what_the_new_rate_cannot_carry_is_gone() -> None:
    heard = resampled(tone(11_000, 48_000, 0.5), 48_000, 16_000)
    assert np.abs(heard[1000:-1000]).max() < 10


def test_the_same_rate_is_the_same_sound() -> None:
    sound = tone(440, 16_000, 0.1)
    stream = Resampler(16_000, 16_000)
    assert stream.push(sound) is sound
    assert not len(stream.flush())


def test_after_a_flush_another_stream_begins() -> None:
    stream = Resampler(22_050, 24_000)
    sound = tone(440, 22_050, 0.5)
    first = np.concatenate([stream.push(sound), stream.flush()])
    second = np.concatenate([stream.push(sound), stream.flush()])
    assert np.abs(first.astype(int) - second).max() <= 2  # rounding is dithered


@pytest.mark.parametrize("count", [0, 1, 5])
def test_hardly_any_sound_is_no_trouble(count: int) -> None:
    heard = resampled(np.full(count, 1000, np.int16), 22_050, 24_000)
    assert abs(len(heard) - count * 24_000 / 22_050) <= 1
