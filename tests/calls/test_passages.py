"""Where somebody speaks in a recording, in pieces that a recogniser likes."""

from __future__ import annotations

import numpy as np
import pytest

from repartee.calls.passages import LONGEST, passages
from repartee.engines.protocols import LISTENING_RATE_HZ, Samples
from repartee.engines.voice.scripted import ScriptedDetector

pytestmark = pytest.mark.anyio

RATE = LISTENING_RATE_HZ
LOUD, QUIET = 8_000, 0
WINDOW = 0.032
"""Nothing is known to be speech more exactly than that."""


def sound(*parts: tuple[int, float]) -> Samples:
    """Levels, and for how many seconds each."""
    return np.concatenate([np.full(round(s * RATE), level, np.int16) for level, s in parts])


async def lengths(samples: Samples) -> list[float]:
    return [round(len(one) / RATE, 2) for one in await passages(ScriptedDetector(), samples)]


async def test_silence_before_and_after_is_left_out_but_for_a_margin() -> None:
    assert await lengths(sound((QUIET, 2), (LOUD, 1), (QUIET, 2))) == pytest.approx(
        [1.35], abs=WINDOW
    )


async def test_a_pause_within_a_sentence_stays_in_it() -> None:
    assert await lengths(sound((LOUD, 1), (QUIET, 0.8), (LOUD, 1))) == [2.8]


async def test_a_long_pause_parts_two_passages() -> None:
    assert await lengths(sound((LOUD, 1), (QUIET, 3), (LOUD, 1), (QUIET, 3))) == pytest.approx(
        [1.15, 1.35], abs=WINDOW
    )


async def test_margins_never_overlap() -> None:
    recording = sound((LOUD, 1), (QUIET, 1.1), (LOUD, 1))
    assert sum(len(one) for one in await passages(ScriptedDetector(), recording)) <= len(recording)


@pytest.mark.parametrize("nothing", [sound((QUIET, 5)), sound((LOUD, 0.01)), sound((QUIET, 0))])
async def test_nobody_speaks(nothing: Samples) -> None:
    assert await lengths(nothing) == []


async def test_what_is_said_to_the_last_moment_is_all_there() -> None:
    recording = sound((LOUD, 1.01))
    assert [len(one) for one in await passages(ScriptedDetector(), recording)] == [len(recording)]


class TestALongSpeech:
    async def test_it_is_cut_and_nothing_is_lost(self) -> None:
        noise = np.random.default_rng(1).normal(0, 4_000, 100 * RATE).astype(np.int16)
        found = await passages(ScriptedDetector(), noise)
        assert np.array_equal(np.concatenate(found), noise)
        assert all(len(one) <= LONGEST for one in found)
        assert len(found) >= 4

    async def test_it_is_cut_where_it_is_quiet(self) -> None:
        speech = sound((LOUD, 24), (300, 0.4), (LOUD, 15))
        first, _ = await passages(ScriptedDetector(speech_dbfs=-60), speech)
        assert len(first) / RATE == pytest.approx(24.2, abs=0.15)
