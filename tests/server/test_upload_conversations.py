"""Whose conversation an upload belongs to, and who answers in it."""

from __future__ import annotations

from typing import Any

import anyio
import httpx
import pytest

from repartee.engines.llm.scripted import ScriptedResponder
from repartee.engines.stt.scripted import ScriptedRecognizer
from repartee.server.browsers import COOKIE
from tests.calls.fakes import FakeModel
from tests.calls.line import scripted
from tests.server.open_house import asking, open_house
from tests.server.uploading import (
    WAV,
    asked,
    events_of,
    refusal,
    upload,
)

pytestmark = pytest.mark.anyio


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
