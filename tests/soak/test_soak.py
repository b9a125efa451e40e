"""Thousands of calls, ten at a time: memory and open files stay as they are.

They go through the whole application, with engines that follow a script. `SOAK_CALLS` are made.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import anyio
import pytest

from repartee.engines.tts.cached import Cached
from repartee.engines.tts.scripted import ScriptedSynthesizer
from tests.calls.line import QUIET, VOICE, pcm, scripted
from tests.calls.recorder import recording
from tests.fuzz.leaks import assert_nothing_is_kept, footprint
from tests.fuzz.whole_app import OnStage, WholeApp, on_stage
from tests.server.every_interface import WAV, WAV_BASE64

CALLS = int(os.environ.get("SOAK_CALLS", "1000"))
AT_ONCE = 10
WARM = max(CALLS // 10, 100)
"""After so many calls it is looked how much there is; all that is needed once is there by then."""
MOST_GROWTH_MB = 8.0

pytestmark = pytest.mark.timeout(max(60, CALLS // 10))


async def typed(app: WholeApp) -> None:
    async with app.phone("/ws") as phone:
        phone.say(type="chat", message="What time is it?")
        await phone.until_type("response_complete")


async def spoken(app: WholeApp) -> None:
    async with app.phone("/ws") as phone:
        for level in (VOICE, QUIET):
            phone.say_raw(pcm(level, 1_000))
            await anyio.sleep(1)
        await phone.until_status("complete")


async def interrupted(app: WholeApp) -> None:
    async with app.phone("/ws") as phone:
        phone.say(type="chat", message="Tell me everything. " * 10)
        await phone.until_type("chunk")
        phone.say(type="interrupt")
        await phone.until_status("interrupted")


async def with_a_button(app: WholeApp) -> None:
    async with app.phone("/call") as phone:
        phone.say(type="start")
        for blob in recording(500):
            phone.say_raw(blob)
        phone.say(type="stop")
        await phone.until_type("tts_done")


async def left_at_once(app: WholeApp) -> None:
    async with app.phone("/ws") as phone:
        phone.say(type="chat", message="Are you there?")


async def voice_chat(app: WholeApp) -> None:
    async with app.phone("/api/voice/ws/chat") as phone:
        phone.say(type="voice_message", audio_base64=WAV_BASE64)
        await phone.until_type("audio")


async def uploaded(app: WholeApp) -> None:
    async with app.asking() as client:
        upload = (await client.post("/upload", content=WAV)).json()
        assert '"done"' in (await client.get(f"/stream/{upload['session_id']}")).text


KINDS: tuple[Callable[[WholeApp], Coroutine[Any, Any, None]], ...] = (
    typed,
    spoken,
    typed,
    interrupted,
    with_a_button,
    left_at_once,
    voice_chat,
    typed,
    left_at_once,
    uploaded,
)


@pytest.fixture
def stage() -> Iterator[OnStage]:
    engines = scripted(tts=Cached(ScriptedSynthesizer(letter_ms=5), 1 << 20))
    with on_stage(engines, upload_seconds=5) as it:
        yield it


async def some_calls(app: WholeApp, count: int) -> None:
    """Browsers that have been away for long are forgotten, as time would have it."""
    for _ in range(0, count, AT_ONCE):
        async with anyio.create_task_group() as tasks:
            for kind in KINDS:
                tasks.start_soon(kind, app)
    await app.house.visitors.close()
    await app.house.keeper.flush()
    for session in await app.house.store.sessions(10_000):
        await app.house.store.delete(session.id)


def test_it_stays_as_it_is(stage: OnStage) -> None:
    assert len(KINDS) == AT_ONCE
    stage.run(some_calls(stage.app, WARM))
    before = footprint()
    for done in range(WARM, CALLS, WARM):
        stage.run(some_calls(stage.app, min(WARM, CALLS - done)))
    assert_nothing_is_kept(before, MOST_GROWTH_MB)
    assert stage.app.house.keeper.lost == 0
