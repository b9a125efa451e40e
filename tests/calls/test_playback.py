"""How the sound of a reply leaves: in time, a little ahead, and never more of it than is wanted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import numpy as np
import pytest

from repartee.calls.clock import now
from repartee.calls.playback import DUCKED_GAIN, FRAME_MS, Playback
from repartee.conversation import events as ev
from repartee.engines.protocols import Samples
from tests.calls.fakes import Unwatched
from tests.calls.recording_client import RecordingClient, SoundOf
from tests.calls.virtual_time import IN_VIRTUAL_TIME, Backend

pytestmark = pytest.mark.anyio

LEAD_MS = 200
PER_MS = 24
"""Samples in a millisecond of the sound that leaves."""


@pytest.fixture
def anyio_backend() -> Backend:
    return IN_VIRTUAL_TIME


class Player:
    """A playback, with all that it brings about."""

    def __init__(self, paced: bool) -> None:
        self.client = RecordingClient()
        self.events: list[tuple[float, ev.Event]] = []
        timeline: Any = Unwatched()
        self.playback = Playback(1, paced, self.client, self._happened, timeline, LEAD_MS)
        self.began_at = now()

    def _happened(self, event: ev.Event) -> None:
        self.events.append((now(), event))

    def passed_ms(self, moment: float | None = None) -> float:
        return round(((now() if moment is None else moment) - self.began_at) * 1000, 3)

    def left(self) -> list[tuple[float, int]]:
        """When each piece of sound left, and how long it is, in milliseconds."""
        return [
            (self.passed_ms(at), len(what.samples) // PER_MS)
            for at, what in self.client.log
            if isinstance(what, SoundOf)
        ]

    def ended(self) -> list[tuple[float, ev.Event]]:
        ends = [(at, event) for at, event in self.events if not isinstance(event, ev.Voiced)]
        return [(self.passed_ms(at), event) for at, event in ends]

    async def say(self, text: str, samples: Samples, spoken: str | None = None) -> None:
        """A unit whose words are spread evenly over its sound."""
        self.playback.begin_unit(text, text if spoken is None else spoken)
        await self.playback.add(samples)
        self.playback.end_unit([])


@asynccontextmanager
async def player(*, paced: bool = True) -> AsyncIterator[Player]:
    made = Player(paced)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(made.playback.run)
        yield made
        tasks.cancel_scope.cancel()


def sound(ms: int) -> Samples:
    """No two of its samples that stand near each other are alike."""
    return (np.arange(ms * PER_MS) % 30_011 + 1).astype(np.int16)


async def passes(ms: float) -> None:
    await asyncio.sleep(ms / 1000)


class TestAPacedReply:
    async def test_nothing_leaves_before_it_may(self) -> None:
        async with player() as it:
            await it.say("hello there", sound(1_000))
            it.playback.finish()
            await passes(60_000)
            assert it.left() == []
            assert it.events == [(it.began_at, ev.Voiced(1))]

    async def test_the_lead_leaves_at_once_and_the_rest_frame_by_frame(self) -> None:
        async with player() as it:
            it.playback.play()
            await it.say("hello there", sound(1_000))
            it.playback.finish()
            await passes(2_000)
            at_once = [(0.0, FRAME_MS)] * (LEAD_MS // FRAME_MS)
            later = [(float(at), FRAME_MS) for at in range(FRAME_MS, 840, FRAME_MS)]
            assert it.left() == at_once + later

    async def test_all_of_it_leaves_in_order_and_unchanged(self) -> None:
        async with player() as it:
            it.playback.play()
            whole = sound(1_234)
            await it.say("the first half", whole[:10_007])
            await it.say(" and the second", whole[10_007:])
            it.playback.finish()
            await passes(5_000)
            assert np.array_equal(it.client.sound_of(1), whole)

    async def test_it_is_over_when_the_last_of_it_was_heard(self) -> None:
        async with player() as it:
            it.playback.play()
            await it.say("hello there", sound(1_000))
            it.playback.finish()
            await passes(5_000)
            assert it.ended() == [(800, ev.AllSent(1)), (1_000, ev.PlaybackEnded(1))]

    async def test_it_is_never_further_ahead_than_the_lead(self) -> None:
        async with player() as it:
            it.playback.play()
            for _ in range(20):
                await it.say(" some words", sound(130))
                await passes(70)
            sent = 0
            for at, length in it.left():
                sent += length
                assert sent <= at + LEAD_MS

    async def test_after_a_gap_the_lead_is_built_anew(self) -> None:
        async with player() as it:
            it.playback.play()
            await it.say("hello", sound(400))
            await passes(3_000)
            await it.say(" again", sound(400))
            await passes(1)
            assert [length for at, length in it.left() if at == 3_000] == [FRAME_MS] * 5

    async def test_what_was_held_leaves_the_moment_it_may(self) -> None:
        async with player() as it:
            await it.say("hello there", sound(1_000))
            await passes(700)
            it.playback.play()
            await passes(0.5)
            assert it.left() == [(700, FRAME_MS)] * 5

    async def test_the_synthesiser_waits_while_half_a_minute_waits_to_be_heard(self) -> None:
        async with player() as it:
            taken: list[int] = []

            async def synthesise() -> None:
                it.playback.begin_unit("long", "long")
                for second in range(100):
                    await it.playback.add(sound(1_000))
                    taken.append(second)

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(synthesise)
                await passes(60_000)
                assert 30 <= len(taken) <= 32
                it.playback.play()
            await passes(100_000)
            assert len(it.client.sound_of(1)) == 100_000 * PER_MS

    async def test_one_without_any_sound_is_over_at_once(self) -> None:
        async with player() as it:
            it.playback.begin_unit("***", "")
            it.playback.end_unit([])
            it.playback.finish()
            it.playback.play()
            await passes(1)
            assert it.ended() == [(0, ev.AllSent(1)), (0, ev.PlaybackEnded(1))]


class TestWhatIsSaidFirst:
    @pytest.mark.parametrize("paced", [True, False])
    async def test_it_is_heard_before_the_reply_and_takes_none_of_its_words(
        self, paced: bool
    ) -> None:
        async with player(paced=paced) as it:
            it.playback.begin_unit("one two", "one two")
            it.playback.play()
            it.playback.say_first(sound(500))
            assert not it.playback.begun
            await it.playback.add(sound(1_000))
            it.playback.end_unit([])
            it.playback.finish()
            await passes(400)
            assert it.playback.progress() == ev.Played(1, 400, "")
            await passes(700)
            assert it.playback.progress() == ev.Played(1, 1_100, "one")
            await passes(5_000)
            assert it.client.sound_of(1).tolist() == [*sound(500), *sound(1_000)]
            assert it.playback.progress().text == "one two"
            assert it.ended()[-1] == (1_500, ev.PlaybackEnded(1))

    async def test_it_is_not_said_once_the_reply_has_sound(self) -> None:
        async with player() as it:
            it.playback.play()
            await it.say("hello", sound(1_000))
            it.playback.say_first(sound(500))
            it.playback.finish()
            await passes(5_000)
            assert it.client.sound_of(1).tolist() == sound(1_000).tolist()

    async def test_the_first_that_was_heard_of_the_reply_comes_after_it(self) -> None:
        heard_from: list[float] = []
        timeline: Any = Unwatched()
        timeline.played = lambda reply, at: heard_from.append(at)
        async with player() as it:
            it.playback._timeline = timeline
            it.playback.play()
            it.playback.say_first(sound(500))
            await it.say("hello", sound(1_000))
            await passes(400)
            it.playback.listener_reports(400)
            await passes(300)
            it.playback.listener_reports(700)
            assert [it.passed_ms(at) for at in heard_from] == [500]

    async def test_it_is_no_sound_of_the_reply(self) -> None:
        async with player() as it:
            it.playback.play()
            it.playback.say_first(sound(500))
            await passes(5_000)
            assert it.events == []
            assert not it.playback.begun


class TestDucking:
    async def test_it_lowers_what_leaves_from_now_on_without_a_step(self) -> None:
        async with player() as it:
            it.playback.play()
            steady = np.full(1_000 * PER_MS, 10_000, np.int16)
            await it.say("hello there", steady)
            await passes(400)
            ducked_from = len(it.client.sound_of(1))
            it.playback.duck()
            await passes(300)
            sent = it.client.sound_of(1)
            assert set(sent[:ducked_from]) == {10_000}
            assert sent[-1] == 10_000 * DUCKED_GAIN
            assert np.abs(np.diff(sent.astype(int))).max() < 100

    async def test_restored_it_goes_on_from_the_exact_sample(self) -> None:
        async with player() as it:
            it.playback.play()
            whole = sound(2_000)
            await it.say("hello there", whole)
            await passes(400)
            ducked_from = len(it.client.sound_of(1))
            it.playback.duck()
            await passes(300)
            restored_from = len(it.client.sound_of(1))
            it.playback.restore()
            it.playback.finish()
            await passes(3_000)
            sent = it.client.sound_of(1)
            full_voice_from = restored_from + 20 * PER_MS
            assert len(sent) == len(whole)
            assert np.array_equal(sent[:ducked_from], whole[:ducked_from])
            assert np.array_equal(sent[full_voice_from:], whole[full_voice_from:])
            lowered = slice(ducked_from + 20 * PER_MS, restored_from)
            assert np.allclose(sent[lowered], whole[lowered] * DUCKED_GAIN, atol=1)

    async def test_it_costs_no_time(self) -> None:
        async with player() as it:
            it.playback.play()
            await it.say("hello there", sound(1_000))
            it.playback.finish()
            await passes(300)
            it.playback.duck()
            await passes(300)
            it.playback.restore()
            await passes(5_000)
            assert it.ended()[-1] == (1_000, ev.PlaybackEnded(1))


class TestWhatWasHeard:
    async def test_it_is_the_words_that_ended_by_now(self) -> None:
        async with player() as it:
            it.playback.play()
            await it.say("one two six", sound(900))
            assert it.playback.progress() == ev.Played(1, 0, "")
            await passes(299)
            assert it.playback.progress() == ev.Played(1, 299, "")
            await passes(2)
            assert it.playback.progress() == ev.Played(1, 301, "one")
            await passes(600)
            assert it.playback.progress() == ev.Played(1, 900, "one two six")

    async def test_it_is_nothing_while_nobody_may_hear_it(self) -> None:
        async with player() as it:
            await it.say("one two six", sound(900))
            await passes(10_000)
            assert it.playback.progress() == ev.Played(1, 0, "")

    async def test_it_is_never_more_than_has_left(self) -> None:
        async with player() as it:
            it.playback.play()
            await it.say("one two six", sound(900))
            await passes(10_000)
            it.playback.listener_reports(3_600_000)
            assert it.playback.progress() == ev.Played(1, 900, "one two six", reported=True)

    async def test_words_that_make_no_sound_belong_to_what_surrounds_them(self) -> None:
        async with player() as it:
            it.playback.play()
            await it.say("one", sound(300))
            it.playback.begin_unit(" ***", "")
            it.playback.end_unit([])
            await it.say(" two", sound(300))
            await passes(700)
            assert it.playback.progress().text == "one *** two"

    async def test_a_listener_who_lags_behind_is_believed_and_waited_for(self) -> None:
        async with player() as it:
            it.playback.play()
            await it.say("one two six", sound(900))
            it.playback.finish()
            await passes(600)
            assert it.playback.progress().text == "one two"
            it.playback.listener_reports(400)
            await passes(250)
            assert it.playback.progress().heard_ms == 650
            await passes(10_000)
            assert it.ended()[-1] == (1_100, ev.PlaybackEnded(1))


class TestAReplySentAtOnce:
    async def test_each_phrase_leaves_whole_as_soon_as_it_is_there(self) -> None:
        async with player(paced=False) as it:
            it.playback.play()
            await it.say("Here is the first phrase.", sound(9_000))
            await passes(10)
            await it.say(" And another.", sound(3_000))
            await passes(10)
            assert it.left() == [(0, 9_000), (10, 3_000)]
            texts = [what.text for what in it.client.all(SoundOf)]
            assert texts == ["Here is the first phrase.", "And another."]

    async def test_the_pieces_of_a_phrase_are_joined(self) -> None:
        async with player(paced=False) as it:
            it.playback.play()
            it.playback.begin_unit("one two", "one two")
            whole = sound(300)
            for start in range(0, len(whole), 999):
                await it.playback.add(whole[start : start + 999])
                await passes(5)
            assert it.client.log == []
            it.playback.end_unit([])
            await passes(1)
            (phrase,) = it.client.all(SoundOf)
            assert np.array_equal(phrase.samples, whole)

    async def test_all_is_sent_long_before_it_is_heard(self) -> None:
        async with player(paced=False) as it:
            it.playback.play()
            await it.say("A long phrase.", sound(9_000))
            it.playback.finish()
            await passes(20_000)
            assert it.ended() == [(0, ev.AllSent(1)), (9_000, ev.PlaybackEnded(1))]
