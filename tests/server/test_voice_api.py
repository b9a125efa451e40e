"""`/api/voice` over HTTP: what is asked, what is answered, and what is said of what can't be.

With engines in the server's own process, and with brokers in front of servers elsewhere.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
import httpx
import numpy as np
import pytest
from anyio.lowlevel import checkpoint

from repartee.audio.decoding import decode
from repartee.audio.wav import read_wav, wav_bytes
from repartee.engines.protocols import Samples
from repartee.errors import EngineFailed
from tests.audio.encoded import encoded
from tests.calls.fakes import FakeModel, TroubledVoice, hangs, raises
from tests.calls.line import scripted
from tests.server.houses import STATUS, Cast, Houses, Woe
from tests.server.open_house import asking, open_house
from tests.server.streamed import Streamed

pytestmark = pytest.mark.anyio

VOICE: Samples = np.full(16_000, 8_000, np.int16)
WAV = wav_bytes(VOICE, 16_000)
SILENCE = wav_bytes(np.zeros(32_000, np.int16), 16_000)
TEXT = "Hello, this is a test"
HEARD = "Hello, can you hear me?"
AS_USUAL = Cast()


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


@asynccontextmanager
async def client(
    houses: Houses, cast: Cast = AS_USUAL, **settings: Any
) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        houses.engines(cast) as engines,
        open_house(engines=engines, **settings) as house,
        asking(house) as asker,
    ):
        yield asker


def sentence(response: httpx.Response) -> str:
    body = response.json()
    assert body == {"detail": body["error"], "error": body["error"]}
    assert body["error"].endswith(".")
    return str(body["error"])


def wav_in(body: dict[str, Any]) -> Samples:
    recording = read_wav(base64.b64decode(body["audio_base64"]))
    assert recording.rate_hz == 24_000
    return recording.samples


def written_down(houses: Houses) -> dict[str, Any]:
    return {
        "text": HEARD,
        "language": "en",
        "confidence": 0.95,
        "duration_seconds": 1.0,
        "model": houses.heard_by,
    }


class TestTranscribe:
    async def ask(self, houses: Houses, **request: Any) -> httpx.Response:
        async with client(houses) as asker:
            return await asker.post("/api/voice/transcribe", **request)

    @pytest.mark.parametrize("field", ["file", "audio"])
    async def test_a_form_with_a_file(self, houses: Houses, field: str) -> None:
        response = await self.ask(
            houses, files={field: ("audio.wav", WAV)}, data={"language": "en"}
        )
        assert (response.status_code, response.json()) == (200, written_down(houses))

    @pytest.mark.parametrize(
        "content_type",
        [
            "application/json",
            "text/plain;charset=UTF-8",
            "application/x-www-form-urlencoded",
            "application/octet-stream",
            "multipart/form-data",
            "audio/webm",
            "",
        ],
    )
    async def test_json_under_whatever_content_type(
        self, houses: Houses, content_type: str
    ) -> None:
        body = json.dumps({"audio_base64": base64_of(WAV), "language": "en"})
        response = await self.ask(houses, content=body, headers={"content-type": content_type})
        assert (response.status_code, response.json()) == (200, written_down(houses))

    @pytest.mark.parametrize(
        "written",
        [
            base64_of,
            lambda data: f"data:audio/webm;codecs=opus;base64,{base64_of(data)}",
            lambda data: base64.encodebytes(data).decode(),
            lambda data: base64.urlsafe_b64encode(data).decode().rstrip("="),
        ],
    )
    async def test_base64_as_people_write_it(
        self, houses: Houses, written: Callable[[bytes], str]
    ) -> None:
        response = await self.ask(houses, json={"audio_base64": written(WAV)})
        assert response.json() == written_down(houses)

    async def test_the_recording_as_it_is(self, houses: Houses) -> None:
        response = await self.ask(houses, content=WAV, headers={"content-type": "audio/wav"})
        assert response.json() == written_down(houses)

    async def test_raw_sound_that_is_declared(self, houses: Houses) -> None:
        kind = {"content-type": "audio/L16;rate=16000"}
        assert (await self.ask(houses, content=WAV[44:], headers=kind)).json() == written_down(
            houses
        )

    @pytest.mark.parametrize("recipe", ["webm, live", "ogg, Opus", "mp3", "mp4, AAC", "flac"])
    async def test_the_format_is_found_out(self, houses: Houses, recipe: str) -> None:
        response = await self.ask(houses, files={"file": ("a.bin", encoded(recipe), "text/plain")})
        assert response.json()["text"] == HEARD
        assert response.json()["duration_seconds"] == pytest.approx(1.0, abs=0.1)

    @pytest.mark.parametrize("language", ["", "auto", None])
    async def test_the_servers_own_language_is_the_usual_one(
        self, houses: Houses, language: str | None
    ) -> None:
        response = await self.ask(
            houses, json={"audio_base64": base64_of(WAV), "language": language}
        )
        assert response.json()["language"] == "en"

    async def test_silence_has_no_words(self, houses: Houses) -> None:
        body = (await self.ask(houses, files={"file": ("a.wav", SILENCE)})).json()
        assert (body["text"], body["confidence"], body["duration_seconds"]) == ("", 0.0, 2.0)

    @pytest.mark.parametrize("size", [0, 99, 100])
    async def test_an_empty_recording(self, houses: Houses, size: int) -> None:
        for request in (
            {"content": b"\0" * size},
            {"files": {"file": ("a.wav", b"\0" * size)}},
            {"json": {"audio_base64": base64_of(b"\0" * size)}},
        ):
            response = await self.ask(houses, **request)
            assert response.status_code == 400
            assert sentence(response).startswith("The recording is empty")

    async def test_one_that_is_too_large(self, houses: Houses) -> None:
        thirty_megabytes = b"\0" * 30_000_000
        for request in (
            {"content": thirty_megabytes},
            {"files": {"file": ("a.wav", thirty_megabytes)}},
            {"json": {"audio_base64": base64_of(thirty_megabytes)}},
        ):
            response = await self.ask(houses, **request)
            assert response.status_code == 413
            assert "too large" in sentence(response) or "larger than 25 MB" in sentence(response)

    @pytest.mark.parametrize(
        ("request_", "wrong"),
        [
            ({"content": b"x" * 200}, "This is not a recording that can be decoded."),
            ({"content": b"[" + b" " * 200}, "This is JSON text"),
            ({"content": b"{nonsense" + b" " * 200}, "The body is not valid JSON."),
            ({"json": {}}, "The field 'audio_base64' is wrong: Field required."),
            ({"json": {"audio_base64": 7}}, "The field 'audio_base64' is wrong"),
            ({"json": {"audio_base64": "!!!"}}, "The field 'audio_base64' is not valid base64."),
            ({"json": {"audio_base64": "é" * 200}}, "The field 'audio_base64' is not valid"),
            ({"files": {"other": ("a.wav", WAV)}}, "The form holds no recording."),
            ({"data": {"file": "a.wav"}}, "The form holds no recording."),
            (
                {"files": {"file": ("a.wav", WAV)}, "data": {"language": "xx"}},
                "The {engine} engine does not understand the language 'xx'. It understands ",
            ),
            (
                {"files": {"file": ("a.wav", WAV)}, "data": {"language": "x" * 300}},
                "The field 'language' is too long.",
            ),
        ],
    )
    async def test_what_can_not_be_used(
        self, houses: Houses, request_: dict[str, Any], wrong: str
    ) -> None:
        response = await self.ask(houses, **request_)
        assert response.status_code == 422
        assert sentence(response).startswith(wrong.format(engine=houses.stt))

    async def test_a_form_that_is_no_form(self, houses: Houses) -> None:
        kind = {"content-type": "multipart/form-data; boundary=x"}
        response = await self.ask(houses, content=b"--nothing of that kind", headers=kind)
        assert response.status_code == 422
        assert sentence(response)


class TestSynthesize:
    async def ask(self, houses: Houses, **wish: Any) -> httpx.Response:
        async with client(houses) as asker:
            return await asker.post("/api/voice/synthesize", json={"text": TEXT, **wish})

    async def test_everything_that_is_answered(self, houses: Houses) -> None:
        wish = {"voice": "bm", "lang_code": "b", "speed": 1.5}
        body = (await self.ask(houses, **wish)).json()
        samples = wav_in(body)
        assert {key: body[key] for key in body if key != "audio_base64"} == {
            "audio_sample_rate": 24_000,
            "audio_duration_seconds": pytest.approx(len(samples) / 24_000, abs=0.001),
            "voice": "bm",
            "voice_used": "bm_george",
            "lang_code": "b",
            "speed": 1.5,
            "text_length": len(TEXT),
        }

    async def test_the_text_alone_is_enough(self, houses: Houses) -> None:
        body = (await self.ask(houses)).json()
        assert (body["voice"], body["speed"], body["lang_code"]) == ("af_heart", 1.0, "en")

    async def test_null_is_not_given(self, houses: Houses) -> None:
        body = (await self.ask(houses, voice=None, lang_code=None, speed=None)).json()
        assert body == (await self.ask(houses)).json()

    async def test_markdown_is_not_read_out(self, houses: Houses) -> None:
        plain = (await self.ask(houses, text="very good")).json()
        assert (await self.ask(houses, text="**very** _good_")).json()["audio_base64"] == plain[
            "audio_base64"
        ]

    async def test_the_longest_text(self, houses: Houses) -> None:
        assert (await self.ask(houses, text="x" + " " * 9_999)).status_code == 200

    @pytest.mark.parametrize(
        ("wish", "wrong"),
        [
            ({"text": ""}, "The field 'text' is wrong: String should have at least 1 character."),
            ({"text": "x" * 10_001}, "The field 'text' is wrong: String should have at most"),
            ({"text": None}, "The field 'text' is wrong"),
            ({"text": "```x```"}, "There is nothing to speak in this text."),
            ({"text": "🎉"}, "There is nothing to speak in this text."),
            ({"speed": 0}, "The field 'speed' is wrong: Input should be greater than 0."),
            ({"speed": -1}, "The field 'speed' is wrong"),
            ({"speed": 2.1}, "The field 'speed' is wrong: Input should be less than or equal to 2"),
            ({"speed": "fast"}, "The field 'speed' is wrong"),
            ({"voice": "nobody"}, "There is no voice named “nobody”."),
            ({"voice": "x" * 101}, "The field 'voice' is wrong"),
        ],
    )
    async def test_what_can_not_be_spoken(
        self, houses: Houses, wish: dict[str, Any], wrong: str
    ) -> None:
        response = await self.ask(houses, **wish)
        assert response.status_code == 422
        assert sentence(response).startswith(wrong)

    @pytest.mark.parametrize("speed", ["NaN", "Infinity"])
    async def test_numbers_that_are_none(self, houses: Houses, speed: str) -> None:
        async with client(houses) as asker:
            body, kind = f'{{"text":"a","speed":{speed}}}', {"content-type": "application/json"}
            response = await asker.post("/api/voice/synthesize", content=body, headers=kind)
        assert response.status_code == 422
        assert "finite" in sentence(response)

    @pytest.mark.parametrize(
        ("body", "kind"),
        [("hello", "application/json"), ('{"text":"a"}', "text/plain"), ("", "application/json")],
    )
    async def test_a_body_of_another_kind(self, houses: Houses, body: str, kind: str) -> None:
        async with client(houses) as asker:
            response = await asker.post(
                "/api/voice/synthesize", content=body, headers={"content-type": kind}
            )
        assert response.status_code == 422
        assert "JSON" in sentence(response)

    async def test_a_body_that_is_far_too_large(self, houses: Houses) -> None:
        response = await self.ask(houses, text="x" * 2_000_000)
        assert response.status_code == 413
        assert "too large" in sentence(response)


class TestBatch:
    async def ask(self, houses: Houses, wishes: Any, cast: Cast = AS_USUAL) -> httpx.Response:
        async with client(houses, cast) as asker:
            return await asker.post("/api/voice/synthesize-batch", json=wishes)

    async def test_results_in_order(self, houses: Houses) -> None:
        texts = ["one", "two two", "three three three"] * 3 + ["ten"]
        results = (await self.ask(houses, [{"text": text} for text in texts])).json()
        assert [result["text_length"] for result in results] == [len(text) for text in texts]
        assert len(wav_in(results[2])) > len(wav_in(results[1])) > len(wav_in(results[0]))

    async def test_a_bad_one_spoils_no_other(self, houses: Houses) -> None:
        bad = [{"text": ""}, {"speed": 1}, 7, {"text": "a", "voice": "nobody"}, {"text": "🎉"}]
        good, *errors, last = (await self.ask(houses, [{"text": "a"}, *bad, {"text": "b"}])).json()
        assert "audio_base64" in good
        assert "audio_base64" in last
        assert [list(error) for error in errors] == [["error"]] * 5
        assert errors[0]["error"].startswith("The field 'text' is wrong")
        assert errors[2]["error"] == "This is not an object with a 'text'."
        assert errors[3]["error"].startswith("There is no voice named")

    async def test_a_failing_engine_spoils_only_what_it_fails_at(self, houses: Houses) -> None:
        failing = Cast(voice=Woe.BUSY)
        first, second = (await self.ask(houses, [{"text": "a"}, {"text": "b"}], failing)).json()
        assert list(first) == ["error"]
        assert re.fullmatch(houses.blames(Woe.BUSY, "voice"), first["error"])
        assert "audio_base64" in second

    async def test_an_empty_list(self, houses: Houses) -> None:
        response = await self.ask(houses, [])
        assert response.status_code == 400
        assert sentence(response) == "The list is empty. Send 1 to 10 texts in it."

    async def test_more_than_ten(self, houses: Houses) -> None:
        response = await self.ask(houses, [{"text": "a"}] * 11)
        assert response.status_code == 422
        assert sentence(response) == "The list has 11 items. Send at most 10 at once."

    @pytest.mark.parametrize("no_list", [{"text": "a"}, "a", None])
    async def test_no_list(self, houses: Houses, no_list: Any) -> None:
        response = await self.ask(houses, no_list)
        assert response.status_code == 422
        assert sentence(response)


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


class TestTroubleUpstream:
    @pytest.mark.parametrize("woe", STATUS)
    async def test_it_is_named_and_has_its_status(self, houses: Houses, woe: Woe) -> None:
        async with client(houses, Cast(ear=woe, voice=woe)) as asker:
            hearing = await asker.post("/api/voice/transcribe", content=WAV)
            speaking = await asker.post("/api/voice/synthesize", json={"text": TEXT})
        assert (hearing.status_code, speaking.status_code) == (STATUS[woe], STATUS[woe])
        assert re.fullmatch(houses.blames(woe, "ear"), sentence(hearing))
        assert re.fullmatch(houses.blames(woe, "voice"), sentence(speaking))

    async def test_an_engine_that_never_answers(self, houses: Houses) -> None:
        limits = {"sst_request_timeout": 0.05, "tts_request_timeout": 0.05}
        async with client(houses, Cast(ear=Woe.HANGS, voice=Woe.HANGS), **limits) as asker:
            for response in (
                await asker.post("/api/voice/transcribe", content=WAV),
                await asker.post("/api/voice/synthesize", json={"text": TEXT}),
            ):
                assert response.status_code == 504
                assert "took longer than 0.05 seconds" in sentence(response)

    async def test_a_fault_tells_nothing_of_itself(self, houses: Houses) -> None:
        async with client(houses, Cast(voice=Woe.FAULT)) as asker:
            wish = {"text": "The secret is out."}
            response = await asker.post("/api/voice/synthesize", json=wish)
        assert response.status_code == houses.fault_status
        assert "secret" not in sentence(response)


SPOKEN = {"audio_base64": base64_of(WAV), "language": "en"}


class TestMessage:
    async def test_it_is_understood_and_answered_aloud(self, houses: Houses) -> None:
        async with client(houses, Cast(llm=FakeModel("It is ten past four."))) as asker:
            body = (await asker.post("/api/voice/message", json=SPOKEN)).json()
            assert body["user_text"] == HEARD
            assert body["assistant_text"] == "It is ten past four."
            assert len(wav_in(body)) / 24_000 == pytest.approx(body["audio_duration_seconds"])
            turns = await asker.get(f"/sessions/{body['session_id']}/turns")
            assert [turn["assistant_text"] for turn in turns.json()] == ["It is ten past four."]

    async def test_what_is_not_understood_is_asked_again_and_no_model_is(
        self, houses: Houses
    ) -> None:
        model = FakeModel("Never said.")
        async with client(houses, Cast(hears=["[BLANK_AUDIO]"], llm=model)) as asker:
            wish = {"audio_base64": base64_of(SILENCE)}
            body = (await asker.post("/api/voice/message", json=wish)).json()
        assert body["user_text"] == ""
        assert body["assistant_text"].startswith("I'm sorry, I didn't catch that.")
        assert model.asked == []

    async def test_who_answers_and_in_which_voice(self, houses: Houses) -> None:
        model = FakeModel("Aye.")
        async with client(houses, Cast(llm=model)) as asker:
            wish = {**SPOKEN, "system_prompt": "You are a pirate.", "voice": "bm", "speed": 2}
            fast = (await asker.post("/api/voice/message", json=wish)).json()
            slow = (await asker.post("/api/voice/message", json={**wish, "speed": 1})).json()
        assert model.asked[0][0].content.startswith("You are a pirate.")
        assert fast["audio_duration_seconds"] < slow["audio_duration_seconds"]

    async def test_messages_of_one_conversation_remember_each_other(self, houses: Houses) -> None:
        model = FakeModel("Yes.")
        async with client(houses, Cast(llm=model)) as asker:
            for _ in range(2):
                wish = {**SPOKEN, "conversation_id": "kitchen"}
                await asker.post("/api/voice/message", json=wish)
        assert [who for who, _ in model.asked_last()] == ["user", "assistant", "user"]

    async def test_others_do_not(self, houses: Houses) -> None:
        model = FakeModel("Yes.")
        async with client(houses, Cast(llm=model)) as asker:
            for _ in range(2):
                await asker.post("/api/voice/message", json=SPOKEN)
        assert len(model.asked_last()) == 1

    @pytest.mark.parametrize(
        ("wish", "status"),
        [
            ({"audio_base64": ""}, 400),
            ({"audio_base64": "!"}, 422),
            ({"audio_base64": base64_of(WAV), "voice": "nobody"}, 422),
            ({"audio_base64": base64_of(WAV), "language": "xx"}, 422),
            ({"audio_base64": base64_of(WAV), "speed": 9}, 422),
            ({}, 422),
        ],
    )
    async def test_what_can_not_be_used(
        self, houses: Houses, wish: dict[str, Any], status: int
    ) -> None:
        async with client(houses) as asker:
            response = await asker.post("/api/voice/message", json=wish)
        assert response.status_code == status
        assert sentence(response)

    async def test_a_recogniser_that_fails(self, houses: Houses) -> None:
        async with client(houses, Cast(ear=Woe.BUSY)) as asker:
            response = await asker.post("/api/voice/message", json=SPOKEN)
        assert response.status_code == 503
        assert re.fullmatch(houses.blames(Woe.BUSY, "ear"), sentence(response))


class TestAbout:
    async def test_the_voices(self, houses: Houses) -> None:
        async with client(houses) as asker:
            body = (await asker.get("/api/voice/voices")).json()
        assert {"af_heart", "af", "am", "bf", "bm"} <= set(body["voices"])
        assert (body["default_voice"], body["service"]) == ("af_heart", houses.tts)
        assert [one["name"] for one in body["details"]] == body["voices"]
        assert body["details"][0] == {
            "name": "af_heart",
            "language": "en-us",
            "gender": "female",
            "engine": houses.tts,
        }

    async def test_every_voice_of_the_list_can_be_asked_for(self, houses: Houses) -> None:
        async with client(houses) as asker:
            for name in (await asker.get("/api/voice/voices")).json()["voices"]:
                wish = {"text": "Yes.", "voice": name}
                assert (await asker.post("/api/voice/synthesize", json=wish)).status_code == 200

    async def test_healthy(self, houses: Houses) -> None:
        async with client(houses, Cast(cached=True)) as asker:
            for _ in range(3):
                await asker.post("/api/voice/synthesize", json={"text": TEXT})
            body = (await asker.get("/api/voice/health")).json()
        cache = body.pop("cache")
        assert (cache["hits"], cache["misses"], cache["sounds"]) == (2, 1, 1)
        assert body == {
            "status": "healthy",
            "sst_service": houses.stt,
            "tts_service": houses.tts,
            "sst_healthy": True,
            "tts_healthy": True,
        }

    async def test_degraded(self, houses: Houses) -> None:
        async with client(houses, Cast(ear=Woe.UNREACHABLE)) as asker:
            body = (await asker.get("/api/voice/health")).json()
        assert (body["status"], body["sst_healthy"], body["tts_healthy"]) == (
            "degraded",
            False,
            True,
        )

    async def test_the_examples_in_the_docs_work_when_they_are_pasted(self, houses: Houses) -> None:
        async with client(houses) as asker:
            described = (await asker.get("/openapi.json")).json()
            schemas = described["components"]["schemas"]
            for path, model in (
                ("synthesize", "SynthesisRequest"),
                ("audio-stream", "StreamRequest"),
                ("message", "MessageRequest"),
            ):
                example = _example(schemas[model])
                response = await asker.post(f"/api/voice/{path}", json=example)
                assert response.status_code == 200, response.text
            taken = described["paths"]["/api/voice/transcribe"]["post"]["requestBody"]["content"]
            example = _example(taken["application/json"]["schema"])
            response = await asker.post("/api/voice/transcribe", json=example)
            assert response.status_code == 200, response.text
            batch = described["paths"]["/api/voice/synthesize-batch"]["post"]["requestBody"]
            example = batch["content"]["application/json"]["example"]
            results = (await asker.post("/api/voice/synthesize-batch", json=example)).json()
            assert all("audio_base64" in result for result in results)


def _example(schema: dict[str, Any]) -> dict[str, Any]:
    return {name: field["examples"][0] for name, field in schema["properties"].items()}
