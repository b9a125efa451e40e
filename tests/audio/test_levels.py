"""How loud sound is, and turning it up or down without a click."""

import numpy as np
import pytest

from repartee.audio.levels import SILENCE_DBFS, Gain, peak_dbfs, rms_dbfs


def constant(value: int, count: int = 1000) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    return np.full(count, value, np.int16)


@pytest.mark.parametrize("measure", [rms_dbfs, peak_dbfs])
def test_silence_and_nothing_measure_the_same(measure: object) -> None:
    assert callable(measure)
    assert measure(constant(0)) == measure(constant(0, 0)) == SILENCE_DBFS


def test_full_scale_is_zero_even_at_the_most_negative_sample() -> None:
    assert peak_dbfs(constant(-32768)) == 0.0
    assert rms_dbfs(constant(-32768)) == pytest.approx(0.0, abs=0.001)


def test_half_is_six_decibels_less() -> None:
    assert peak_dbfs(constant(16384)) == pytest.approx(-6.02, abs=0.01)


def test_a_sine_is_three_decibels_below_its_peak() -> None:
    sine = np.rint(20_000 * np.sin(np.arange(16_000) * 2 * np.pi / 80)).astype(np.int16)
    assert peak_dbfs(sine) - rms_dbfs(sine) == pytest.approx(3.01, abs=0.02)


def test_loud_sound_that_goes_on_does_not_overflow() -> None:
    assert rms_dbfs(constant(32767, 2_000_000)) == pytest.approx(0.0, abs=0.01)


class TestGain:
    def test_untouched_it_gives_back_what_it_got(self) -> None:
        sound = constant(1000)
        assert Gain(16_000).apply(sound) is sound

    def test_it_gets_there_within_the_ramp_and_without_a_step(self) -> None:
        gain = Gain(16_000, ramp_ms=20)
        gain.ramp_to(0.2)
        ducked = gain.apply(constant(10_000, 640))
        assert np.abs(np.diff(ducked.astype(int), prepend=10_000)).max() <= 26
        assert np.all(ducked[320:] == 2_000)
        assert gain.level == 0.2

    @pytest.mark.parametrize("piece", [1, 7, 100, 640])
    def test_pieces_make_no_difference(self, piece: int) -> None:
        sound = constant(10_000, 640)
        whole, cut = Gain(16_000), Gain(16_000)
        whole.ramp_to(0.5)
        cut.ramp_to(0.5)
        pieces = [cut.apply(sound[at : at + piece]) for at in range(0, 640, piece)]
        difference = np.concatenate(pieces).astype(int) - whole.apply(sound)
        assert np.abs(difference).max() <= 1

    def test_turned_back_on_the_way_it_starts_from_where_it_is(self) -> None:
        gain = Gain(16_000, ramp_ms=20)
        gain.ramp_to(0.0)
        down = gain.apply(constant(10_000, 160))
        gain.ramp_to(1.0)
        up = gain.apply(constant(10_000, 480))
        joined = np.concatenate([down, up]).astype(int)
        assert down[-1] == 5_000
        assert np.abs(np.diff(joined)).max() <= 32
        assert up[-1] == 10_000

    def test_too_loud_is_clipped_and_never_wrapped(self) -> None:
        gain = Gain(16_000, level=4.0)
        assert gain.apply(np.array([20_000, -20_000], np.int16)).tolist() == [32_767, -32_768]

    def test_no_sound_is_no_trouble(self) -> None:
        gain = Gain(16_000)
        gain.ramp_to(0.5)
        assert len(gain.apply(constant(0, 0))) == 0
