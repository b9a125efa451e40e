"""What `/upload` takes, in which form, and what it refuses."""

from __future__ import annotations

import tempfile
from unittest.mock import patch

import pytest

from repartee.audio.pcm import pcm_bytes
from repartee.audio.wav import wav_bytes
from repartee.engines.protocols import LISTENING_RATE_HZ
from tests.calls.visiting import said
from tests.recordings import recording
from tests.server.open_house import asking, open_house
from tests.server.uploading import (
    BROWSER,
    QUESTION,
    WAV,
    engines,
    events_of,
    refusal,
    upload,
)

pytestmark = pytest.mark.anyio


class TestWhatIsTaken:
    @pytest.mark.parametrize("name", ["chromium.webm", "firefox.ogg", "chromium.mp4"])
    async def test_whatever_browsers_record(self, name: str) -> None:
        async with open_house(engines=engines()) as house, asking(house) as client:
            upload_id = await upload(client, (BROWSER / name).read_bytes())
            assert (await events_of(house, upload_id))[-1]["type"] == "done"

    @pytest.mark.parametrize("field", ["audio", "file"])
    async def test_a_form(self, field: str) -> None:
        async with open_house(engines=engines()) as house, asking(house) as client:
            response = await client.post("/upload", files={field: ("a.webm", WAV, "audio/webm")})
            events = await events_of(house, response.json()["session_id"])
        assert events[0]["text"] == QUESTION

    @pytest.mark.parametrize(
        "kind", ["application/x-www-form-urlencoded", "application/octet-stream", "text/plain", ""]
    )
    async def test_a_body_whatever_its_sender_calls_it(self, kind: str) -> None:
        async with open_house(engines=engines()) as house, asking(house) as client:
            response = await client.post("/upload", content=WAV, headers={"content-type": kind})
        assert response.status_code == 200

    async def test_raw_pcm_when_it_is_declared(self) -> None:
        pcm, kind = pcm_bytes(said()), "audio/L16;rate=16000"
        async with open_house(engines=engines()) as house, asking(house) as client:
            response = await client.post("/upload", content=pcm, headers={"content-type": kind})
            assert response.status_code == 200
            refusal(await client.post("/upload", content=pcm), 422)

    async def test_recorded_speech(self) -> None:
        wav = wav_bytes(recording("q1_weather.wav"), LISTENING_RATE_HZ)
        async with open_house(engines=engines()) as house, asking(house) as client:
            assert (await events_of(house, await upload(client, wav)))[0]["text"] == QUESTION

    @pytest.mark.parametrize("size", [0, 1, 99, 100])
    async def test_not_an_empty_one(self, size: int) -> None:
        async with open_house() as house, asking(house) as client:
            body = WAV[:size]
            for response in (
                await client.post("/upload", content=body),
                await client.post("/upload", files={"audio": ("a.wav", body)}),
            ):
                assert refusal(response, 400).startswith("The recording is empty")

    @pytest.mark.parametrize("body", [b"x" * 101, b"RIFF" + bytes(500)])
    async def test_not_what_can_not_be_decoded(self, body: bytes) -> None:
        async with open_house() as house, asking(house) as client:
            refusal(await client.post("/upload", content=body), 422)
            assert len(house.visitors) == len(house.uploads) == 0

    async def test_not_a_form_without_a_recording(self) -> None:
        async with open_house() as house, asking(house) as client:
            for response in (
                await client.post("/upload", files={"picture": ("a.png", WAV)}),
                await client.post("/upload", data={"audio": "hello", "persona": "astronaut"}),
            ):
                assert "'audio' or 'file'" in refusal(response, 422)

    async def test_not_a_longer_one_than_a_turn_may_be(self) -> None:
        async with open_house(max_turn_seconds=2) as house, asking(house) as client:
            wav = wav_bytes(said(3_000), LISTENING_RATE_HZ)
            assert "2 seconds" in refusal(await client.post("/upload", content=wav), 422)

    async def test_not_more_than_there_is_room_for(self) -> None:
        async with open_house() as house, asking(house) as client:
            house.roster.draining = True
            refusal(await client.post("/upload", content=WAV), 503)

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("persona", "nobody"),
            ("voice", "nobody"),
            ("speed", "fast"),
            ("speed", "0"),
            ("speed", "2.1"),
            ("speed", "nan"),
            ("conversation_id", "x" * 201),
        ],
    )
    async def test_not_with_a_wish_that_can_not_be_done(self, name: str, value: str) -> None:
        async with open_house() as house, asking(house) as client:
            refusal(await client.post("/upload", content=WAV, params={name: value}), 422)
            file = {"audio": ("a.wav", WAV)}
            refusal(await client.post("/upload", data={name: value}, files=file), 422)
            assert len(house.visitors) == len(house.uploads) == 0

    async def test_nothing_touches_a_disk(self) -> None:
        long = wav_bytes(said(50_000), LISTENING_RATE_HZ)
        assert len(long) > 1 << 20
        never = AssertionError("something was written to a disk")
        with patch.object(tempfile.SpooledTemporaryFile, "rollover", side_effect=never):
            async with open_house() as house, asking(house) as client:
                response = await client.post("/upload", files={"audio": ("a.wav", long)})
                assert response.status_code == 200, response.text
