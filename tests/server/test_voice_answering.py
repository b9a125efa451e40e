"""A spoken message is understood and answered aloud."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.calls.fakes import FakeModel
from tests.server.houses import Cast, Houses, Woe
from tests.server.voice_asking import (
    HEARD,
    SILENCE,
    WAV,
    base64_of,
    client,
    sentence,
    wav_in,
)

pytestmark = pytest.mark.anyio


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
