"""One caller asks for everything there is, and another one is served all the same.

Both are at their own addresses, and ask the whole application.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any
from unittest.mock import patch

import anyio
import httpx
import pytest
from anyio.lowlevel import checkpoint

from repartee.calls import uploads as uploads_module
from repartee.calls import visitors as visitors_module
from repartee.engines.build import Engines
from repartee.engines.protocols import Sound, Speech
from repartee.engines.tts.scripted import ScriptedSynthesizer
from repartee.server.app import build_app
from repartee.server.house import House
from tests.calls.fakes import FakeModel, TroubledRecognizer, writes
from tests.calls.line import scripted
from tests.server.open_house import open_house
from tests.server.uploading import WAV, upload

pytestmark = pytest.mark.anyio

A_MESSAGE = {"audio_base64": base64.b64encode(WAV).decode()}
SHARE, MANY = 32, 34
"""So many of one caller may wait for anything, and these are more."""

Client = httpx.AsyncClient
Post = Callable[[Client], Awaitable[httpx.Response]]


class Callers:
    def __init__(self, house: House, greedy: Client, modest: Client) -> None:
        self.house = house
        self.greedy = greedy
        self.modest = modest


@asynccontextmanager
async def two_callers(engines: Engines | None = None, **settings: Any) -> AsyncIterator[Callers]:
    usual: dict[str, Any] = {"limits": "on", "limit_requests_per_minute": 0, "errands_at_once": 1}
    async with open_house(engines=engines, **(usual | settings)) as house:
        app = build_app(house)

        def calling_from(address: str) -> Client:
            transport = httpx.ASGITransport(app, client=(address, 50_000))
            return Client(transport=transport, base_url="http://localhost", timeout=None)

        async with calling_from("10.0.0.1") as greedy, calling_from("10.0.0.2") as modest:
            yield Callers(house, greedy, modest)


class Gate:
    """Whoever comes here waits until it is opened."""

    def __init__(self) -> None:
        self._opened = anyio.Event()
        self.reached = anyio.Event()

    async def __call__(self) -> None:
        self.reached.set()
        await self._opened.wait()

    def open(self) -> None:
        self._opened.set()


class SlowVoice(ScriptedSynthesizer):
    def __init__(self, gate: Gate) -> None:
        super().__init__()
        self._gate = gate
        self.spoken: list[str] = []

    async def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
        self.spoken.append(text)
        await self._gate()
        async with aclosing(super().synthesize(text, speech)) as pieces:
            async for piece in pieces:
                yield piece


def check_own_share(response: httpx.Response, what: str) -> None:
    assert response.status_code == 429, response.text
    assert response.json()["error"].startswith(f"Your share of the {what} is taken: ")
    assert int(response.headers["Retry-After"]) >= 1


async def flooded(callers: Callers, gate: Gate, post: Post, what: str) -> None:
    """One fills the waiting room as far as that goes; the other comes last, and is served soon."""
    served: list[str] = []

    async def ask(client: Client, name: str) -> httpx.Response:
        response = await post(client)
        if response.status_code == 200:
            served.append(name)
        return response

    async def begin(client: Client, name: str) -> asyncio.Task[httpx.Response]:
        before = waiting_in(callers.house)
        asking = asyncio.create_task(ask(client, name))
        with anyio.fail_after(10):
            while not asking.done() and waiting_in(callers.house) == before:
                await checkpoint()
        return asking

    being_served = asyncio.create_task(ask(callers.greedy, "greedy"))
    await gate.reached.wait()
    floods = [await begin(callers.greedy, "greedy") for _ in range(MANY)]
    refused = [flood.result() for flood in floods if flood.done()]
    assert len(refused) == MANY - SHARE
    for refusal in refused:
        check_own_share(refusal, what)
    late = await begin(callers.modest, "modest")
    gate.open()
    assert (await late).status_code == 200
    await asyncio.gather(being_served, *floods)
    assert served.index("modest") <= 2
    assert len(served) == 1 + SHARE + 1


def waiting_in(house: House) -> int:
    return house.errands.waiting + house.visitors.waiting


class TestWhatWaitsForAnEngine:
    async def test_recordings_to_be_written_down(self) -> None:
        gate = Gate()
        async with two_callers(scripted(stt=TroubledRecognizer("settling", gate))) as callers:
            await flooded(
                callers,
                gate,
                lambda client: client.post("/api/voice/transcribe", content=WAV),
                "places for jobs of the speech recogniser",
            )

    async def test_texts_to_be_spoken(self) -> None:
        gate = Gate()
        async with two_callers(scripted(tts=SlowVoice(gate))) as callers:
            await flooded(
                callers,
                gate,
                lambda client: client.post("/api/voice/synthesize", json={"text": "Hello."}),
                "places for jobs of the speech synthesiser",
            )

    async def test_turns_to_be_answered(self) -> None:
        gate = Gate()
        model = FakeModel(writes("Let me think.", gate), "Fine.")
        async with two_callers(scripted(llm=model)) as callers:
            await flooded(
                callers,
                gate,
                lambda client: client.post("/api/voice/message", json=A_MESSAGE),
                "places for turns to be answered",
            )

    async def test_the_texts_of_a_batch_take_turns_with_those_of_others(self) -> None:
        gate = Gate()
        voice = SlowVoice(gate)
        async with two_callers(scripted(tts=voice)) as callers:
            batch = [{"text": f"Greedy {number}."} for number in range(10)]
            batches = [
                asyncio.create_task(callers.greedy.post("/api/voice/synthesize-batch", json=batch))
                for _ in range(3)
            ]
            await gate.reached.wait()
            modest = asyncio.create_task(
                callers.modest.post("/api/voice/synthesize", json={"text": "Modest."})
            )
            with anyio.fail_after(10):
                while callers.house.errands.waiting < 3:
                    await checkpoint()
            gate.open()
            assert (await modest).status_code == 200
            await asyncio.gather(*batches)
        assert voice.spoken.index("Modest.") <= 2
        assert len(voice.spoken) == 31


class TestUploadsWhoseAnswersMustWait:
    async def test_who_has_their_share_is_told_to_come_again_and_the_upload_is_still_there(
        self,
    ) -> None:
        gate = Gate()
        model = FakeModel(writes("Let me think.", gate), "Fine.")
        async with two_callers(scripted(llm=model)) as callers:
            house, greedy = callers.house, callers.greedy
            uploads = [await upload(greedy, WAV, conversation_id=f"{n}") for n in range(2 + SHARE)]
            streams = []
            for number, one in enumerate(uploads[:-1]):
                streams.append(asyncio.create_task(greedy.get(f"/stream/{one}")))
                with anyio.fail_after(10):
                    while house.visitors.waiting < number or not gate.reached.is_set():
                        await checkpoint()
            for _ in range(2):
                refused = await greedy.get(f"/stream/{uploads[-1]}")
                check_own_share(refused, "places for turns to be answered")
            gate.open()
            for stream in streams:
                assert '"done"' in (await stream).text
            assert '"done"' in (await greedy.get(f"/stream/{uploads[-1]}")).text

    async def test_so_it_is_for_whoever_was_refused_in_the_midst_of_a_crowd(self) -> None:
        """There was room for each when it asked, and not for all."""
        gate = Gate()
        model = FakeModel(writes("Let me think.", gate), "Fine.")
        async with two_callers(scripted(llm=model)) as callers:
            greedy = callers.greedy
            uploads = [await upload(greedy, WAV, conversation_id=f"{n}") for n in range(2 * SHARE)]
            streams = [asyncio.create_task(greedy.get(f"/stream/{one}")) for one in uploads]
            with anyio.fail_after(10):
                while sum(stream.done() for stream in streams) < SHARE - 1:
                    await checkpoint()
            gate.open()
            told = [(await stream).text for stream in streams]
            refused = [one for one, text in zip(uploads, told, strict=True) if '"done"' not in text]
            assert len(refused) == SHARE - 1
            for one in refused:
                assert '"done"' in (await greedy.get(f"/stream/{one}")).text


class TestWhatIsKept:
    async def test_uploads(self) -> None:
        with patch.object(uploads_module, "MOST_UPLOADS", 6):
            async with two_callers() as callers:
                for _ in range(3):
                    await upload(callers.greedy)
                check_own_share(
                    await callers.greedy.post("/upload", content=WAV), "places for uploads"
                )
                answer = await callers.modest.get(f"/stream/{await upload(callers.modest)}")
                assert '"done"' in answer.text

    async def test_whoever_has_their_share_need_not_send_one_more(self) -> None:
        read = False

        async def recording() -> AsyncIterator[bytes]:
            nonlocal read
            read = True
            yield WAV

        with patch.object(uploads_module, "MOST_UPLOADS", 2):
            async with two_callers() as callers:
                await upload(callers.greedy)
                refused = await callers.greedy.post("/upload", content=recording())
                check_own_share(refused, "places for uploads")
        assert not read

    async def test_conversations(self) -> None:
        """Whoever opens many forgets their own, and none of the others."""
        model = FakeModel("Yes.")
        with patch.object(visitors_module, "MOST_VISITORS", 6):
            async with two_callers(scripted(llm=model)) as callers:
                kitchen = {**A_MESSAGE, "conversation_id": "kitchen"}
                await callers.modest.post("/api/voice/message", json=kitchen)
                for number in range(12):
                    spam = {"persona": ""}
                    await callers.greedy.post("/set_persona", json=spam)
                    callers.greedy.cookies.clear()
                    assert len(callers.house.visitors) <= 4, number
                answer = await callers.modest.post("/api/voice/message", json=kitchen)
                assert answer.status_code == 200
        assert len(model.asked_last()) == 3, "the first question and its answer are remembered"


async def test_who_is_not_counted_has_no_share_but_all() -> None:
    with patch.object(uploads_module, "MOST_UPLOADS", 4):
        async with two_callers(limits="off") as callers:
            for _ in range(4):
                await upload(callers.greedy)
            full = await callers.greedy.post("/upload", content=WAV)
            assert full.status_code == 503
            assert full.json()["error"].startswith("All 4 places for uploads are taken.")
            assert 290 <= int(full.headers["Retry-After"]) <= 300
