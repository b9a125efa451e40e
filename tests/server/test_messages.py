"""`/api/messages`: said in a conversation that has a name, answered aloud, and kept.

With engines in the server's own process, and with brokers in front of servers elsewhere.
"""

from __future__ import annotations

import base64
import io
import re
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import httpx
import msgspec
import numpy as np
import pytest

from repartee.audio.wav import wav_bytes
from repartee.engines.llm.scripted import ScriptedResponder
from repartee.engines.protocols import LISTENING_RATE_HZ
from repartee.engines.stt.scripted import FIRST_TONE_HZ, TONE_STEP_HZ
from repartee.server.house import House
from repartee.store.protocol import StoredMessage
from tests.calls.fakes import FakeModel
from tests.calls.visiting import said
from tests.server.houses import Cast, Houses, Woe
from tests.server.open_house import asking, open_house

pytestmark = pytest.mark.anyio

WAV = wav_bytes(said(), LISTENING_RATE_HZ)
QUESTION = "What time is it?"
ANSWER = "It is ten past four."
AS_USUAL = Cast(hears=[QUESTION])
FIELDS = (
    "id conversation_id user_id text message_type metadata assistant_response assistant_audio "
    "created_at"
).split()


@asynccontextmanager
async def home(
    houses: Houses, cast: Cast = AS_USUAL, url: str = "sqlite:///:memory:"
) -> AsyncIterator[House]:
    async with houses.engines(cast) as engines, open_house(url, engines=engines) as house:
        yield house


def spoken_at(tone: int) -> bytes:
    """As `said`, but as high as the tone wants it."""
    hz = FIRST_TONE_HZ + TONE_STEP_HZ * tone
    samples = said()
    wave_ = np.sin(np.arange(len(samples)) * (2 * np.pi * hz / LISTENING_RATE_HZ))
    return wav_bytes(np.rint(wave_ * samples).astype(np.int16), LISTENING_RATE_HZ)


async def post(
    client: httpx.AsyncClient, body: bytes = WAV, field: str = "file", /, **query: str
) -> httpx.Response:
    params = {"conversation_id": "kitchen", "user_id": "ada", **query}
    files = {field: ("audio.wav", body, "audio/wav")}
    return await client.post("/api/messages/voice", params=params, files=files)


async def sent(client: httpx.AsyncClient, **query: str) -> dict[str, Any]:
    response = await post(client, **query)
    assert response.status_code == 200, response.text
    message: dict[str, Any] = response.json()
    return message


async def kept(client: httpx.AsyncClient, conversation_id: str = "kitchen") -> list[dict[str, Any]]:
    response = await client.get("/api/messages", params={"conversation_id": conversation_id})
    assert response.status_code == 200, response.text
    messages: list[dict[str, Any]] = response.json()
    return messages


def refusal(response: httpx.Response, status: int) -> str:
    assert response.status_code == status, response.text
    body = response.json()
    assert body == {"detail": body["error"], "error": body["error"]}
    assert body["error"].endswith(".")
    return str(body["error"])


class TestAMessage:
    async def test_every_field_of_it(self, houses: Houses) -> None:
        cast = Cast(hears=[QUESTION], llm=FakeModel(ANSWER))
        async with home(houses, cast) as house, asking(house) as client:
            message = await sent(client, language="en")
        assert list(message) == FIELDS
        assert (message["conversation_id"], message["user_id"]) == ("kitchen", "ada")
        assert (message["text"], message["message_type"]) == (QUESTION, "voice")
        assert message["metadata"] == {
            "transcription": {
                "text": QUESTION,
                "language": "en",
                "confidence": 0.95,
                "duration_seconds": 1.5,
                "model": houses.heard_by,
            }
        }
        assert message["assistant_response"] == {"text": ANSWER}
        assert datetime.fromisoformat(message["created_at"]).utcoffset() == timedelta(0)
        with wave.open(io.BytesIO(base64.b64decode(message["assistant_audio"]))) as file:
            assert (file.getframerate(), file.getnchannels()) == (24_000, 1)
            assert file.getnframes() > 24_000 / 2

    async def test_it_is_there_as_soon_as_it_is_answered_but_its_sound_is_not(
        self, houses: Houses
    ) -> None:
        async with home(houses) as house, asking(house) as client:
            message = await sent(client)
            assert await kept(client) == [{**message, "assistant_audio": None}]

    async def test_what_is_not_understood_is_asked_about_and_kept_too(self, houses: Houses) -> None:
        async with home(houses, Cast(sure=0.1)) as house, asking(house) as client:
            message = await sent(client)
            assert message["assistant_response"]["text"].startswith("I'm sorry, I didn't catch")
            assert len(await kept(client)) == 1


class TestAConversation:
    async def test_its_messages_oldest_first_and_no_others(self, houses: Houses) -> None:
        async with home(houses) as house, asking(house) as client:
            assert await kept(client) == []
            for conversation, user in (
                ("kitchen", "ada"),
                ("cellar", "bob"),
                ("kitchen", "cy"),
                ("kitchen", "ada"),
            ):
                await sent(client, conversation_id=conversation, user_id=user)
            assert [one["user_id"] for one in await kept(client)] == ["ada", "cy", "ada"]
            assert [one["user_id"] for one in await kept(client, "cellar")] == ["bob"]

    async def test_it_is_remembered_and_forgotten_by_its_name(self, houses: Houses) -> None:
        model = FakeModel("Yes.")
        cast = Cast(hears=[QUESTION], llm=model)
        async with home(houses, cast) as house, asking(house) as client:
            for expected in (1, 3):
                await sent(client)
                assert len(model.asked_last()) == expected
            await sent(client, conversation_id="cellar")
            assert len(model.asked_last()) == 1
            assert (await client.delete("/conversations/kitchen")).json()["forgotten"]
            await sent(client)
            assert len(model.asked_last()) == 1
            assert len(await kept(client)) == 3, "what is kept is not what is remembered"

    async def test_messages_that_come_at_once_are_answered_one_after_the_other(
        self, houses: Houses
    ) -> None:
        llm = ScriptedResponder(replies=["Now: {last_user}"], token_ms=2)
        cast = Cast(hears=[QUESTION], llm=llm)
        async with home(houses, cast) as house, asking(house) as client:

            async def say(user: str) -> None:
                message = await sent(client, user_id=user)
                assert message["assistant_response"]["text"] == f"Now: {QUESTION}"

            async with anyio.create_task_group() as tasks:
                for number in range(5):
                    tasks.start_soon(say, f"user {number}")
            assert len(await kept(client)) == 5
            assert llm.outcomes == {"finished": 5}

    async def test_conversations_that_talk_at_once_never_mix(self, houses: Houses) -> None:
        words = [f"Word {letter}." for letter in "abcdefgh"]
        llm = ScriptedResponder(replies=["So far: {history}"], token_ms=1)
        cast = Cast(hears=words, by_tone=True, llm=llm)
        async with home(houses, cast) as house:

            async def talk(name: str) -> None:
                """Each room begins with another word."""
                first = int(name.removeprefix("room "))
                async with asking(house) as client:
                    for number in range(first, first + 3):
                        tone = number % len(words)
                        response = await post(
                            client, spoken_at(tone), conversation_id=name, user_id=name
                        )
                        assert response.json()["text"] == words[tone]
                    assert [one["user_id"] for one in await kept(client, name)] == [name] * 3

            async with anyio.create_task_group() as tasks:
                for number in range(8):
                    tasks.start_soon(talk, f"room {number}")

    async def test_a_long_one_is_listed_whole(self, houses: Houses) -> None:
        async with home(houses) as house, asking(house) as client:
            message = await sent(client)
            (stored,) = await house.store.messages("kitchen")
            for number in range(250):
                later = stored.created_at + number + 1
                house.keeper.keep(
                    msgspec.structs.replace(stored, id=f"{number:03}", created_at=later)
                )
            listed = [one["id"] for one in await kept(client)]
        assert listed == [message["id"], *(f"{number:03}" for number in range(250))]


class TestItLasts:
    async def test_beyond_the_server(self, houses: Houses, tmp_path: Path) -> None:
        url = f"sqlite:///{tmp_path}/kept.db"
        async with home(houses, url=url) as house, asking(house) as client:
            first = await sent(client)
        async with home(houses, url=url) as house, asking(house) as client:
            second = await sent(client)
            assert [one["id"] for one in await kept(client)] == [first["id"], second["id"]]

    async def test_until_its_session_is_deleted(self, houses: Houses) -> None:
        async with home(houses) as house, asking(house) as client:
            await sent(client)
            (session,) = (await client.get("/sessions")).json()
            assert (session["interface"], session["turns"]) == ("messages", 1)
            await client.delete(f"/sessions/{session['id']}")
            assert await kept(client) == []
            await sent(client)
            assert len(await kept(client)) == 1


class TestWhatCanNotBeUsed:
    @pytest.mark.parametrize("missing", ["conversation_id", "user_id"])
    async def test_without_a_name(self, houses: Houses, missing: str) -> None:
        async with home(houses) as house, asking(house) as client:
            params = {"conversation_id": "kitchen", "user_id": "ada"}
            del params[missing]
            response = await client.post(
                "/api/messages/voice", params=params, files={"file": ("a.wav", WAV)}
            )
            assert missing in refusal(response, 422)
            assert "conversation_id" in refusal(await client.get("/api/messages"), 422)

    async def test_names_that_are_too_long(self, houses: Houses) -> None:
        async with home(houses) as house, asking(house) as client:
            for name in ("conversation_id", "user_id", "language"):
                assert name in refusal(await post(client, **{name: "x" * 201}), 422)

    async def test_recordings_that_are_empty_or_no_recordings(self, houses: Houses) -> None:
        async with home(houses) as house, asking(house) as client:
            assert "empty" in refusal(await post(client, b"x" * 100), 400)
            refusal(await post(client, b"x" * 101), 422)
            assert "'file'" in refusal(await post(client, WAV, "picture"), 422)
            assert await kept(client) == []

    async def test_a_language_that_nobody_understands(self, houses: Houses) -> None:
        async with home(houses) as house, asking(house) as client:
            assert "'xx'" in refusal(await post(client, language="xx"), 422)


class TestTrouble:
    async def test_an_engine_that_fails_is_said_and_nothing_is_kept_as_answered(
        self, houses: Houses
    ) -> None:
        cast = Cast(hears=[QUESTION], ear=Woe.FAULT)
        async with home(houses, cast) as house, asking(house) as client:
            told = refusal(await post(client), 503)
            assert re.fullmatch(houses.blames(Woe.FAULT, "ear"), told)
            assert await kept(client) == []
            assert (await sent(client))["text"] == QUESTION

    async def test_a_database_that_loses_it_is_said(
        self, houses: Houses, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with home(houses) as house, asking(house) as client:
            keep = house.keeper.keep

            def keep_no_message(record: Any) -> Any:
                return _lost() if isinstance(record, StoredMessage) else keep(record)

            monkeypatch.setattr(house.keeper, "keep", keep_no_message)
            assert "could not be saved" in refusal(await post(client), 503)


async def _lost() -> bool:
    return False
