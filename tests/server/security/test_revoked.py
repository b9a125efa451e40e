"""A key that is revoked while something is done with it: all of it ends, however it came in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager

import httpx
import pytest

from repartee.engines.protocols import Sound, Speech
from repartee.engines.tts.scripted import ScriptedSynthesizer
from repartee.server.house import House
from repartee.server.security.keys import digest_of
from repartee.store.protocol import StoredKey
from tests.calls.line import scripted
from tests.server.security.door import KEY, OTHER_KEY, WITH_KEY
from tests.server.security.test_over_the_wire import served
from tests.server.uploading import WAV

pytestmark = pytest.mark.anyio


class Voice(ScriptedSynthesizer):
    """Speaks some texts, and then never comes to an end with the next one."""

    def __init__(self, texts_before: int) -> None:
        super().__init__()
        self.hanging, self.left = asyncio.Event(), asyncio.Event()
        self._texts_before = texts_before

    async def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
        if not self._texts_before:
            self.hanging.set()
            try:
                await asyncio.Event().wait()
            finally:
                self.left.set()
        self._texts_before -= 1
        async with aclosing(super().synthesize(text, speech)) as pieces:
            async for piece in pieces:
                yield piece


@asynccontextmanager
async def a_house(voice: Voice) -> AsyncIterator[tuple[House, httpx.AsyncClient]]:
    """With a key that may be revoked, and somebody who has it."""
    async with served(require_keys=True, engines=scripted(tts=voice)) as (house, place):
        for name, key in (("laptop", KEY), ("desk", OTHER_KEY)):
            stored = StoredKey(digest=digest_of(key), name=name, created_at=1.0)
            await house.store.keep_key(stored)
        await house.keys.look(house.store)
        async with httpx.AsyncClient(base_url=f"http://{place}", headers=WITH_KEY) as client:
            yield house, client


async def revoke(house: House, name: str = "laptop") -> None:
    await house.store.delete_key(name)
    for key_id in await house.keys.look(house.store):
        await house.send_off(key_id)


async def breaks_off(answer: httpx.Response) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        await answer.aread()


async def test_a_request_that_is_worked_on_is_refused() -> None:
    voice = Voice(texts_before=0)
    async with a_house(voice) as (house, client), asyncio.timeout(20):
        asking = asyncio.create_task(
            client.post("/api/voice/synthesize", json={"text": "Hello there."})
        )
        await voice.hanging.wait()
        await revoke(house, "desk")
        assert (await client.get("/config")).status_code == 200
        assert not voice.left.is_set(), "nobody else's key matters"
        await revoke(house)
        response = await asking
        await voice.left.wait()
    assert response.status_code == 401
    assert "No key that is known here was shown" in response.json()["error"]


async def test_a_batch_of_which_some_is_sent_breaks_off() -> None:
    voice = Voice(texts_before=1)
    texts = [{"text": "Hello there."}, {"text": "And once more."}]
    async with a_house(voice) as (house, client), asyncio.timeout(20):
        async with client.stream("POST", "/api/voice/synthesize-batch", json=texts) as answer:
            assert answer.status_code == 200
            await voice.hanging.wait()
            await revoke(house)
            await breaks_off(answer)
        await voice.left.wait()


async def test_the_answer_to_an_upload_breaks_off_and_its_conversation_ends() -> None:
    voice = Voice(texts_before=0)
    async with a_house(voice) as (house, client), asyncio.timeout(20):
        upload_id = (await client.post("/upload", content=WAV)).json()["session_id"]
        assert len(house.visitors) == 1
        async with client.stream("GET", f"/stream/{upload_id}") as answer:
            await voice.hanging.wait()
            await revoke(house)
            await breaks_off(answer)
        assert len(house.visitors) == 0


async def test_an_upload_that_nobody_may_ask_for_is_forgotten() -> None:
    async with a_house(Voice(texts_before=9)) as (house, client):
        for key in (KEY, OTHER_KEY):
            await client.post("/upload", content=WAV, headers={"Authorization": f"Bearer {key}"})
        await revoke(house)
        assert (len(house.uploads), len(house.visitors)) == (1, 1)
        await house.keeper.flush()
        statuses = [session.status for session in await house.store.sessions(10)]
        assert sorted(statuses) == ["active", "ended"]
