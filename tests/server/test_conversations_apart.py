"""Two interfaces may be given one name for a conversation: neither hears of the other's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest

from repartee.server.browsers import COOKIE
from repartee.server.house import House
from repartee.server.voice_socket import VoiceSocket
from tests.calls.fakes import FakeModel
from tests.calls.line import scripted
from tests.server.event_stream import listening
from tests.server.every_interface import WAV, WAV_BASE64, served
from tests.server.open_house import asking, open_house

pytestmark = pytest.mark.anyio

Say = Callable[[House, str], Awaitable[None]]


async def uploaded(house: House, name: str) -> None:
    async with asking(house) as client:
        response = await client.post("/upload", content=WAV, params={"conversation_id": name})
    await streamed(house, response)


async def streamed(house: House, response: httpx.Response) -> None:
    async with listening(house, f"/stream/{response.json()['session_id']}") as stream:
        await stream.until("done")


async def sent(house: House, name: str) -> None:
    async with asking(house) as client:
        query = {"conversation_id": name, "user_id": "ada"}
        response = await client.post(
            "/api/messages/voice", params=query, files={"file": ("a.wav", WAV)}
        )
    assert response.status_code == 200, response.text


async def spoken(house: House, name: str) -> None:
    async with asking(house) as client:
        body = {"audio_base64": WAV_BASE64, "conversation_id": name}
        response = await client.post("/api/voice/message", json=body)
    assert response.status_code == 200, response.text


INTERFACES: dict[str, Say] = {"upload": uploaded, "messages": sent, "voice": spoken}
NAMES = ["kitchen", "voice:kitchen", "upload:kitchen", "messages:kitchen", "browser:kitchen"]


class Conversations:
    def __init__(self, house: House, model: FakeModel) -> None:
        self.house = house
        self._model = model

    async def remembers_nothing(self, say: Say, name: str) -> bool:
        await say(self.house, name)
        return len(self._model.asked_last()) == 1


@asynccontextmanager
async def conversations() -> AsyncIterator[Conversations]:
    model = FakeModel("Yes.")
    async with open_house(engines=scripted(llm=model)) as house:
        yield Conversations(house, model)


async def test_every_name_on_every_interface_is_a_conversation_of_its_own() -> None:
    async with conversations() as they:
        for name in NAMES:
            for say in INTERFACES.values():
                assert await they.remembers_nothing(say, name)
        for name in NAMES:
            for say in INTERFACES.values():
                assert not await they.remembers_nothing(say, name), "only the first time"


async def test_nobody_takes_part_in_a_browsers_conversation_by_its_name() -> None:
    async with conversations() as they:
        async with asking(they.house) as browser:
            await streamed(they.house, await browser.post("/upload", content=WAV))
            cookie = browser.cookies[COOKIE]
        for name in (cookie, f"browser:{cookie}"):
            for say in INTERFACES.values():
                assert await they.remembers_nothing(say, name)
            async with asking(they.house) as client:
                await client.delete(f"/conversations/{name}")
        async with asking(they.house) as browser:
            browser.cookies.set(COOKIE, cookie)
            cleared = (await browser.post("/clear")).json()
        assert cleared["forgotten"], "it was still there, for the browser alone"


async def test_a_socket_and_a_request_share_what_they_both_name() -> None:
    async with conversations() as they:
        await spoken(they.house, "kitchen")
        async with served(lambda socket: VoiceSocket(socket.server_end, they.house)) as socket:
            socket.say(type="voice_message", audio_base64=WAV_BASE64, conversation_id="kitchen")
            await socket.until_type("audio")
        assert not await they.remembers_nothing(spoken, "kitchen")


async def test_a_name_is_forgotten_on_every_interface_at_once() -> None:
    async with conversations() as they:
        for say in INTERFACES.values():
            await say(they.house, "kitchen")
        async with asking(they.house) as client:
            assert (await client.delete("/conversations/kitchen")).json()["forgotten"]
        for say in INTERFACES.values():
            assert await they.remembers_nothing(say, "kitchen")


async def test_a_message_without_a_name_leaves_nothing_behind() -> None:
    async with conversations() as they:
        for _ in range(2):
            assert await they.remembers_nothing(spoken, "")
        assert len(they.house.visitors) == 0
