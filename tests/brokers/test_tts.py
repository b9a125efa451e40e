"""The TTS broker: a Kokoro server or an engine of its own, behind one interface."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pytest

from repartee.audio.wav import read_wav
from repartee.testing.standins import Heard, Reply, StandIn, Trouble
from repartee.testing.standins.kokoro import KokoroWire
from repartee.testing.standins.sound import RATE_HZ, hum
from repartee.testing.standins.wire import json_reply
from tests.brokers.behind import speaking

pytestmark = pytest.mark.anyio

TEXT = "Hello there."


class OlderBroker:
    """In front of Kokoro: floats, whatever is asked for, and no list of voices."""

    def answer(self, heard: Heard) -> Reply:
        if (heard.method, heard.path) != ("POST", "/synthesize"):
            return self.complaint(404, heard)
        sound = hum(heard.json()["text"], heard.json()["speed"]).astype("<f4") / 32_768
        audio = base64.b64encode(sound.tobytes()).decode()
        return json_reply({"audio_base64": audio, "audio_sample_rate": RATE_HZ})

    def complaint(self, status: int, heard: Heard) -> Reply:
        return json_reply({"detail": "Not Found"}, status)


def floats_of(answer: dict[str, Any]) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.frombuffer(base64.b64decode(answer["audio_base64"]), "<f4")


class TestForwarding:
    async def test_a_text_becomes_raw_floats(self) -> None:
        async with StandIn(KokoroWire()) as server, speaking(server.url) as client:
            answer = await client.post("/synthesize", json={"text": TEXT, "voice": "bf_emma"})
            told = answer.json()
            sound = floats_of(told)
            assert answer.status_code == 200
            assert told["audio_sample_rate"] == 24_000
            assert (told["voice"], told["voice_used"], told["format"]) == (
                "bf_emma",
                "bf_emma",
                "float32",
            )
            assert told["audio_duration_seconds"] == round(len(sound) / 24_000, 3)
            assert np.allclose(sound, hum(TEXT) / 32_768)

    async def test_a_wav_file_comes_if_it_is_asked_for(self) -> None:
        async with StandIn(KokoroWire()) as server, speaking(server.url) as client:
            answer = await client.post("/synthesize", json={"text": TEXT, "format": "wav"})
            recording = read_wav(base64.b64decode(answer.json()["audio_base64"]))
            assert recording.rate_hz == 24_000
            assert np.array_equal(recording.samples, hum(TEXT))

    async def test_voice_language_and_speed_are_handed_on(self) -> None:
        async with StandIn(KokoroWire()) as server, speaking(server.url) as client:
            wish = {"text": TEXT, "voice": "ef_dora", "lang_code": "e", "speed": 1.5}
            await client.post("/synthesize", json=wish)
            asked = server.asked[-1].json()
            assert (asked["voice"], asked["lang_code"], asked["speed"]) == ("ef_dora", "e", 1.5)

    async def test_a_server_that_speaks_as_we_do_is_understood_too(self) -> None:
        async with StandIn(OlderBroker()) as server, speaking(server.url) as client:
            for _ in range(2):
                answer = await client.post("/synthesize", json={"text": TEXT})
                assert np.allclose(floats_of(answer.json()), hum(TEXT) / 32_768)
            assert [heard.path for heard in server.asked].count("/synthesize") == 2

    async def test_which_of_the_two_it_is_may_change(self) -> None:
        server = StandIn(OlderBroker())
        async with server, speaking(server.url) as client:
            assert (await client.post("/synthesize", json={"text": TEXT})).status_code == 200
            server.wire = KokoroWire()
            statuses = [
                (await client.post("/synthesize", json={"text": TEXT})).status_code
                for _ in range(2)
            ]
            assert statuses == [502, 200]

    async def test_its_voices_are_listed(self) -> None:
        async with StandIn(KokoroWire()) as server, speaking(server.url) as client:
            told = (await client.get("/voices")).json()
            assert {"af_heart", "ef_dora", "bm"} <= set(told["voices"])
            assert told["default_voice"] == "af_heart"
            assert {"name": "bm_george", "language": "en-gb", "gender": "male"} in told["details"]


class TestABatch:
    async def test_a_bad_item_spoils_no_other(self) -> None:
        async with StandIn(KokoroWire()) as server, speaking(server.url) as client:
            server.troubles.append(Trouble())
            wishes = [{"text": "One."}, {"text": ""}, {"text": "Two.", "voice": "nobody"}, 7]
            answer = await client.post("/synthesize-batch", json=[*wishes, {"text": "Three."}])
            one, empty, unknown, nonsense, three = answer.json()
            assert len(floats_of(three)) > len(floats_of(one))
            assert "'text'" in empty["error"]
            assert "nobody" in unknown["error"]
            assert nonsense["error"]

    @pytest.mark.parametrize(("count", "status"), [(0, 400), (1, 200), (10, 200), (11, 422)])
    async def test_it_holds_one_to_ten_texts(self, count: int, status: int) -> None:
        async with StandIn(KokoroWire()) as server, speaking(server.url) as client:
            answer = await client.post("/synthesize-batch", json=[{"text": TEXT}] * count)
            assert answer.status_code == status

    async def test_trouble_behind_it_is_told_in_its_place(self) -> None:
        async with StandIn(KokoroWire()) as server, speaking(server.url) as client:
            server.troubles.append(Trouble(status=500))
            failed, spoken = (
                await client.post("/synthesize-batch", json=[{"text": TEXT}] * 2)
            ).json()
            assert server.url.removeprefix("http://") in failed["error"]
            assert "audio_base64" in spoken


class TestTrouble:
    async def test_a_server_that_is_not_there_is_503(self) -> None:
        async with StandIn(KokoroWire()) as gone:
            url = gone.url
        async with speaking(url) as client:
            answer = await client.post("/synthesize", json={"text": TEXT})
            assert answer.status_code == 503
            assert url.removeprefix("http://") in answer.json()["detail"]
            assert (await client.get("/healthz")).status_code == 503

    async def test_one_that_takes_too_long_is_504(self) -> None:
        async with (
            StandIn(KokoroWire()) as server,
            speaking(server.url, tts_request_timeout=0.1) as client,
        ):
            server.usual = Trouble(hang_after=-1)
            answer = await client.post("/synthesize", json={"text": TEXT})
            assert answer.status_code == 504
            assert server.url.removeprefix("http://") in answer.json()["error"]

    async def test_one_that_answers_nonsense_is_502(self) -> None:
        async with StandIn(KokoroWire()) as server, speaking(server.url) as client:
            server.usual = Trouble(nonsense=True)
            answer = await client.post("/synthesize", json={"text": TEXT})
            assert answer.status_code == 502

    async def test_one_that_breaks_off_is_502(self) -> None:
        async with StandIn(KokoroWire()) as server, speaking(server.url) as client:
            await client.post("/synthesize", json={"text": TEXT})
            server.troubles.append(Trouble(lose_after=1))
            answer = await client.post("/synthesize", json={"text": f"{TEXT} {TEXT}"})
            assert answer.status_code == 502
            assert f"{server.url.removeprefix('http://')} broke off" in answer.json()["detail"]

    async def test_one_that_has_too_much_to_do_is_503(self) -> None:
        async with StandIn(KokoroWire()) as server, speaking(server.url) as client:
            server.usual = Trouble(status=503)
            answer = await client.post("/synthesize", json={"text": TEXT})
            assert answer.status_code == 503
            assert server.url.removeprefix("http://") in answer.json()["detail"]

    async def test_a_language_that_no_voice_has_is_left_to_the_voice(self) -> None:
        async with StandIn(KokoroWire()) as server, speaking(server.url) as client:
            wish = {"text": TEXT, "voice": "bf_emma", "lang_code": "klingon"}
            assert (await client.post("/synthesize", json=wish)).status_code == 200
            assert server.asked[-1].json()["lang_code"] == "b"

    @pytest.mark.parametrize(
        ("wish", "about"),
        [
            ({"text": ""}, "'text'"),
            ({"text": "x" * 10_001}, "'text'"),
            ({"text": TEXT, "speed": 0}, "'speed'"),
            ({"text": TEXT, "speed": 2.1}, "'speed'"),
            ({"text": TEXT, "format": "mp3"}, "'format'"),
            ({"text": TEXT, "voice": "nobody"}, "nobody"),
            ({"text": "```code```"}, "nothing to speak"),
        ],
    )
    async def test_a_wish_that_can_not_be_met_is_named(
        self, wish: dict[str, Any], about: str
    ) -> None:
        async with StandIn(KokoroWire()) as server, speaking(server.url) as client:
            answer = await client.post("/synthesize", json=wish)
            assert answer.status_code == 422
            assert about in answer.json()["detail"]


class TestAnEngineOfItsOwn:
    async def test_it_is_served_as_kokoro_would_be(self) -> None:
        async with speaking(engine="scripted") as client:
            told = (await client.post("/synthesize", json={"text": TEXT, "voice": "am"})).json()
            assert told["voice_used"] == "am_michael"
            assert len(floats_of(told)) == 24_000 * 11 * 60 // 1000  # a letter takes 60 ms

    async def test_it_says_what_it_is_and_how_it_does(self) -> None:
        async with speaking(engine="scripted") as client:
            health = await client.get("/healthz")
            assert health.json() == {"status": "healthy", "service": "scripted engine"}
            assert (await client.get("/info")).json()["engine"] == "scripted"
            told = (await client.get("/broker-status")).json()
            assert (told["service_healthy"], told["requests"]) == (True, 0)
