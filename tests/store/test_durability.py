"""What was said to be kept is there, even if the server is killed the moment after."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from repartee.store.opening import opened

pytestmark = pytest.mark.anyio

WRITER = Path(__file__).with_name("write_until_killed.py")
ENOUGH = 35


@pytest.mark.parametrize("url", ["file", "postgres"], indirect=True)
async def test_a_killed_server_has_lost_nothing_it_promised(url: str) -> None:
    session_id, *promised = _said_until_killed(url)
    assert len(promised) >= ENOUGH

    async with opened(url) as store:
        kept = [turn.number for turn in await store.turns(session_id)]
        assert {int(number) for number in promised} <= set(kept)
        assert kept == list(range(1, len(kept) + 1)), "and nothing in between is missing"
        if url.startswith("postgresql"):  # there the dead may be a living server on another machine
            assert await store.mark_abandoned(silent_seconds=0) == 1
        (session,) = await store.sessions(10)
        assert session.status == "abandoned"
        assert session.ended_at is not None


def _said_until_killed(url: str) -> list[str]:
    with subprocess.Popen([sys.executable, WRITER, url], stdout=subprocess.PIPE, text=True) as it:
        assert it.stdout is not None
        lines = [it.stdout.readline() for _ in range(1 + ENOUGH)]
        it.kill()
        return [*map(str.strip, lines), *it.stdout.read().split()]
