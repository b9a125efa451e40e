"""`/upload`, `/stream` and the conversation of a browser, through the real application."""

from __future__ import annotations

import base64
import io
import tempfile
import wave
from pathlib import Path
from typing import Any
from unittest.mock import patch

import anyio
import httpx
import pytest

from repartee.audio.pcm import pcm_bytes
from repartee.audio.wav import wav_bytes
from repartee.engines.build import Engines
from repartee.engines.llm.scripted import ScriptedResponder
from repartee.engines.protocols import LISTENING_RATE_HZ
from repartee.engines.stt.scripted import ScriptedRecognizer
from repartee.server import streams
from repartee.server.browsers import COOKIE
from repartee.server.house import House
from tests.calls.fakes import FakeModel, TroubledRecognizer, raises, tokens, writes
from tests.calls.line import scripted
from tests.calls.visiting import said
from tests.recordings import recording
from tests.server.event_stream import Event, listening
from tests.server.open_house import asking, open_house

pytestmark = pytest.mark.anyio

WAV = wav_bytes(said(), LISTENING_RATE_HZ)
BROWSER = Path("tests/recordings/browser")
QUESTION = "What time is it?"
ANSWER = "It is ten past four. The sun is still up, and it will not rain before tonight, they say."


def engines(answer: str = ANSWER) -> Engines:
    return scripted(stt=ScriptedRecognizer(transcripts=[QUESTION]), llm=FakeModel(answer))


async def upload(client: httpx.AsyncClient, wav: bytes = WAV, /, **query: str) -> str:
    response = await client.post("/upload", content=wav, params=query)
    assert response.status_code == 200, response.text
    body = response.json()
    assert list(body) == ["session_id"]
    return str(body["session_id"])


async def events_of(house: House, upload_id: str) -> list[Event]:
    async with listening(house, f"/stream/{upload_id}") as stream:
        await stream.over.wait()
    assert stream.status == 200
    return stream.events


async def asked(house: House, client: httpx.AsyncClient, **query: str) -> Event:
    """The last event of a whole answer."""
    last = (await events_of(house, await upload(client, **query)))[-1]
    assert last["type"] == "done", last
    return last


def refusal(response: httpx.Response, status: int) -> str:
    assert response.status_code == status, response.text
    body = response.json()
    assert body == {"detail": body["error"], "error": body["error"]}
    assert body["error"].endswith(".")
    return str(body["error"])


class TestAnAnswer:
    async def test_its_events_in_order_and_to_the_letter(self) -> None:
        async with open_house(engines=engines()) as house, asking(house) as client:
            upload_id = await upload(client)
            transcript, *chunks, done = await events_of(house, upload_id)
        assert list(transcript) == ["type", "text", "asr_time"]
        assert (transcript["type"], transcript["text"]) == ("transcript", QUESTION)
        assert transcript["asr_time"] >= 0
        assert [list(chunk) for chunk in chunks] == [["type", "index", "b64", "text"]] * len(chunks)
        assert [chunk["type"] for chunk in chunks] == ["chunk"] * len(chunks)
        assert [chunk["index"] for chunk in chunks] == list(range(len(chunks)))
        assert " ".join(chunk["text"] for chunk in chunks) == ANSWER
        assert list(done) == ["type", "full_text", "session_id", "timing"]
        assert (done["type"], done["full_text"], done["session_id"]) == ("done", ANSWER, upload_id)
        timing = done["timing"]
        assert list(timing) == ["asr", "llm", "tts", "total", "first_audio", "tts_chunks"]
        assert len(timing["tts_chunks"]) == len(chunks) > 1
        assert 0 <= timing["first_audio"] <= timing["total"] < 60

    async def test_each_chunk_is_a_whole_file_of_24_khz(self) -> None:
        async with open_house(engines=engines()) as house, asking(house) as client:
            events = await events_of(house, await upload(client))
        for chunk in events[1:-1]:
            with wave.open(io.BytesIO(base64.b64decode(chunk["b64"]))) as file:
                assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
                assert file.getframerate() == 24_000
                assert file.getnframes() > 0

    async def test_it_is_an_event_stream_that_nobody_keeps_back(self) -> None:
        async with (
            open_house() as house,
            asking(house) as client,
            listening(house, f"/stream/{await upload(client)}") as stream,
        ):
            await stream.over.wait()
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert stream.headers["cache-control"] == "no-cache"
        assert stream.headers["x-accel-buffering"] == "no"

    async def test_the_first_chunk_leaves_while_the_model_is_still_writing(self) -> None:
        heard_it = anyio.Event()
        model = FakeModel(writes("This is the first sentence.", heard_it.wait, "The end."))
        async with (
            open_house(engines=scripted(llm=model)) as house,
            asking(house) as client,
            listening(house, f"/stream/{await upload(client)}") as stream,
        ):
            chunk = await stream.until("chunk")
            assert chunk["text"] == "This is the first sentence."
            assert model.left == 0
            heard_it.set()
            done = await stream.until("done")
        assert done["full_text"].endswith("The end.")

    async def test_what_is_not_understood_is_asked_about_and_no_model_is(self) -> None:
        model = FakeModel(ANSWER)
        unsure = scripted(stt=ScriptedRecognizer(confidence=0.1), llm=model)
        async with open_house(engines=unsure) as house, asking(house) as client:
            done = await asked(house, client)
        assert done["full_text"] == "I'm sorry, I didn't catch that. Could you please repeat?"
        assert model.asked == []

    async def test_it_is_kept_as_a_session_like_any_other(self) -> None:
        async with open_house(engines=engines()) as house, asking(house) as client:
            await asked(house, client, persona="astronaut")
            (session,) = (await client.get("/sessions")).json()
            (turn,) = (await client.get(f"/sessions/{session['id']}/turns")).json()
        assert (session["interface"], session["persona"]) == ("upload", "astronaut")
        assert (turn["user_text"], turn["assistant_text"]) == (QUESTION, ANSWER)
        assert turn["status"] == "complete"


class TestOnce:
    async def test_a_second_time_there_is_none(self) -> None:
        async with open_house() as house, asking(house) as client:
            upload_id = await upload(client)
            await events_of(house, upload_id)
            assert "upload" in refusal(await client.get(f"/stream/{upload_id}"), 404)

    async def test_nor_at_the_same_time(self) -> None:
        model = FakeModel(lambda: tokens("Over and over. " * 500))
        async with open_house(engines=scripted(llm=model)) as house, asking(house) as client:
            upload_id = await upload(client)
            async with listening(house, f"/stream/{upload_id}") as stream:
                await stream.until("chunk")
                refusal(await client.get(f"/stream/{upload_id}"), 404)

    async def test_nor_when_its_time_is_over(self) -> None:
        async with open_house(upload_seconds=1) as house, asking(house) as client:
            upload_id = await upload(client)
            assert len(house.uploads) == 1
            with anyio.fail_after(5):
                while len(house.uploads):
                    await anyio.sleep(0.01)
            refusal(await client.get(f"/stream/{upload_id}"), 404)

    async def test_nor_one_that_never_was(self) -> None:
        async with open_house() as house, asking(house) as client:
            refusal(await client.get("/stream/nobody"), 404)


class TestClosingTheStream:
    async def test_it_stops_the_model_and_the_voice(self) -> None:
        model = ScriptedResponder(replies=["Over and over it goes. " * 300], token_ms=5)
        async with open_house(engines=scripted(llm=model)) as house, asking(house) as client:
            async with listening(house, f"/stream/{await upload(client)}") as stream:
                await stream.until("chunk")
                stream.leave()
                await stream.over.wait()
                assert model.outcomes == {"aborted": 1}
            assert (await asked(house, client))["full_text"].startswith("Over")

    async def test_before_anything_is_known_too(self) -> None:
        stt = TroubledRecognizer("settling", anyio.sleep_forever)
        async with open_house(engines=scripted(stt=stt)) as house, asking(house) as client:
            async with listening(house, f"/stream/{await upload(client)}") as stream:
                stream.leave()
                await stream.over.wait()
            with anyio.fail_after(5):
                while not stt.left:
                    await anyio.sleep(0.01)

    async def test_whoever_takes_nothing_is_given_up(self) -> None:
        model = ScriptedResponder(replies=["Over and over it goes. " * 300], token_ms=5)
        with patch.object(streams, "_TAKEN_WITHIN_SECONDS", 0.2):
            async with (
                open_house(engines=scripted(llm=model)) as house,
                asking(house) as client,
                listening(house, f"/stream/{await upload(client)}") as stream,
            ):
                await stream.until("chunk")
                stream.takes = anyio.Event()
                await stream.over.wait()
                assert model.outcomes == {"aborted": 1}


class TestTrouble:
    async def test_a_recogniser_that_fails(self) -> None:
        stt = TroubledRecognizer("settling", raises(RuntimeError("/secret/path")))
        async with open_house(engines=scripted(stt=stt)) as house, asking(house) as client:
            events = await events_of(house, await upload(client))
        (error,) = [event for event in events if event["type"] == "error"]
        assert error["message"] == "The speech recogniser failed. Please try again."
        assert events[-1]["type"] == "done"

    async def test_a_model_that_fails(self) -> None:
        model = FakeModel(writes("Well,", raises(RuntimeError("/secret/path"))))
        async with open_house(engines=scripted(llm=model)) as house, asking(house) as client:
            events = await events_of(house, await upload(client))
        (error,) = [event for event in events if event["type"] == "error"]
        assert error["message"] == "The language model failed. Please try again."
        assert events[-1]["full_text"].startswith("I'm sorry")


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


class TestWhoseConversation:
    async def test_a_browsers_own(self) -> None:
        model = FakeModel("First.", "Second.", "Third.")
        async with open_house(engines=scripted(llm=model)) as house, asking(house) as browser:
            await asked(house, browser)
            assert browser.cookies[COOKIE]
            await asked(house, browser)
            assert len(model.asked_last()) == 3
            async with asking(house) as another:
                await asked(house, another)
            assert len(model.asked_last()) == 1, "another browser knows nothing of it"

    async def test_the_cookie_is_for_this_site_alone(self) -> None:
        async with open_house() as house, asking(house) as client:
            response = await client.post("/upload", content=WAV)
        words = response.headers["set-cookie"].lower()
        assert "httponly" in words
        assert "samesite=lax" in words

    async def test_one_that_is_named(self) -> None:
        model = FakeModel("Yes.")
        async with open_house(engines=scripted(llm=model)) as house:
            for _ in range(2):
                async with asking(house) as client:
                    await asked(house, client, conversation_id="kitchen")
                    assert COOKIE not in client.cookies
            assert len(model.asked_last()) == 3
            async with asking(house) as client:
                await asked(house, client, conversation_id="cellar")
            assert len(model.asked_last()) == 1

    async def test_memory_is_twelve_messages_long(self) -> None:
        model = FakeModel("Yes.")
        async with open_house(engines=scripted(llm=model)) as house, asking(house) as client:
            for _ in range(9):
                await asked(house, client)
        assert len(model.asked_last()) == 13

    @pytest.mark.parametrize("path", ["/clear", "/clear_history"])
    async def test_it_is_forgotten_on_request(self, path: str) -> None:
        model = FakeModel("Yes.")
        async with open_house(engines=scripted(llm=model)) as house, asking(house) as client:
            assert (await client.post(path)).json() == {"status": "cleared", "forgotten": False}
            await asked(house, client)
            async with asking(house) as another:
                assert not (await another.post(path)).json()["forgotten"]
            assert (await client.post(path)).json() == {"status": "cleared", "forgotten": True}
            await asked(house, client)
        assert len(model.asked_last()) == 1

    async def test_a_named_one_is_forgotten_by_its_name(self) -> None:
        model = FakeModel("Yes.")
        async with open_house(engines=scripted(llm=model)) as house, asking(house) as client:
            await asked(house, client, conversation_id="kitchen")
            response = await client.delete("/conversations/kitchen")
            assert response.json() == {"status": "cleared", "forgotten": True}
            assert not (await client.delete("/conversations/cellar")).json()["forgotten"]
            await asked(house, client, conversation_id="kitchen")
        assert len(model.asked_last()) == 1

    async def test_what_is_uploaded_before_is_answered_after(self) -> None:
        """What was thought ahead knew what is forgotten now, so it is thought again."""
        model = FakeModel("First.", "Second.")
        async with (
            open_house(engines=scripted(llm=model), speculation="on") as house,
            asking(house) as client,
        ):
            await asked(house, client)
            upload_id = await upload(client)
            with anyio.fail_after(5):
                while len(model.asked) < 2:
                    await anyio.sleep(0.01)
            await client.post("/clear")
            assert (await events_of(house, upload_id))[-1]["type"] == "done"
        assert len(model.asked_last()) == 1


class TestWhoAnswers:
    async def set_persona(self, client: httpx.AsyncClient, key: str) -> dict[str, Any]:
        response = await client.post("/set_persona", json={"persona": key})
        assert response.status_code == 200, response.text
        chosen: dict[str, Any] = response.json()
        return chosen

    async def test_the_one_that_was_chosen(self) -> None:
        model = FakeModel("Yes.")
        async with open_house(engines=scripted(llm=model)) as house, asking(house) as client:
            assert await self.set_persona(client, "astronaut") == {
                "persona": "astronaut",
                "name": "Captain Alex",
                "voice": "am_adam",
            }
            await asked(house, client)
            assert "Captain Alex" in model.asked[-1][0].content
            async with asking(house) as another:
                await asked(house, another)
            assert "Captain Alex" not in model.asked[-1][0].content

    async def test_another_one_knows_nothing_of_before_and_the_same_one_forgets_nothing(
        self,
    ) -> None:
        model = FakeModel("Yes.")
        async with open_house(engines=scripted(llm=model)) as house, asking(house) as client:
            for key, messages in (
                ("astronaut", 1),
                ("astronaut", 3),
                ("casual_chat", 1),
                ("casual_chat", 3),
            ):
                await asked(house, client, persona=key)
                assert len(model.asked_last()) == messages, key
            await self.set_persona(client, "casual_chat")
            await asked(house, client)
            assert len(model.asked_last()) == 5
            await self.set_persona(client, "wildlife_expert")
            await asked(house, client)
            assert len(model.asked_last()) == 1

    async def test_whatever_the_choice_is_sent_as(self) -> None:
        kind = {"content-type": "application/x-www-form-urlencoded"}
        async with open_house() as house, asking(house) as client:
            body = b'{"persona": "astronaut"}'
            response = await client.post("/set_persona", content=body, headers=kind)
        assert response.json()["persona"] == "astronaut"

    async def test_nobody_else(self) -> None:
        async with open_house() as house, asking(house) as client:
            response = await client.post("/set_persona", json={"persona": "nobody"})
            assert "astronaut" in refusal(response, 422)
            for body in (b"", b"{}", b"persona=astronaut", b'{"persona": 7}', b"[" * 10_000):
                refusal(await client.post("/set_persona", content=body), 422)
            assert len(house.visitors) == 0

    async def test_voice_and_speed_as_they_are_wished(self) -> None:
        async with open_house() as house, asking(house) as client:
            upload_id = await upload(client, voice="bf_emma", speed="1.5", persona="astronaut")
            taken = house.uploads.take(upload_id)
            assert taken is not None
            speech = taken.visitor.call.speech
        assert (speech.voice, speech.speed) == ("bf_emma", 1.5)


class TestManyAtOnce:
    async def test_they_never_mix(self) -> None:
        engines = scripted(
            stt=ScriptedRecognizer(settle_ms=5), llm=ScriptedResponder(token_ms=1, first_token_ms=5)
        )
        async with open_house(engines=engines) as house:

            async def talk(name: str) -> None:
                async with asking(house) as client:
                    for transcript in (
                        "Hello, can you hear me?",
                        "What is the weather like today?",
                        "Thank you, that is all.",
                    ):
                        done = await asked(house, client, conversation_id=name)
                        assert done["full_text"] == f"You said: {transcript}"

            async with anyio.create_task_group() as tasks:
                for number in range(12):
                    tasks.start_soon(talk, f"visitor {number}")
            assert len(house.visitors) == 12
