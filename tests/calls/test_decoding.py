"""Decoding away from the event loop: in order, bounded, and given up when nobody waits."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest

from repartee.audio.decoding import Limits, RecordingDecoder, decode
from repartee.audio.pcm import Samples
from repartee.calls import decoding
from repartee.calls.decoding import DecodingRoom
from repartee.calls.refusals import LimitReached
from repartee.errors import BadAudio, Refused
from tests.calls.visiting import paid_by
from tests.recordings.browser import blobs

pytestmark = pytest.mark.anyio
WHOLE = b"".join(blobs("chromium.webm"))


@asynccontextmanager
async def decoding_room() -> AsyncIterator[DecodingRoom]:
    room = DecodingRoom(Limits(most_bytes=1 << 20))
    await room.open()
    try:
        yield room
    finally:
        await room.close()


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Decoding waits until this is set."""
    may_go_on = threading.Event()
    push = RecordingDecoder.push

    def waiting(decoder: RecordingDecoder, piece: bytes) -> Samples:
        may_go_on.wait(10)
        return push(decoder, piece)

    monkeypatch.setattr(RecordingDecoder, "push", waiting)
    return may_go_on


async def test_a_recording_is_decoded_while_it_comes_in() -> None:
    async with decoding_room() as room:
        recording = room.live()
        pieces = [await recording.push(blob) for blob in blobs("chromium.webm")]
        assert recording.seconds > 2.5
        assert not recording.ended
        heard = np.concatenate([*pieces, await recording.finish()])
    assert np.array_equal(heard, decode(WHOLE).samples)


async def test_pieces_that_are_pushed_at_once_stay_in_order() -> None:
    async with decoding_room() as room:
        recording = room.live()
        pieces = await asyncio.gather(*map(recording.push, blobs("firefox.webm")))
        heard = np.concatenate([*pieces, await recording.finish()])
    assert np.array_equal(heard, decode(b"".join(blobs("firefox.webm"))).samples)


async def test_an_upload_is_decoded_whole() -> None:
    async with decoding_room() as room:
        heard = await room.decode(WHOLE)
    assert np.array_equal(heard.samples, decode(WHOLE).samples)


async def test_a_recording_that_cannot_be_decoded_says_so() -> None:
    async with decoding_room() as room:
        with pytest.raises(BadAudio, match="a PNG picture"):
            await room.live().push(b"\x89PNG" + bytes(20))
        with pytest.raises(BadAudio, match="larger than 1 MB"):
            await room.decode(WHOLE + bytes(1 << 20))


async def test_only_so_many_pieces_may_wait(held: threading.Event) -> None:
    async with decoding_room() as room:
        recording = room.live()
        waiting = [asyncio.create_task(recording.push(b"")) for _ in range(64)]
        await asyncio.sleep(0)
        with pytest.raises(BadAudio, match="faster than it can be decoded"):
            await recording.push(b"")
        held.set()
        await asyncio.gather(*waiting)


async def test_uploads_that_come_at_once_wait_for_one_another(held: threading.Event) -> None:
    async with decoding_room() as room:
        uploads = [asyncio.create_task(room.decode(WHOLE)) for _ in range(40)]
        await asyncio.sleep(0)
        held.set()
        assert len({one.seconds for one in await asyncio.gather(*uploads)}) == 1


async def test_only_so_many_uploads_may_wait(held: threading.Event) -> None:
    async with decoding_room() as room:
        being_decoded, waiting = 2, 64
        uploads = [asyncio.create_task(room.decode(WHOLE)) for _ in range(being_decoded + waiting)]
        await asyncio.sleep(0)
        with pytest.raises(Refused, match="All 64 places for recordings to be decoded are taken"):
            await room.decode(WHOLE)
        held.set()
        await asyncio.gather(*uploads)


async def test_one_payer_does_not_take_the_waiting_room_of_the_others(
    held: threading.Event,
) -> None:
    async with decoding_room() as room:
        with paid_by("greedy"):
            begun_and_waiting = range(2 + 32)
            uploads = [asyncio.create_task(room.decode(WHOLE)) for _ in begun_and_waiting]
            await asyncio.sleep(0)
            with pytest.raises(LimitReached, match=r"^Your share .* is taken: 32 of 64"):
                await room.decode(WHOLE)
        with paid_by("modest"):
            late = asyncio.create_task(room.decode(WHOLE))
            await asyncio.sleep(0)
        held.set()
        assert (await late).seconds > 2
        assert not all(upload.done() for upload in uploads), "it waited for some of them only"
        await asyncio.gather(*uploads)


async def test_nor_do_they_wait_for_ever(
    held: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoding, "UPLOAD_PATIENCE_SECONDS", 0.01)
    async with decoding_room() as room:
        begun = [asyncio.create_task(room.decode(WHOLE)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(Refused, match="Too many recordings"):
            await room.decode(WHOLE)
        held.set()
        await asyncio.gather(*begun)
        assert (await room.decode(WHOLE)).seconds > 2, "and there is room again"


async def test_an_upload_that_is_given_up_makes_room(held: threading.Event) -> None:
    async with decoding_room() as room:
        uploads = [asyncio.create_task(room.decode(WHOLE)) for _ in range(20)]
        await asyncio.sleep(0)
        for upload in uploads[:-1]:
            upload.cancel()
        held.set()
        assert (await uploads[-1]).seconds > 2
        outcomes = await asyncio.gather(*uploads[:-1], return_exceptions=True)
        assert {type(one) for one in outcomes} == {asyncio.CancelledError}


async def test_who_leaves_is_not_decoded_for(held: threading.Event) -> None:
    async with decoding_room() as room:
        recording = room.live()
        leaving = asyncio.create_task(recording.push(WHOLE))
        await asyncio.sleep(0)
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        held.set()
        assert len(await recording.finish()) == 0
