"""A page with a box to type into, whose answers are read and heard while they are being written.

It is told by the server where to connect and how to play, and keeps the chat itself.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from repartee.testing.server_process import ServerProcess
from repartee.testing.talker import Message
from tests.clients.line import Page, bodies, connected, kinds
from tests.clients.pages import address_of, page_at
from tests.clients.shapes import Shape, an_id, exactly, misfits, some_text, text, whole_number
from tests.clients.sounds import played_base64

STORY = " ".join(["The river runs to the sea, and nobody has ever asked it why it does so."] * 9)
SCRIPT = f"""
[llm]
replies = [
  "You wrote this: {{last_user}} I have read it twice, and I like it. But what follows?",
  "Now: {{history}} {STORY}",
]
token_ms = 10

[tts]
letter_ms = 10
"""
DOTENV = {
    "HOST": "0.0.0.0",
    "ALLOW_STRANGERS": "true",
    "DEBUG": "true",
    "LLM_MODEL_NAME": "HuggingFaceTB/SmolLM2-135M-Instruct",
    "TTS_MODEL_NAME": "tts_models/en/ljspeech/glow-tts",
    "TTS_SAMPLE_RATE": "22050",
    "DEFAULT_VOLUME": "0.8",
    "ENABLE_AUDIO": "true",
    "CHUNK_SIZE": "1024",
    "MAX_QUEUE_SIZE": "10",
    "AUTO_SCROLL": "true",
    "SAVE_CHAT_HISTORY": "true",
    "MAX_CHAT_HISTORY": "100",
    "MAX_NEW_TOKENS": "512",
    "TEMPERATURE": "0.7",
    "TOP_P": "0.9",
    "DO_SAMPLE": "true",
}

Body = dict[str, Any]
MESSAGES: dict[str, Shape] = {
    "status": {"data": lambda value: value in ("connected", "interrupted")},
    "pong": {"message": some_text},
    "response_start": {"message": some_text},
    "chunk": {"data": lambda value: misfits(value, CHUNKS[value["type"]]) == {}},
    "response_complete": {"full_text": some_text, "message": some_text},
    "error": {"data": some_text, "message": some_text},
}
CHUNKS: dict[str, Shape] = {
    "text": {"data": text, "chunk_id": whole_number},
    "audio": {
        "data": lambda value: played_base64(value)[:2] == (24_000, 1),
        "text": some_text,
        "chunk_id": whole_number,
    },
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    script = tmp_path_factory.mktemp("chat") / "script.toml"
    script.write_text(SCRIPT)
    engines = dict.fromkeys(("STT", "LLM", "TTS"), "scripted")
    with ServerProcess(**DOTENV, **engines, SCRIPT=str(script)) as started:
        yield started


@pytest.fixture(scope="module")
def config(server: ServerProcess) -> Body:
    with page_at(server) as page:
        told: Body = page.get("/config").json()
    return told


def in_the_chat(server: ServerProcess, talk: Callable[[Page], Any]) -> list[Body]:
    """All that comes while this is done by the page that the server itself hands out."""

    async def visit() -> list[Body]:
        async with connected(server, "/ws", origin=address_of(server)) as page:
            await talk(page)
            return bodies(page)

    told = asyncio.run(visit())
    for message in told:
        assert misfits(message, MESSAGES[message["type"]]) == {}, message["type"]
    return told


async def ask(page: Page, message: str) -> None:
    since = len(page.messages)
    await page.send(type="chat", message=message)
    await page.until(lambda one: one.type == "response_complete", since)


def chunks(told: list[Body], kind: str) -> list[Body]:
    return [one["data"] for one in told if one["type"] == "chunk" and one["data"]["type"] == kind]


async def begin_a_story(page: Page) -> int:
    """The second answer is a long one; gives the place in what came where it begins."""
    await ask(page, "Hello!")
    since = len(page.messages)
    await page.send(type="chat", message="Tell me about a river.")
    await page.until(is_sound, since)
    return since


def is_sound(message: Message) -> bool:
    return message.type == "chunk" and message.body["data"]["type"] == "audio"


# ---------------------------------------------------------------- the page and its settings


def test_the_page_is_there(server: ServerProcess) -> None:
    with page_at(server) as browser:
        page = browser.get("/")
    assert page.headers["content-type"].startswith("text/html")
    assert "<title>" in page.text


class TestTheSettingsOfThePage:
    def test_are_those_of_the_dotenv(self, config: Body) -> None:
        shape: Shape = {
            "default_volume": exactly(0.8),
            "auto_scroll": exactly(True),
            "save_chat_history": exactly(True),
            "max_chat_history": exactly(100),
            "chunk_size": exactly(1024),
            "max_queue_size": exactly(10),
            "enable_audio": exactly(True),
            "audio_buffer_size": whole_number,
            "tts_sample_rate": exactly(22_050),
        }
        assert misfits(config, shape) == {}

    def test_name_the_socket(self, server: ServerProcess, config: Body) -> None:
        assert config["websocket_url"] == server.socket_at("/ws")

    def test_have_what_there_is_to_choose_from(self, config: Body) -> None:
        assert "astronaut" in [persona["key"] for persona in config["personas"]]
        assert "af_heart" in [voice["name"] for voice in config["voices"]]
        assert "en" in config["languages"]
        assert config["engines"]["llm"] == "scripted"


# ---------------------------------------------------------------- the chat


class TestAnAnswer:
    @pytest.fixture(scope="module")
    @staticmethod
    def told(server: ServerProcess) -> list[Body]:
        return in_the_chat(server, lambda page: ask(page, "How do rivers know the way?"))

    def test_begins_goes_on_and_ends(self, told: list[Body]) -> None:
        assert kinds(told) == ["status", "response_start", "chunk", "response_complete"]
        assert misfits(told[0], {"data": exactly("connected"), "session_id": an_id}) == {}

    def test_is_written_piece_by_piece(self, told: list[Body]) -> None:
        pieces = [chunk["data"] for chunk in chunks(told, "text")]
        assert len(pieces) > 20
        assert "".join(pieces).strip() == told[-1]["full_text"]
        assert "How do rivers know the way?" in told[-1]["full_text"]

    def test_is_spoken_phrase_by_phrase(self, told: list[Body]) -> None:
        phrases = chunks(told, "audio")
        assert len(phrases) > 2
        assert all(played_base64(phrase["data"]).is_audible for phrase in phrases)
        assert " ".join(phrase["text"] for phrase in phrases) == told[-1]["full_text"]

    def test_is_heard_while_it_is_being_written(self, told: list[Body]) -> None:
        order = [one["data"]["type"] for one in told if one["type"] == "chunk"]
        assert order[0] == "text"
        assert "text" in order[order.index("audio") :]

    def test_has_its_chunks_counted(self, told: list[Body]) -> None:
        counted = [one["data"]["chunk_id"] for one in told if one["type"] == "chunk"]
        assert counted == list(range(counted[0], counted[0] + len(counted)))


@pytest.mark.parametrize("message", ["Hello!", "Grüß dich 👋", "x" * 4_000], ids=len)
def test_whatever_is_typed_is_answered(server: ServerProcess, message: str) -> None:
    told = in_the_chat(server, lambda page: ask(page, message))
    assert message in told[-1]["full_text"]


def test_the_chat_is_remembered(server: ServerProcess) -> None:
    async def talk(page: Page) -> None:
        await ask(page, "My name is Ada.")
        since = len(page.messages)
        await page.send(type="chat", message="What is my name?")
        await page.until(lambda one: "Ada" in str(one.body), since)

    in_the_chat(server, talk)


def test_a_ping_is_answered_even_during_an_answer(server: ServerProcess) -> None:
    async def talk(page: Page) -> None:
        since = await begin_a_story(page)
        await page.send(type="ping")
        await page.until(lambda one: one.type == "pong")
        await page.until(lambda one: one.type == "chunk", len(page.messages))
        assert not any(one["type"] == "response_complete" for one in bodies(page, since=since))

    in_the_chat(server, talk)


def test_an_answer_can_be_stopped(server: ServerProcess) -> None:
    async def talk(page: Page) -> None:
        await begin_a_story(page)
        await page.send(type="interrupt")
        await page.until(lambda one: one.is_status("interrupted"))
        await page.send(type="ping")
        await page.until(lambda one: one.type == "pong")

    told = in_the_chat(server, talk)
    assert kinds(told)[-4:] == ["response_start", "chunk", "status", "pong"]


def test_a_second_question_stops_the_answer_to_the_first(server: ServerProcess) -> None:
    async def talk(page: Page) -> None:
        await begin_a_story(page)
        await ask(page, "Enough of that.")

    told = in_the_chat(server, talk)
    assert kinds(told)[-6:] == [
        *("response_start", "chunk", "status"),
        *("response_start", "chunk", "response_complete"),
    ]
    assert "Enough of that." in told[-1]["full_text"]


MISTAKES = [
    {"type": "chat", "message": ""},
    {"type": "chat", "message": "  \n "},
    {"type": "chat"},
    {"type": "chat", "message": 7},
    {"type": "chat", "message": None},
    {"type": "chat", "message": "x" * 4_001},
    {"type": "sing"},
    {},
    [],
]


def test_whatever_is_wrong_is_told_in_a_sentence_and_the_chat_goes_on(
    server: ServerProcess,
) -> None:
    async def talk(page: Page) -> None:
        for mistake in [*map(json.dumps, MISTAKES), "not json"]:
            since = len(page.messages)
            await page.send_raw(mistake)
            await page.until(lambda one: one.type == "error", since)
        await ask(page, "Hello!")

    told = in_the_chat(server, talk)
    errors = [one for one in told if one["type"] == "error"]
    assert len(errors) == len(MISTAKES) + 1
    assert all(error["data"] == error["message"] for error in errors)
    assert told[-1]["type"] == "response_complete"


# ---------------------------------------------------------------- with the engines of `make run`


@pytest.mark.engines
def test_a_question_is_answered_aloud(embedded: ServerProcess) -> None:
    told = in_the_chat(embedded, lambda page: ask(page, "What is the capital of France?"))
    assert kinds(told) == ["status", "response_start", "chunk", "response_complete"]
    assert all(played_base64(phrase["data"]).is_audible for phrase in chunks(told, "audio"))
