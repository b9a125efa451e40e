"""`kill -9` in every phase of a turn: what was finished is kept, and no process runs on."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from repartee.store.opening import opened
from repartee.store.protocol import StoredTurn
from repartee.testing.server_process import ServerProcess
from tests.calls.line import QUIET, VOICE, pcm
from tests.calls.recorder import recording

SCRIPT = """
[stt]
transcripts = ["What time is it?"]
settle_ms = 100
[llm]
replies = ["It is noon.", "It is noon. And it goes on, and on, and nobody knows when it will end."]
first_token_ms = 100
token_ms = 20
[tts]
first_piece_ms = 50
letter_ms = 10
"""
GONE_WITHIN_SECONDS = 10.0


async def type_it(socket: ClientConnection) -> None:
    await socket.send(json.dumps({"type": "chat", "message": "What time is it?"}))


async def say_it(socket: ClientConnection) -> None:
    for level, windows in ((VOICE, 40), (QUIET, 40)):
        for _ in range(windows):
            await socket.send(pcm(level, 32))
            await asyncio.sleep(0.01)


async def hold_the_button(socket: ClientConnection) -> None:
    await socket.send('{"type": "start"}')
    for blob in recording(2_000):
        await socket.send(blob)
        await asyncio.sleep(0.05)
    await socket.send('{"type": "stop"}')


Ask = Callable[[ClientConnection], Coroutine[Any, Any, None]]
INTERFACES: dict[str, tuple[str, Ask, str, tuple[str, ...]]] = {
    "typed": ("/ws", type_it, "response_complete", ("chunk",)),
    "spoken": ("/ws", say_it, "complete", ("transcript", "generating", "audio")),
    "push-to-talk": (
        "/call",
        hold_the_button,
        "turn_complete",
        ("stt_partial", "stt_final", "tts_audio_chunk"),
    ),
}
"""Where, how it is asked, what is told when a turn is finished, and what is told before."""
SERVERS_AT_ONCE = 3


def names_of(raw: str | bytes) -> set[str]:
    frame = json.loads(raw)
    data = frame.get("data")
    return {frame["type"], str(frame.get("event")), data if isinstance(data, str) else ""}


async def until(socket: ClientConnection, name: str) -> str:
    """The name under which the call is stored, if it was told on the way."""
    session = ""
    async with asyncio.timeout(20):
        while True:
            raw = await socket.recv()
            session = json.loads(raw).get("session_id") or session
            if name in names_of(raw):
                return session


async def finish_one_and_begin_another(server: ServerProcess, how: str, phase: str) -> str:
    """Returns in this phase of the second turn, or at the very end of it, with the call's name."""
    path, ask, finished, _ = INTERFACES[how]
    async with connect(
        server.socket_at(path), compression=None, max_queue=None, close_timeout=0
    ) as socket:
        asking = asyncio.create_task(ask(socket))
        session = await until(socket, finished)
        await asking
        asking = asyncio.create_task(ask(socket))
        await until(socket, phase)
        asking.cancel()
        server.kill()
    return session


def is_running(pid: int) -> bool:
    """A zombie is not; whoever adopted it only has to notice."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def wait_until_gone(family: list[int]) -> None:
    give_up_at = time.monotonic() + GONE_WITHIN_SECONDS
    while left := [pid for pid in family if is_running(pid)]:
        assert time.monotonic() < give_up_at, f"processes {left} outlive their server"
        time.sleep(0.02)


async def kept_turns(url: str, session_id: str) -> list[StoredTurn]:
    """As the next server finds them: it opens the store, and closes what was cut off."""
    async with opened(url) as store:
        session = await store.session(session_id)
        assert session.status == "abandoned"
        return await store.turns(session_id)


@pytest.mark.parametrize("how", INTERFACES)
def test_no_finished_turn_is_lost(tmp_path: Path, how: str) -> None:
    """A server for each phase, and several at once: most of their time they wait."""
    *_, finished, phases = INTERFACES[how]
    with ThreadPoolExecutor(SERVERS_AT_ONCE) as threads:
        cases = [threads.submit(check_phase, tmp_path, how, phase, 1) for phase in phases]
        cases.append(threads.submit(check_phase, tmp_path, how, finished, 2))
        for case in cases:
            case.result()


def check_phase(folder: Path, how: str, phase: str, finished: int) -> None:
    """So many turns are finished by then."""
    script, url = folder / f"{phase}.toml", f"sqlite:///{folder}/{phase}.db"
    script.write_text(SCRIPT)
    scripted = dict.fromkeys(("VAD", "STT", "LLM", "TTS"), "scripted")
    with ServerProcess(**scripted, SCRIPT=str(script), DATABASE_URL=url) as server:
        family = server.family()
        session_id = asyncio.run(finish_one_and_begin_another(server, how, phase))
        wait_until_gone(family)
    turns = asyncio.run(kept_turns(url, session_id))
    assert len(turns) >= finished, phase
    for number, turn in enumerate(turns[:finished], 1):
        assert turn.number == number, phase
        # Whoever presses the button again while the answer is still playing has cut it off.
        assert turn.status in ("complete", "interrupted"), phase
        assert turn.assistant_text.startswith("It is noon."), phase


@pytest.mark.engines
def test_real_engines_leave_no_process_behind(tmp_path: Path) -> None:
    """Those that work in processes of their own have to notice that nobody asks them any more."""
    url = f"sqlite:///{tmp_path}/calls.db"
    with ServerProcess(DATABASE_URL=url) as server:
        asyncio.run(begin(server))
        family = server.family()
        server.kill()
        wait_until_gone(family)


async def begin(server: ServerProcess) -> None:
    async with connect(server.url, compression=None, close_timeout=0) as socket:
        await type_it(socket)
        await until(socket, "response_start")
