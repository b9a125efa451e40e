"""When a recording is over, whose last piece may still be on its way when the button is let go."""

from __future__ import annotations

import anyio
import numpy as np
import pytest

from repartee.audio.wav import wav_bytes
from repartee.calls.clock import now
from repartee.conversation.told import (
    ReplyCompleted,
    UserFinal,
)
from tests.calls.line import VOICE, pcm, scripted
from tests.calls.recorder import Witness, a_button, recording
from tests.calls.virtual_time import IN_VIRTUAL_TIME, Backend
from tests.recordings.browser import NAMES, timed_blobs

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> Backend:
    return IN_VIRTUAL_TIME


class TestTheEndOfARecording:
    async def test_the_last_blob_is_waited_for(self) -> None:
        ear = Witness()
        async with a_button(scripted(stt=ear)) as button:
            *before, last = recording(2_000)
            button.press()
            await button.record(before)
            await anyio.sleep(0.25)
            button.let_go()
            await anyio.sleep(0.04)
            button.send(last)
            assert await button.waited_ms() == 40, "and then nothing more is waited for"
            assert ear.loud_ms(0) == 2_000

    async def test_a_silence_of_150_ms_means_that_there_is_none(self) -> None:
        async with a_button() as button:
            button.press()
            await button.record(recording(1_750))
            await anyio.sleep(0.25)
            button.let_go()
            assert await button.waited_ms() == 150

    async def test_that_silence_is_counted_from_the_latest_blob(self) -> None:
        ear = Witness()
        async with a_button(scripted(stt=ear)) as button:
            blobs = recording(2_000)
            button.press()
            await button.record(blobs[:5])
            await anyio.sleep(0.75)
            button.let_go()
            for late in (blobs[5], b"", blobs[6], blobs[7]):
                await anyio.sleep(0.14)
                button.send(late)
            assert await button.waited_ms() == 4 * 140, "and then all of it is there"
            assert ear.loud_ms(0) == 2_000

    async def test_what_covers_the_whole_time_is_not_waited_for(self) -> None:
        async with a_button() as button:
            await button.ask(2_000)
            assert await button.waited_ms() == 0

    @pytest.mark.parametrize("missing_ms", [0, 50, 70, 200])
    async def test_up_to_a_packet_may_be_missing(self, missing_ms: int) -> None:
        async with a_button() as button:
            button.press()
            await button.record(recording(2_000))
            await anyio.sleep(missing_ms / 1000)
            button.let_go()
            assert await button.waited_ms() == (0 if missing_ms <= 60 else 150)

    async def test_blobs_that_came_late_do_not_hide_that_one_is_missing(self) -> None:
        ear = Witness()
        async with a_button(scripted(stt=ear)) as button:
            first, *others, last = recording(2_000)
            button.press()
            await anyio.sleep(0.45)
            button.send(first)  # 200 ms late
            await anyio.sleep(0.05)
            button.send(others[0])
            await button.record(others[1:])
            await anyio.sleep(0.25)
            button.let_go()
            await anyio.sleep(0.1)
            button.send(last)
            await button.waited_ms()
            assert ear.loud_ms(0) == 2_000

    async def test_a_container_that_has_ended_is_not_waited_for(self) -> None:
        async with a_button() as button:
            button.press()
            button.send(wav_bytes(np.full(32_000, VOICE, np.int16), 16_000))
            await anyio.sleep(10)
            button.let_go()
            assert await button.waited_ms() == 0

    async def test_what_came_faster_than_it_was_made_says_nothing_about_the_time(self) -> None:
        ear = Witness()
        async with a_button(scripted(stt=ear)) as button:
            *before, last = recording(2_000)
            button.press()
            button.send(*before)
            await anyio.sleep(0.01)
            button.let_go()
            await anyio.sleep(0.1)
            button.send(last)
            assert await button.waited_ms() == 250
            assert ear.loud_ms(0) == 2_000

    async def test_all_of_it_may_come_after_the_button_was_let_go(self) -> None:
        ear = Witness()
        async with a_button(scripted(stt=ear)) as button:
            button.press()
            await anyio.sleep(2)
            button.let_go()
            await anyio.sleep(0.1)
            button.send(b"".join(recording(2_000)))
            await button.waited_ms()
            assert ear.loud_ms(0) == 2_000

    async def test_what_comes_after_it_was_given_up_is_not_missed(self) -> None:
        async with a_button() as button:
            button.press()
            await button.record(recording(1_000))
            await anyio.sleep(0.2)
            button.let_go()
            await button.line.client.until(ReplyCompleted)
            button.send(pcm(VOICE, 250))
            await anyio.sleep(1)
            assert button.complaints == []
            assert len(button.line.client.all(UserFinal)) == 1

    @pytest.mark.parametrize("name", NAMES)
    async def test_browsers_recordings_need_no_wait(self, name: str) -> None:
        async with a_button() as button:
            button.press()
            began = now()
            for at, blob in timed_blobs(name):
                await anyio.sleep(max(began + at + 0.02 - now(), 0))
                button.send(blob)
            button.let_go()
            assert await button.waited_ms() == 0
            assert button.complaints == []
