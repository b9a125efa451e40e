"""The end of a server: what is being answered may come to its end, but not for ever."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import httpx
import pytest

from repartee.server.app import build_app
from repartee.server.house import House
from repartee.testing.server_process import ServerProcess
from tests.calls.fakes import TroubledVoice, hangs
from tests.calls.line import scripted
from tests.server.event_stream import listening
from tests.server.every_interface import WAV, WAV_BASE64
from tests.server.open_house import asking, open_house
from tests.server.slow_model import Slow

pytestmark = pytest.mark.anyio

BODY = {"audio_base64": WAV_BASE64}


def posts(house: House) -> set[str]:
    """All that can be asked with POST."""
    paths = build_app(house).openapi()["paths"]
    return {path for path, methods in paths.items() if "post" in methods}


async def upload(client: httpx.AsyncClient) -> str:
    return str((await client.post("/upload", content=WAV)).json()["session_id"])


class TestWhatIsBeingAnswered:
    async def test_a_stream_comes_to_its_end(self) -> None:
        slow = Slow()
        async with (
            open_house(engines=slow.engines) as house,
            asking(house) as client,
            listening(house, f"/stream/{await upload(client)}") as stream,
            anyio.create_task_group() as tasks,
        ):
            await stream.until("chunk")
            tasks.start_soon(house.drain)
            slow.may_go_on.set()
            done = await stream.until("done")
            assert done["full_text"].endswith("The end.")

    async def test_a_message_is_answered_whole(self) -> None:
        slow = Slow()
        async with (
            open_house(engines=slow.engines) as house,
            asking(house) as client,
            anyio.create_task_group() as tasks,
        ):

            async def ask() -> None:
                response = await client.post("/api/voice/message", json=BODY)
                assert response.json()["assistant_text"].endswith("The end.")

            tasks.start_soon(ask)
            await slow.asked.wait()
            tasks.start_soon(house.drain)
            slow.may_go_on.set()

    async def test_so_does_a_text_that_is_spoken(self) -> None:
        async with open_house() as house, asking(house) as client:
            async with anyio.create_task_group() as tasks:

                async def ask() -> None:
                    response = await client.post("/api/voice/synthesize", json={"text": "Hello."})
                    assert response.status_code == 200

                tasks.start_soon(ask)
                while not house.errands.busy:
                    await anyio.lowlevel.checkpoint()
                await house.drain()
            assert not house.errands.busy

    async def test_what_was_let_in_is_work_before_any_engine_has_it(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Its recording may still be on its way."""
        monkeypatch.setattr("repartee.server.house._LAST_WORDS_SECONDS", 0)
        sent = anyio.Event()

        async def recording() -> AsyncIterator[bytes]:
            sent.set()
            yield WAV[:1_000]
            while not house.roster.draining:
                await anyio.lowlevel.checkpoint()
            yield WAV[1_000:]

        async with (
            open_house() as house,
            asking(house) as client,
            anyio.create_task_group() as tasks,
        ):

            async def ask() -> None:
                response = await client.post(
                    "/api/voice/transcribe",
                    content=recording(),
                    headers={"content-type": "audio/wav"},
                )
                assert response.status_code == 200, response.text

            tasks.start_soon(ask)
            await sent.wait()
            await house.drain()
            assert len(house.underway) == 0

    async def test_the_answer_to_an_upload_may_still_be_asked_for(self) -> None:
        async with open_house() as house, asking(house) as client:
            upload_id = await upload(client)
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(house.drain)
                while not house.roster.draining:
                    await anyio.lowlevel.checkpoint()
                async with listening(house, f"/stream/{upload_id}") as stream:
                    await stream.until("done")
            assert len(house.visitors) == 0

    async def test_but_nobody_waits_for_one_that_was_left(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("repartee.calls.uploads._FRESH_SECONDS", 0)
        async with open_house(shutdown_seconds=60) as house, asking(house) as client:
            await upload(client)
            assert not house.is_engaged
            with anyio.fail_after(10):
                await house.drain()


class TestWhatTakesTooLong:
    async def test_a_stream_says_that_it_was_cut_off(self) -> None:
        slow = Slow()
        async with (
            open_house(engines=slow.engines, shutdown_seconds=0) as house,
            asking(house) as client,
            listening(house, f"/stream/{await upload(client)}") as stream,
        ):
            await stream.until("chunk")
            await house.drain()
            error = await stream.until("error")
            assert error["message"] == "The answer was cut off before its end."
            await stream.over.wait()

    async def test_a_message_is_refused_with_a_sentence(self) -> None:
        slow = Slow()
        async with (
            open_house(engines=slow.engines, shutdown_seconds=0) as house,
            asking(house) as client,
            anyio.create_task_group() as tasks,
        ):

            async def ask() -> None:
                response = await client.post("/api/voice/message", json=BODY)
                assert response.status_code == 503
                assert response.json()["error"] == (
                    "The conversation was ended before its answer was whole. Please ask again."
                )

            tasks.start_soon(ask)
            await slow.asked.wait()
            await house.drain()

    async def test_work_that_no_conversation_is_needed_for_is_refused_too(self) -> None:
        async with (
            open_house(engines=scripted(tts=TroubledVoice(hangs)), shutdown_seconds=0) as house,
            asking(house) as client,
            anyio.create_task_group() as tasks,
        ):

            async def ask() -> None:
                response = await client.post("/api/voice/synthesize", json={"text": "Hello."})
                assert response.status_code == 503
                assert response.json()["error"].startswith(
                    "The server is shutting down, and there was no time to finish this."
                )
                assert int(response.headers["Retry-After"]) >= 1

            tasks.start_soon(ask)
            while not house.errands.busy:
                await anyio.lowlevel.checkpoint()
            await house.drain()
            assert not house.errands.busy


class TestWhoComesTooLate:
    async def test_no_work_is_taken_in_and_it_is_told_when_it_will_be(self) -> None:
        async with open_house() as house, asking(house) as client:
            house.roster.let_nobody_in(10)
            for path in sorted(posts(house) - {"/clear", "/clear_history", "/tokens"}):
                answer = await client.post(path, content=WAV)
                assert answer.status_code == 503, path
                assert answer.json()["error"] == (
                    "The server is shutting down. Try again in 15 seconds."
                )
                assert answer.headers["Retry-After"] == "15"
            assert house.roster.refused["draining"] >= 8
            assert len(house.visitors) == 0
            assert not house.errands.busy

    async def test_what_is_done_in_a_moment_is_done(self) -> None:
        async with open_house() as house, asking(house) as client:
            house.roster.let_nobody_in(10)
            for path in ("/clear", "/clear_history"):
                assert (await client.post(path)).status_code == 200
            for path in ("/health", "/config", "/sessions", "/api/messages?conversation_id=a"):
                assert (await client.get(path)).status_code == 200

    async def test_nor_is_an_upload_answered_any_more(self) -> None:
        async with open_house(shutdown_seconds=0) as house, asking(house) as client:
            upload_id = await upload(client)
            await house.drain()
            async with listening(house, f"/stream/{upload_id}") as stream:
                error = await stream.until("error")
            assert error["message"] == "This conversation has ended. Please ask again."


SCRIPT = """
[llm]
replies = ["{words} This was the end."]
token_ms = 20
"""


@contextmanager
def server(folder: Path, **settings: str) -> Iterator[ServerProcess]:
    script = folder / "script.toml"
    script.write_text(SCRIPT.replace("{words}", "It goes on and on. " * 12))
    engines = {"VAD": "scripted", "STT": "scripted", "LLM": "scripted", "TTS": "scripted"}
    with ServerProcess(**engines, SCRIPT=str(script), **settings) as process:
        yield process


def events(process: ServerProcess) -> list[dict[str, Any]]:
    """Of a stream whose server is told to stop when the first chunk has come."""
    found = []
    with httpx.Client(base_url=f"http://127.0.0.1:{process.port}", timeout=30) as client:
        upload_id = client.post("/upload", content=WAV).json()["session_id"]
        with client.stream("GET", f"/stream/{upload_id}") as response:
            for line in filter(None, response.iter_lines()):
                found.append(json.loads(line.removeprefix("data: ")))
                if len(found) == 2:
                    process.terminate()
    return found


class TestASignal:
    def test_lets_a_stream_end(self, tmp_path: Path) -> None:
        with server(tmp_path, SHUTDOWN_SECONDS="20") as process:
            last = events(process)[-1]
        assert last["type"] == "done"
        assert last["full_text"].endswith("This was the end.")

    def test_but_not_for_ever(self, tmp_path: Path) -> None:
        with server(tmp_path, SHUTDOWN_SECONDS="0.2") as process:
            last = events(process)[-1]
        assert last == {"type": "error", "message": "The answer was cut off before its end."}
