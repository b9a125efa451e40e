"""Sound comes as it is made, and none is made for a client that has left."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import httpx
import pytest
from anyio.lowlevel import checkpoint

from repartee.audio.decoding import decode
from repartee.errors import EngineFailed
from tests.calls.fakes import TroubledVoice, hangs, raises
from tests.calls.line import scripted
from tests.server.houses import Cast, Houses, Woe
from tests.server.open_house import open_house
from tests.server.streamed import Streamed
from tests.server.voice_asking import (
    AS_USUAL,
    TEXT,
    WAV,
    client,
    sentence,
)

pytestmark = pytest.mark.anyio


class TestStream:
    async def ask(self, houses: Houses, cast: Cast = AS_USUAL, **wish: Any) -> httpx.Response:
        async with client(houses, cast) as asker:
            return await asker.post("/api/voice/audio-stream", json={"text": TEXT, **wish})

    @pytest.mark.parametrize(
        ("wish", "kind"),
        [
            ({}, "audio/wav"),
            ({"format": "wav"}, "audio/wav"),
            ({"format": "mp3"}, "audio/mpeg"),
            ({"format": "opus"}, "audio/ogg"),
            ({"format": "aac"}, "audio/aac"),
            ({"format": "flac"}, "audio/flac"),
        ],
    )
    async def test_a_file_that_plays(self, houses: Houses, wish: dict[str, Any], kind: str) -> None:
        response = await self.ask(houses, **wish)
        assert (response.status_code, response.headers["content-type"]) == (200, kind)
        assert decode(response.content).seconds == pytest.approx(houses.seconds(TEXT), abs=0.1)

    async def test_plain_samples(self, houses: Houses) -> None:
        response = await self.ask(houses, format="pcm")
        assert len(response.content) == pytest.approx(houses.seconds(TEXT) * 48_000, abs=100)

    @pytest.mark.parametrize(
        "wish", [{"format": "tape"}, {"voice": "nobody"}, {"text": "🎉"}, {"speed": 0}]
    )
    async def test_what_is_wrong_is_told_instead_of_a_file(
        self, houses: Houses, wish: dict[str, Any]
    ) -> None:
        response = await self.ask(houses, **wish)
        assert response.status_code == 422
        assert sentence(response)

    async def test_a_failure_before_the_first_sound_is_told_too(self, houses: Houses) -> None:
        response = await self.ask(houses, Cast(voice=Woe.UNREACHABLE))
        assert response.status_code == 503
        assert re.fullmatch(houses.blames(Woe.UNREACHABLE, "voice"), sentence(response))


class TestItIsReallyStreamed:
    """The voice speaks a few pieces, and then waits for something that never comes.

    No broker has such a voice: it gives out a text when it has been spoken to its end.
    """

    @pytest.mark.parametrize("file", ["wav", "opus"])
    async def test_sound_comes_before_the_text_is_spoken_to_its_end(self, file: str) -> None:
        engines = scripted(tts=TroubledVoice(hangs, after_pieces=4))
        async with open_house(engines=engines) as house, anyio.create_task_group() as tasks:
            body = {"text": TEXT, "format": file}
            answer = Streamed(house, "/api/voice/audio-stream", body)
            tasks.start_soon(answer.run)
            with anyio.fail_after(5):
                await answer.until(200)
            assert not answer.complete
            answer.leave()

    async def test_a_client_that_leaves_stops_the_voice(self) -> None:
        waiting, stopped = anyio.Event(), anyio.Event()

        async def waits() -> None:
            waiting.set()
            try:
                await anyio.sleep_forever()
            finally:
                stopped.set()

        engines = scripted(tts=TroubledVoice(waits, after_pieces=2))
        async with open_house(engines=engines) as house, anyio.create_task_group() as tasks:
            answer = Streamed(house, "/api/voice/audio-stream", {"text": TEXT})
            tasks.start_soon(answer.run)
            with anyio.fail_after(5):
                await waiting.wait()
                answer.leave()
                await stopped.wait()

    async def test_a_voice_that_fails_in_the_middle_breaks_the_answer_off(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        voice = TroubledVoice(raises(EngineFailed("It broke.")), after_pieces=2)
        async with open_house(engines=scripted(tts=voice)) as house:
            answer = Streamed(house, "/api/voice/audio-stream", {"text": TEXT})
            with anyio.fail_after(5):
                await answer.run()
        assert len(answer.came) > 1_000
        assert not answer.complete
        assert "It broke." in caplog.text


class TestABatchIsStreamed:
    """The voice speaks the first text, and never ends the second."""

    @asynccontextmanager
    async def one_of_two(self, houses: Houses) -> AsyncIterator[Streamed]:
        cast = Cast(voice=Woe.HANGS, texts_before=1)
        async with (
            houses.engines(cast) as engines,
            open_house(engines=engines) as house,
            anyio.create_task_group() as tasks,
        ):
            wishes = [{"text": "first"}, {"text": "second"}]
            answer = Streamed(house, "/api/voice/synthesize-batch", wishes)
            tasks.start_soon(answer.run)
            with anyio.fail_after(5):
                await answer.until(1_000)
                yield answer
            tasks.cancel_scope.cancel()

    async def test_it_comes_item_by_item(self, houses: Houses) -> None:
        async with self.one_of_two(houses) as answer:
            assert json.loads(answer.came.rstrip(b",") + b"]")[0]["text_length"] == 5
            assert not answer.complete

    async def test_a_client_that_leaves_stops_the_voice(self, houses: Houses) -> None:
        async with self.one_of_two(houses) as answer:
            await houses.until_voice_hangs()
            answer.leave()
            await houses.until_voice_is_left()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("synthesize", {"text": TEXT}),
        ("audio-stream", {"text": TEXT}),
        ("transcribe", {"audio_base64": base64.b64encode(WAV).decode()}),
    ],
)
async def test_nothing_is_done_any_more_for_a_client_that_left(
    houses: Houses, path: str, body: dict[str, str]
) -> None:
    cast = Cast(ear=Woe.HANGS, voice=Woe.HANGS)
    async with (
        houses.engines(cast) as engines,
        open_house(engines=engines) as house,
        anyio.create_task_group() as tasks,
    ):
        answer = Streamed(house, f"/api/voice/{path}", body)
        tasks.start_soon(answer.run)
        with anyio.fail_after(5):
            while not house.errands.busy:
                await checkpoint()
            answer.leave()
            while house.errands.busy:
                await checkpoint()
