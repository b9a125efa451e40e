"""The STT broker: a whisper.cpp server or an engine of its own, behind one interface."""

from __future__ import annotations

from typing import Any, Literal

import httpx
import numpy as np
import pytest

from repartee.audio.wav import read_wav, wav_bytes
from repartee.testing.standins import StandIn, Trouble
from repartee.testing.standins.whispercpp import WhisperCppWire
from tests.brokers.behind import listening
from tests.recordings import FOLDER

pytestmark = pytest.mark.anyio

SAID = "What time is it?"
QUESTION = wav_bytes(np.full(16_000, 8_000, np.int16), 16_000)
WEBM = (FOLDER / "browser" / "chromium.webm").read_bytes()


async def infer(client: httpx.AsyncClient, data: Any = QUESTION, **fields: str) -> httpx.Response:
    return await client.post("/inference", files={"file": ("q.wav", data)}, data=fields)


class TestForwarding:
    async def test_a_recording_becomes_a_text(self) -> None:
        async with StandIn(WhisperCppWire(SAID)) as server, listening(server.url) as client:
            answer = await infer(client)
            assert answer.status_code == 200
            assert answer.json()["text"].strip() == SAID

    async def test_the_server_gets_a_wav_file_whatever_came(self) -> None:
        async with StandIn(WhisperCppWire(SAID)) as server, listening(server.url) as client:
            assert (await infer(client, WEBM)).status_code == 200
            sent = read_wav(server.asked[-1].form()["file"])
            assert sent.rate_hz == 16_000
            assert sent.seconds > 2

    async def test_what_is_wished_is_handed_on(self) -> None:
        wishes = {
            "temperature": "0.2",
            "temperature_inc": "0.1",
            "response_format": "verbose_json",
            "language": "de",
            "prompt": "Wetter",
        }
        async with StandIn(WhisperCppWire(SAID)) as server, listening(server.url) as client:
            answer = await infer(client, **wishes, secret="no option of whisper.cpp")
            assert answer.json()["segments"][0]["text"].strip() == SAID
            form = server.asked[-1].form()
            assert {name: form[name].decode() for name in wishes} == wishes
            assert "secret" not in form

    @pytest.mark.parametrize(
        ("written", "content_type"),
        [
            ("json", "application/json"),
            ("verbose_json", "application/json"),
            ("text", "text/plain; charset=utf-8"),
            ("srt", "application/x-subrip; charset=utf-8"),
            ("vtt", "text/vtt; charset=utf-8"),
        ],
    )
    async def test_it_comes_in_the_format_that_is_wished(
        self, written: str, content_type: str
    ) -> None:
        async with StandIn(WhisperCppWire(SAID)) as server, listening(server.url) as client:
            answer = await infer(client, response_format=written)
            assert answer.headers["content-type"] == content_type
            assert SAID in answer.text

    async def test_another_model_is_loaded(self) -> None:
        async with StandIn(WhisperCppWire(SAID)) as server, listening(server.url) as client:
            answer = await client.post("/load", files={"model": (None, "models/small.bin")})
            assert answer.json() == {"status": "loaded", "message": "Load was successful!"}
            assert server.asked[-1].form() == {"model": b"models/small.bin"}
            assert (await client.get("/info")).json()["model"] == "small.bin"

    @pytest.mark.parametrize("is_older", [False, True])
    async def test_a_model_that_is_not_there_is_said(self, is_older: bool) -> None:
        wire = WhisperCppWire(SAID)
        wire.is_older = is_older
        async with StandIn(wire) as server, listening(server.url) as client:
            answer = await client.post("/load", files={"model": (None, "models/vast.bin")})
            assert answer.status_code == 422
            assert server.url.removeprefix("http://") in answer.json()["detail"]
            assert (await client.get("/info")).json()["model"] is None

    async def test_connections_are_used_again(self) -> None:
        async with StandIn(WhisperCppWire(SAID)) as server, listening(server.url) as client:
            for _ in range(3):
                await infer(client)
            assert len({heard.connection for heard in server.asked}) == 1


class TestTroubleBehindIt:
    async def test_a_server_that_is_not_there_is_503(self) -> None:
        async with StandIn(WhisperCppWire()) as gone:
            url = gone.url
        async with listening(url) as client:
            answer = await infer(client)
            assert answer.status_code == 503
            assert f"{url.removeprefix('http://')} can't be reached" in answer.json()["detail"]
            assert (await client.get("/healthz")).status_code == 503

    async def test_one_that_takes_too_long_is_504(self) -> None:
        hanging = Trouble(hang_after=-1)
        async with (
            StandIn(WhisperCppWire(), hanging) as server,
            listening(server.url, sst_request_timeout=0.1) as client,
        ):
            answer = await infer(client)
            assert answer.status_code == 504
            assert server.url.removeprefix("http://") in answer.json()["error"]

    @pytest.mark.parametrize("written", ["json", "verbose_json"])
    async def test_one_that_answers_nonsense_is_502(self, written: str) -> None:
        async with (
            StandIn(WhisperCppWire(), Trouble(nonsense=True)) as server,
            listening(server.url) as client,
        ):
            answer = await infer(client, response_format=written)
            assert answer.status_code == 502
            assert server.url.removeprefix("http://") in answer.json()["detail"]

    @pytest.mark.parametrize("written", ["json", "text", "srt"])
    async def test_one_that_breaks_off_is_502(self, written: str) -> None:
        async with StandIn(WhisperCppWire(SAID)) as server, listening(server.url) as client:
            server.troubles.append(Trouble(lose_after=0))
            answer = await infer(client, response_format=written)
            assert answer.status_code == 502
            assert f"{server.url.removeprefix('http://')} broke off" in answer.json()["detail"]

    @pytest.mark.parametrize("status", [400, 413, 415, 422])
    async def test_one_that_can_not_use_the_recording_is_422(self, status: int) -> None:
        async with StandIn(WhisperCppWire()) as server, listening(server.url) as client:
            server.troubles.append(Trouble(status=status))
            answer = await infer(client)
            assert answer.status_code == 422
            assert server.url.removeprefix("http://") in answer.json()["detail"]

    @pytest.mark.parametrize("loading", ["hidden", "told"])
    async def test_one_that_loads_its_model_is_503(
        self, loading: Literal["hidden", "told"]
    ) -> None:
        wire = WhisperCppWire(SAID)
        async with StandIn(wire) as server, listening(server.url) as client:
            assert (await client.get("/healthz")).status_code == 200
            wire.loading = loading
            answer = await infer(client)
            assert answer.status_code == 503
            assert "still loading" in answer.json()["detail"]
            wire.loading = ""
            assert (await infer(client)).status_code == 200

    async def test_nothing_that_it_says_is_repeated(self) -> None:
        async with StandIn(WhisperCppWire()) as server, listening(server.url) as client:
            server.troubles.append(Trouble(status=500))
            answer = await infer(client, prompt="a secret")
            assert answer.status_code == 502
            assert "secret" not in answer.text

    async def test_after_all_that_it_goes_on(self) -> None:
        async with StandIn(WhisperCppWire(SAID)) as server, listening(server.url) as client:
            server.troubles += [Trouble(status=500), Trouble(reset=True)]
            statuses = [(await infer(client)).status_code for _ in range(3)]
            assert statuses == [502, 502, 200]
            told = (await client.get("/broker-status")).json()
            assert (told["requests"], told["failed"], told["in_progress"]) == (3, 2, 0)


class TestTroubleInFrontOfIt:
    @pytest.mark.parametrize(
        ("data", "status", "sentence"),
        [
            (b"", 400, "The recording is empty"),
            (b"\x89PNG\r\n\x1a\n" + bytes(200), 422, "a PNG picture"),
        ],
    )
    async def test_what_is_no_recording_never_reaches_the_server(
        self, data: bytes, status: int, sentence: str
    ) -> None:
        async with StandIn(WhisperCppWire()) as server, listening(server.url) as client:
            answer = await infer(client, data)
            assert answer.status_code == status
            assert sentence in answer.json()["detail"]
            assert not server.asked

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("response_format", "docx"),
            ("temperature", "hot"),
            ("temperature", "nan"),
            ("temperature_inc", "-1"),
            ("beam_size", "five"),
            ("max_len", "-1"),
            ("translate", "perhaps"),
            ("language", "xx"),
            ("language", "klingon"),
        ],
    )
    async def test_a_wish_that_can_not_be_met_is_named(self, field: str, value: str) -> None:
        async with StandIn(WhisperCppWire()) as server, listening(server.url) as client:
            answer = await infer(client, **{field: value})
            assert answer.status_code == 422
            assert field in answer.json()["detail"]
            assert not server.asked

    @pytest.mark.parametrize(
        ("wanted", "sent"), [("de", "de"), ("en-GB", "en"), ("pt_BR", "pt"), ("auto", "auto")]
    )
    async def test_a_language_is_sent_as_the_server_knows_it(self, wanted: str, sent: str) -> None:
        async with StandIn(WhisperCppWire(SAID)) as server, listening(server.url) as client:
            assert (await infer(client, language=wanted)).status_code == 200
            assert server.asked[-1].form()["language"].decode() == sent

    async def test_a_form_without_a_file_says_what_is_missing(self) -> None:
        async with StandIn(WhisperCppWire()) as server, listening(server.url) as client:
            answer = await client.post("/inference", files={"language": (None, "en")})
            assert answer.status_code == 422
            assert "'file'" in answer.json()["detail"]

    async def test_a_load_without_a_model_says_what_is_missing(self) -> None:
        async with StandIn(WhisperCppWire()) as server, listening(server.url) as client:
            answer = await client.post("/load", files={"other": (None, "x")})
            assert answer.status_code == 422
            assert "'model'" in answer.json()["detail"]

    async def test_what_is_too_large_is_refused(self) -> None:
        async with (
            StandIn(WhisperCppWire()) as server,
            listening(server.url, max_upload_mb=1) as client,
        ):
            assert (await infer(client, bytes(2 << 20))).status_code == 413


class TestAnEngineOfItsOwn:
    async def test_it_is_served_in_every_format(self) -> None:
        async with listening(engine="scripted") as client:
            said = "Hello, can you hear me?"
            assert (await infer(client)).json() == {"text": said}
            assert (await infer(client, response_format="text")).text == f"{said}\n"
            assert (await infer(client, response_format="srt")).text == (
                f"1\n00:00:00,000 --> 00:00:01,000\n{said}\n\n"
            )
            assert (await infer(client, response_format="vtt")).text == (
                f"WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n{said}\n\n"
            )
            verbose = (await infer(client, response_format="verbose_json")).json()
            assert (verbose["text"], verbose["language"], verbose["duration"]) == (said, "en", 1.0)
            assert verbose["segments"][0]["avg_logprob"] == pytest.approx(np.log(0.95))

    @pytest.mark.parametrize("written", ["json", "text", "srt", "vtt", "verbose_json"])
    async def test_silence_is_no_text(self, written: str) -> None:
        silence = wav_bytes(np.zeros(16_000, np.int16), 16_000)
        async with listening(engine="scripted") as client:
            answer = await infer(client, silence, response_format=written)
            assert answer.status_code == 200
            assert "Hello" not in answer.text

    async def test_the_language_may_be_left_to_it(self) -> None:
        async with listening(engine="scripted") as client:
            assert (await infer(client, language="auto")).status_code == 200
            answer = await infer(client, language="fr")
            assert answer.status_code == 422
            assert "'fr'" in answer.json()["detail"]

    async def test_it_takes_no_other_model(self) -> None:
        async with listening(engine="scripted") as client:
            answer = await client.post("/load", files={"model": (None, "x.bin")})
            assert answer.status_code == 422

    async def test_it_says_what_it_is_and_how_it_does(self) -> None:
        async with listening(engine="scripted") as client:
            health = await client.get("/healthz")
            assert health.json() == {"status": "healthy", "service": "scripted engine"}
            assert (await client.get("/info")).json()["engine"] == "scripted"
            assert (await client.get("/broker-status")).json()["service_healthy"] is True


class TestWhatItSaysOfItself:
    async def test_the_address_behind_it_is_named_without_its_password(self) -> None:
        async with StandIn(WhisperCppWire()) as server:
            secret = server.url.replace("http://", "http://ada:secret@")
            async with listening(secret) as client:
                told = await client.get("/info")
                assert told.json()["remote_url"].rstrip("/") == server.url
                assert "secret" not in told.text

    async def test_what_is_behind_it_and_what_that_understands(self) -> None:
        async with StandIn(WhisperCppWire()) as server, listening(server.url) as client:
            told = (await client.get("/info")).json()
            assert (told["engine"], told["model"]) == ("whisper.cpp", None)
            assert {"en", "de", "ja"} <= set(told["languages"])
