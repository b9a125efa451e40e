"""The ear of a call: bytes from a client become moments of speech, and sound to recognise."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import numpy as np
import pytest
from anyio.lowlevel import checkpoint

from repartee.calls.clock import now
from repartee.calls.listener import Listener
from repartee.conversation import events as ev
from repartee.engines.protocols import LISTENING_RATE_HZ, Samples
from repartee.engines.voice.scripted import ScriptedDetector
from repartee.listening.segmenter import SegmentRules
from tests.calls.line import QUIET, VOICE, WINDOW_MS, pcm
from tests.calls.virtual_time import IN_VIRTUAL_TIME, Backend

pytestmark = pytest.mark.anyio

PREROLL_MS = 320
RULES = SegmentRules(onset_ms=64, pause_ms=96)


@pytest.fixture
def anyio_backend() -> Backend:
    return IN_VIRTUAL_TIME


class Ear:
    """A listener, and all that it tells."""

    def __init__(self) -> None:
        self.events: list[ev.Event] = []
        self.fed: list[Samples] = []
        stream = ScriptedDetector().stream()
        self.listener = Listener(stream, RULES, PREROLL_MS, self.events.append, self.fed.append)

    @property
    def fed_ms(self) -> float:
        return sum(map(len, self.fed)) * 1000 / LISTENING_RATE_HZ

    async def hears(self, sound: bytes) -> None:
        """All at once; time passes until it was heard."""
        assert self.listener.take(sound)
        await anyio.sleep(0.001)

    async def hears_live(self, level: int, ms: int, rate_hz: int = LISTENING_RATE_HZ) -> None:
        """As it is spoken, window by window."""
        for _ in range(0, ms, WINDOW_MS):
            await anyio.sleep(WINDOW_MS / 1000)
            assert self.listener.take(pcm(level, WINDOW_MS, rate_hz))


@asynccontextmanager
async def an_ear() -> AsyncIterator[Ear]:
    ear = Ear()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(ear.listener.run)
        yield ear
        tasks.cancel_scope.cancel()


class TestMoments:
    async def test_speech_began_when_the_voice_did_and_not_when_it_was_noticed(self) -> None:
        async with an_ear() as ear:
            await ear.hears_live(QUIET, 960)
            began_at = now()
            await ear.hears_live(VOICE, 320)
            ended_at = now()
            await ear.hears_live(QUIET, 320)
            await anyio.sleep(0.001)
            started, paused = ear.events
            assert isinstance(started, ev.SpeechStarted)
            assert isinstance(paused, ev.SpeechPaused)
            assert started.at == pytest.approx(began_at, abs=0.001)
            assert paused.at == pytest.approx(ended_at, abs=0.001)

    async def test_in_a_piece_that_comes_late_both_are_told_and_neither_lies_ahead(self) -> None:
        async with an_ear() as ear:
            await ear.hears(pcm(QUIET, 640) + pcm(VOICE, 640) + pcm(QUIET, 640))
            started, paused = ear.events
            assert isinstance(started, ev.SpeechStarted)
            assert isinstance(paused, ev.SpeechPaused)
            assert started.at <= paused.at <= now()

    async def test_in_a_long_piece_others_have_their_turn(self) -> None:
        async with an_ear() as ear:
            ear.listener.take(pcm(VOICE, 50_000))
            while not ear.events:
                await checkpoint()
            assert ear.fed_ms < 1_000


class TestSound:
    async def test_silence_is_given_to_nobody(self) -> None:
        async with an_ear() as ear:
            await ear.hears(pcm(QUIET, 5_000))
            assert ear.fed == []
            assert ear.events == []

    async def test_the_moments_before_the_voice_come_with_it(self) -> None:
        async with an_ear() as ear:
            await ear.hears(pcm(QUIET, 960) + pcm(VOICE, 640))
            loud = np.concatenate(ear.fed) == VOICE
            assert loud.sum() == 640 * 16
            assert loud[-640 * 16 :].all()
            assert PREROLL_MS - RULES.onset_ms <= ear.fed_ms - 640 <= PREROLL_MS

    async def test_it_goes_on_through_a_pause_until_the_ear_is_closed(self) -> None:
        async with an_ear() as ear:
            await ear.hears(pcm(VOICE, 320) + pcm(QUIET, 640))
            assert ear.fed_ms == 960
            ear.listener.open = False
            await ear.hears(pcm(QUIET, 640))
            assert ear.fed_ms == 960
            await ear.hears(pcm(VOICE, 320))
            assert ear.fed_ms > 960

    async def test_an_ear_opened_by_hand_gives_all(self) -> None:
        async with an_ear() as ear:
            ear.listener.open = True
            await ear.hears(pcm(QUIET, 960))
            assert ear.listener.open
            assert ear.fed_ms == 960

    @pytest.mark.parametrize("cut", [1, 7, 1_023, 1_025, 30_001])
    async def test_it_may_be_cut_anywhere(self, cut: int) -> None:
        sound = pcm(QUIET, 640) + pcm(VOICE, 640) + pcm(QUIET, 320)
        async with an_ear() as whole, an_ear() as pieces:
            await whole.hears(sound)
            for start in range(0, len(sound), cut):
                pieces.listener.take(sound[start : start + cut])
            await anyio.sleep(0.001)
            assert np.array_equal(np.concatenate(pieces.fed), np.concatenate(whole.fed))
            assert [type(event) for event in pieces.events] == [
                ev.SpeechStarted,
                ev.SpeechPaused,
            ]

    @pytest.mark.parametrize("rate_hz", [8_000, 24_000, 44_100, 48_000])
    async def test_it_may_come_at_another_rate(self, rate_hz: int) -> None:
        async with an_ear() as ear:
            ear.listener.set_rate(rate_hz)
            began_at = now()
            await ear.hears_live(VOICE, 960, rate_hz)
            assert ear.fed_ms == pytest.approx(960, abs=100)
            assert isinstance(ear.events[0], ev.SpeechStarted)
            assert ear.events[0].at == pytest.approx(began_at, abs=0.1)


class TestAClientThatStopsSending:
    async def test_in_mid_speech_it_has_fallen_silent(self) -> None:
        async with an_ear() as ear:
            await ear.hears_live(VOICE, 640)
            await anyio.sleep(1)
            assert [type(event) for event in ear.events] == [ev.SpeechStarted, ev.SpeechPaused]

    async def test_in_silence_nothing_is_made_up(self) -> None:
        async with an_ear() as ear:
            await ear.hears_live(VOICE, 640)
            await ear.hears_live(QUIET, 320)
            await anyio.sleep(0.001)
            fed_ms = ear.fed_ms
            await anyio.sleep(3_600)
            assert ear.fed_ms == fed_ms
            assert len(ear.events) == 2

    async def test_it_may_begin_again(self) -> None:
        async with an_ear() as ear:
            await ear.hears_live(VOICE, 640)
            await anyio.sleep(10)
            began_at = now()
            await ear.hears_live(VOICE, 640)
            again = ear.events[2]
            assert isinstance(again, ev.SpeechStarted)
            assert again.at == pytest.approx(began_at, abs=0.05)


class TestMoreThanCanBeHeard:
    async def test_a_minute_may_wait_and_no_more(self) -> None:
        async with an_ear() as ear:
            assert all(ear.listener.take(pcm(VOICE, 1_000)) for _ in range(60))
            assert not ear.listener.take(pcm(VOICE, 1_000))
            await anyio.sleep(0.001)
            assert ear.listener.take(pcm(VOICE, 1_000))

    async def test_one_piece_longer_than_that_is_refused_whole(self) -> None:
        async with an_ear() as ear:
            assert not ear.listener.take(pcm(VOICE, 61_000))
            await anyio.sleep(0.001)
            assert ear.events == []

    async def test_nothing_is_nothing(self) -> None:
        async with an_ear() as ear:
            await ear.hears(b"")
            await ear.hears(b"\x01")
            assert ear.events == []


class TestARecording:
    async def test_its_pieces_may_come_late_and_nothing_is_put_between_them(self) -> None:
        async with an_ear() as ear:
            ear.listener.begin_recording()
            ear.listener.open = True
            await ear.hears(pcm(VOICE, 640))
            await anyio.sleep(5)
            await ear.hears(pcm(VOICE, 640))
            assert ear.fed_ms == 1_280
            assert [type(event) for event in ear.events] == [ev.SpeechStarted]

    async def test_it_is_over_when_its_last_sample_was_heard(self) -> None:
        async with an_ear() as ear:
            ear.listener.begin_recording()
            ear.listener.open = True
            ear.listener.take(pcm(VOICE, 700))
            over = anyio.Event()
            ear.listener.end_recording(over.set)
            await over.wait()
            assert np.count_nonzero(np.concatenate(ear.fed)) == 700 * 16

    async def test_its_length_has_limits_of_its_own(self) -> None:
        async with an_ear() as ear:
            ear.listener.begin_recording()
            ear.listener.open = True
            ear.listener.take_samples(np.full(90 * LISTENING_RATE_HZ, VOICE, np.int16))
            await anyio.sleep(0.001)
            assert ear.fed_ms == pytest.approx(90_000, abs=32)

    async def test_what_is_left_of_it_when_its_turn_is_over_is_heard_by_nobody(self) -> None:
        async with an_ear() as ear:
            ear.listener.begin_recording()
            ear.listener.open = True
            ear.listener.take(pcm(VOICE, 1_000) + pcm(QUIET, 1_000) + pcm(VOICE, 1_000))
            ear.listener.close()
            await anyio.sleep(5)
            assert ear.fed == []
            assert ear.events == []

    async def test_it_may_be_forgotten_in_the_moment_in_which_it_comes(self) -> None:
        async with an_ear() as ear:
            ear.listener.begin_recording()
            ear.listener.open = True
            await anyio.sleep(1)
            ear.listener.take(pcm(VOICE, 1_000))
            ear.listener.begin_recording()
            await anyio.sleep(1)
            await ear.hears(pcm(VOICE, 640))
            assert ear.fed_ms == 640

    async def test_one_that_begins_while_somebody_has_fallen_silent_is_whole(self) -> None:
        async with an_ear() as ear:
            await ear.hears_live(VOICE, 640)
            await anyio.sleep(0.4)
            ear.listener.begin_recording()
            ear.listener.open = True
            ear.fed.clear()
            await anyio.sleep(0.4)
            await ear.hears(pcm(VOICE, 640))
            assert ear.fed_ms == 640

    async def test_the_next_does_not_go_on_from_it(self) -> None:
        async with an_ear() as ear:
            for level in (VOICE, QUIET):
                ear.fed.clear()
                ear.listener.begin_recording()
                ear.listener.open = True
                await ear.hears(pcm(level, 1_000))
            assert set(np.concatenate(ear.fed).tolist()) == {QUIET}
            assert [type(event) for event in ear.events] == [ev.SpeechStarted]
