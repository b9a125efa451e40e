"""A page that listens all the time: raw samples go out, raw samples come back, talk may overlap."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from repartee.testing.server_process import ServerProcess
from repartee.testing.talker import AUDIBLE
from tests.clients.line import Page, bodies, connected, kinds
from tests.clients.lines import PROGRAMS, Shell
from tests.clients.pages import PAGE_ON_PORT_3000, page_at
from tests.clients.shapes import Shape, an_id, misfits, share, some_text, text, yes_or_no
from tests.recordings import recording

RATE = 16_000
CHUNK = 4_096
"""Samples in each message: what a script processor hands out."""
STORY = " ".join(["Long ago there was a dragon, and nobody had ever listened to it for long."] * 9)
SCRIPT = f"""
[stt]
transcripts = ["What is the weather like?", "Tell me a story.", "Wait, stop it now please."]

[llm]
replies = ["It rains.", "{STORY}"]
token_ms = 5

[tts]
letter_ms = 30
"""
DOTENV = {
    "DEEPGRAM_API_KEY": "xxx",
    "GEMINI_API_KEY": "xxx",
    "LOG_LEVEL": "INFO",
    "CORS_ORIGINS": "https://yourdomain.com",
}
PAGE = "https://yourdomain.com"

Body = dict[str, Any]
Samples = npt.NDArray[np.int16]
MESSAGES: dict[str, Shape] = {
    "status": {
        "data": lambda value: value in ("connected", "generating", "complete", "interrupted"),
    },
    "transcript": {"data": lambda value: misfits(value, TRANSCRIPT) == {}},
    "text_chunk": {"data": some_text},
    "audio": {"data": lambda value: len(samples_of(value)) > 0},
    "error": {"data": some_text, "message": some_text},
    "pong": {"message": some_text},
}
TRANSCRIPT: Shape = {"text": text, "is_final": yes_or_no, "confidence": share}

QUESTION = recording("q1_weather.wav")
SILENCE = np.zeros(RATE, np.int16)


def samples_of(data: str) -> Samples:
    """Whole samples of two bytes, or this fails."""
    return np.frombuffer(base64.b64decode(data, validate=True), "<i2")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    script = tmp_path_factory.mktemp("live") / "script.toml"
    script.write_text(SCRIPT)
    engines = dict.fromkeys(("STT", "LLM", "TTS"), "scripted")
    with ServerProcess(**DOTENV, **engines, SCRIPT=str(script)) as started:
        yield started


def live(
    server: ServerProcess, talk: Callable[[Page], Awaitable[None]], origin: str = PAGE
) -> list[Body]:
    """All that comes while this is said."""

    async def visit() -> list[Body]:
        async with connected(server, "/ws", origin=origin) as page:
            await page.until(lambda one: one.is_status("connected"))
            async with asyncio.timeout(20):
                await talk(page)
            return bodies(page)

    told = asyncio.run(visit())
    for message in told:
        assert misfits(message, MESSAGES[message["type"]]) == {}, message["type"]
    return told


async def say(page: Page, samples: Samples, chunk: int = CHUNK) -> None:
    for at in range(0, len(samples), chunk):
        data = base64.b64encode(samples[at : at + chunk].tobytes()).decode()
        await page.send(type="audio", data=data)


async def until_status(page: Page, status: str, since: int = 0) -> None:
    await page.until(lambda one: one.is_status(status), since)


async def until_sound(page: Page, since: int = 0) -> None:
    await page.until(lambda one: one.type == "audio", since)


def finals(told: list[Body]) -> list[str]:
    heard = [one["data"] for one in told if one["type"] == "transcript"]
    return [one["text"] for one in heard if one["is_final"]]


def after_status(told: list[Body], status: str) -> list[Body]:
    at = next(at for at, one in enumerate(told) if one.get("data") == status)
    return told[at + 1 :]


# ---------------------------------------------------------------- a question and its answer


class TestAQuestion:
    @pytest.fixture(scope="module")
    @staticmethod
    def told(server: ServerProcess) -> list[Body]:
        async def talk(page: Page) -> None:
            await say(page, QUESTION)
            await until_status(page, "complete")

        return live(server, talk)

    def test_comes_in_this_order(self, told: list[Body]) -> None:
        assert misfits(told[0], {"session_id": an_id}) == {}
        order = kinds(told)
        assert order[:4] == ["status", "transcript", "status", "text_chunk"]
        assert set(order[4:-1]) <= {"text_chunk", "audio"}
        statuses = [one["data"] for one in told if one["type"] == "status"]
        assert statuses == ["connected", "generating", "complete"]
        assert told[-1]["data"] == "complete"

    def test_is_written_down_live_and_then_finally(self, told: list[Body]) -> None:
        heard = [one["data"] for one in told if one["type"] == "transcript"]
        assert [one["is_final"] for one in heard] == [False] * (len(heard) - 1) + [True]
        assert len(heard) > 1
        assert all("What is the weather like?".startswith(one["text"]) for one in heard)
        assert heard[-1]["text"] == "What is the weather like?"

    def test_is_answered_in_words(self, told: list[Body]) -> None:
        words = [one["data"] for one in told if one["type"] == "text_chunk"]
        assert "".join(words).strip() == "It rains."

    def test_is_answered_in_raw_sound_of_24_khz(self, told: list[Body]) -> None:
        sound = np.concatenate([samples_of(one["data"]) for one in told if one["type"] == "audio"])
        assert np.abs(sound.astype(np.int32)).max() > AUDIBLE
        letters = len("Itrains.")
        assert len(sound) / 24_000 == pytest.approx(letters * 0.03, abs=0.15)


@pytest.mark.parametrize("chunk", [160, 2_048, 7_777, len(QUESTION)])
def test_pieces_may_have_any_length(server: ServerProcess, chunk: int) -> None:
    async def talk(page: Page) -> None:
        await say(page, QUESTION, chunk)
        await until_status(page, "complete")

    assert finals(live(server, talk)) == ["What is the weather like?"]


# ---------------------------------------------------------------- barge-in


async def begin_a_story(page: Page) -> None:
    await say(page, QUESTION)
    await until_status(page, "complete")
    since = len(page.messages)
    await say(page, QUESTION)
    await until_sound(page, since)


class TestAStory:
    def test_stops_at_a_word_from_the_page(self, server: ServerProcess) -> None:
        async def talk(page: Page) -> None:
            await begin_a_story(page)
            await page.send(type="interrupt")
            await until_status(page, "interrupted")
            await page.send(type="ping")
            await page.until(lambda one: one.type == "pong")

        told = live(server, talk)
        assert kinds(after_status(told, "interrupted")) == ["pong"]

    def test_stops_when_the_user_begins_to_speak(self, server: ServerProcess) -> None:
        async def talk(page: Page) -> None:
            await begin_a_story(page)
            since = len(page.messages)
            await say(page, QUESTION)
            await until_status(page, "interrupted", since)
            await until_sound(page, len(page.messages))

        told = live(server, talk)
        after = after_status(told, "interrupted")
        before_the_next_answer = after[
            : next(at for at, one in enumerate(after) if one.get("data") == "generating")
        ]
        assert kinds(before_the_next_answer) == ["transcript"]
        assert finals(told) == [
            "What is the weather like?",
            "Tell me a story.",
            "Wait, stop it now please.",
        ]


def test_stopping_what_is_not_there_breaks_nothing(server: ServerProcess) -> None:
    async def talk(page: Page) -> None:
        await page.send(type="interrupt")
        await say(page, QUESTION)
        await until_status(page, "complete")

    assert finals(live(server, talk)) == ["What is the weather like?"]


# ---------------------------------------------------------------- what can go wrong


def test_silence_is_no_turn(server: ServerProcess) -> None:
    async def talk(page: Page) -> None:
        await say(page, SILENCE)
        await page.send(type="ping")
        await page.until(lambda one: one.type == "pong")

    assert kinds(live(server, talk)) == ["status", "pong"]


MISTAKES = [
    '{"type": "audio", "data": "base64_audio_here"}',
    '{"type": "audio", "data": 7}',
    '{"type": "audio"}',
    '{"type": "sing"}',
    "not json",
    "[]",
]


def test_whatever_is_wrong_is_told_in_a_sentence_and_the_line_stays_open(
    server: ServerProcess,
) -> None:
    async def talk(page: Page) -> None:
        for mistake in MISTAKES:
            since = len(page.messages)
            await page.send_raw(mistake)
            await page.until(lambda one: one.type == "error", since)
        await say(page, QUESTION)
        await until_status(page, "complete")

    told = live(server, talk)
    assert kinds(told)[:2] == ["status", "error"]
    assert finals(told) == ["What is the weather like?"]


@pytest.mark.parametrize("program", PROGRAMS)
def test_health_is_told_to_whoever_asks(program: str, server: ServerProcess, tmp_path: Any) -> None:
    answer = Shell(program, server, tmp_path)("curl http://localhost:8000/health")
    assert answer.status == 200
    assert b'"status":"healthy"' in answer.body


def test_only_pages_that_are_named_may_come_in(server: ServerProcess) -> None:
    with page_at(server, PAGE) as my_page, page_at(server, "https://other.example") as other_page:
        mine, other = my_page.get("/health"), other_page.get("/health")
    assert mine.headers["access-control-allow-origin"] == PAGE
    assert "access-control-allow-origin" not in other.headers


# ---------------------------------------------------------------- with the engines of `make run`


@pytest.mark.engines
def test_a_question_is_understood_and_answered_aloud(embedded: ServerProcess) -> None:
    async def talk(page: Page) -> None:
        await say(page, QUESTION)
        await until_sound(page)
        await page.send(type="interrupt")
        await until_status(page, "interrupted")

    told = live(embedded, talk, origin=PAGE_ON_PORT_3000)
    assert finals(told) == ["what is the weather like in paris today"]
    assert after_status(told, "interrupted") == []
