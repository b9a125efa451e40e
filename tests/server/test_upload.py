"""`/upload` and `/stream`, through the real application: an answer, once, and how it ends."""

from __future__ import annotations

import base64
import io
import wave
from unittest.mock import patch

import anyio
import pytest

from repartee.engines.llm.scripted import ScriptedResponder
from repartee.engines.stt.scripted import ScriptedRecognizer
from repartee.server import streams
from tests.calls.fakes import FakeModel, TroubledRecognizer, raises, tokens, writes
from tests.calls.line import scripted
from tests.server.event_stream import listening
from tests.server.open_house import asking, open_house
from tests.server.uploading import (
    ANSWER,
    QUESTION,
    asked,
    engines,
    events_of,
    refusal,
    upload,
)

pytestmark = pytest.mark.anyio


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
