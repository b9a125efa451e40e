"""Recordings of a button that can't be decoded, or are too much."""

from __future__ import annotations

import anyio
import pytest

from repartee.audio.decoding import Limits
from repartee.conversation.told import (
    Problem,
    ReplyCompleted,
)
from tests.calls.line import VOICE, pcm, scripted
from tests.calls.recorder import Witness, a_button, recording
from tests.calls.virtual_time import IN_VIRTUAL_TIME, Backend
from tests.recordings.browser import NAMES, blobs

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> Backend:
    return IN_VIRTUAL_TIME


class TestWhatCannotBeDecoded:
    @pytest.mark.parametrize(
        ("sound", "complaint"),
        [
            (b"\x89PNG\r\n\x1a\n" + bytes(5_000), "This is a PNG picture, not a sound recording."),
            (b"hello " * 1_000, "This is not a recording that can be decoded."),
            (pcm(VOICE, 250), "This is not a recording that can be decoded."),
        ],
    )
    async def test_it_is_said_once_and_at_once_and_the_next_turn_works(
        self, sound: bytes, complaint: str
    ) -> None:
        async with a_button() as button:
            button.press()
            button.send(sound)
            await anyio.sleep(0.001)
            assert len(button.complaints) == 1
            assert button.complaints[0].startswith(complaint)
            await button.record([sound] * 20)
            button.let_go()
            await anyio.sleep(1)
            assert len(button.complaints) == 1
            assert button.traced() == []
            await button.ask()
            await button.line.client.until(ReplyCompleted)
            assert len(button.complaints) == 1

    @pytest.mark.parametrize("name", NAMES)
    async def test_a_recording_may_break_off_anywhere(self, name: str) -> None:
        whole = b"".join(blobs(name))
        cuts = [1, 15, 16, 17, 100, *range(len(whole) // 6, len(whole), len(whole) // 6)]
        async with a_button() as button:
            for turn, cut in enumerate(cuts, 1):
                button.press()
                button.send(whole[:cut])
                await anyio.sleep(0.1)
                button.let_go()
                await anyio.sleep(30)
                answers = button.line.client.all(ReplyCompleted)
                assert len(answers) + len(button.complaints) == turn
            assert len(button.line.client.all(ReplyCompleted)) >= 5
            assert all(complaint.endswith(".") for complaint in button.complaints)

    @pytest.mark.parametrize("name", NAMES)
    async def test_a_recording_may_be_cut_into_pieces_of_any_size(self, name: str) -> None:
        whole, ear = b"".join(blobs(name)), Witness()
        sizes = [1, 7, 100, 16_000, len(whole)]
        async with a_button(scripted(stt=ear)) as button:
            for count, size in enumerate(sizes, 1):
                button.press()
                button.send(*(whole[at : at + size] for at in range(0, len(whole), size)))
                await anyio.sleep(0.5)
                button.let_go()
                await button.line.client.until(ReplyCompleted, count)
            assert button.complaints == []
            assert len({len(ear.sound(at)) for at in range(len(sizes))}) == 1

    async def test_a_hundred_megabytes_are_refused_and_not_kept(self) -> None:
        async with a_button(limits=Limits(most_bytes=8 << 20, most_seconds=1e9)) as button:
            button.press()
            button.send(*recording(250))
            for _ in range(100):
                button.send(bytes(1 << 20))
            button.let_go()
            await button.line.client.until(Problem)
            assert button.complaints == ["The recording is larger than 8 MB. Please send less."]
            await button.ask()
            await button.line.client.until(ReplyCompleted)

    async def test_more_sound_than_fits_into_a_turn_is_refused(self) -> None:
        async with a_button(limits=Limits(most_seconds=10)) as button:
            button.press()
            button.send(*recording(11_000))
            await anyio.sleep(0.001)
            assert button.complaints == [
                "The recording is longer than 10 seconds. Please send less."
            ]

    async def test_minutes_that_come_at_once_are_heard_whole(self) -> None:
        ear = Witness()
        async with a_button(scripted(stt=ear)) as button:
            button.press()
            button.send(*recording(100_000))
            button.let_go()
            await button.line.client.until(ReplyCompleted)
            assert ear.loud_ms(0) == 100_000
            assert button.complaints == []

    async def test_a_decoder_that_breaks_is_no_reason_to_end_the_call(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        async with a_button() as button:
            button.room.fails = OSError("/secret/path")
            await button.ask()
            assert button.complaints == ["The recording could not be decoded. Please record again."]
            assert "/secret/path" in caplog.text
            button.room.fails = None
            await button.ask()
            await button.line.client.until(ReplyCompleted)
