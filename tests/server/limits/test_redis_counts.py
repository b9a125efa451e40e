"""Counting in a Redis that several servers share, and doing without it when it is gone."""

from __future__ import annotations

import logging
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing

import pytest

from repartee.server.limits.counts import seconds_until
from repartee.server.limits.redis_counts import RedisCounts

pytestmark = pytest.mark.anyio

PROGRAM = shutil.which("redis-server")
needs_redis = pytest.mark.skipif(PROGRAM is None, reason="there is no Redis on this machine")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def redis() -> Iterator[str]:
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = subprocess.Popen(
        [str(PROGRAM), *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    with closing(process.stdout) as lines:
        for line in lines:
            if b"Ready to accept connections" in line:
                break
        try:
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(10)


@needs_redis
async def test_servers_count_together(redis: str) -> None:
    one, other = RedisCounts(redis), RedisCounts(redis)
    taken = [await counts.take("me", 4, 10, 60) for counts in (one, other, one)]
    assert taken == [True, True, False]
    usage = await other.usage("me", 60)
    assert (usage.before, usage.now) == (0, 8)
    assert 60 <= seconds_until(usage, 4, 10, 60) <= 75
    assert await other.take("you", 10, 10, 60)
    for counts in (one, other):
        await counts.close()


async def test_a_redis_that_is_gone_lets_everybody_in_and_is_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.ERROR)
    counts = RedisCounts(f"redis://127.0.0.1:{free_port()}/0")
    assert [await counts.take("me", 1, 1, 60) for _ in range(3)] == [True] * 3
    assert repr(counts) == "<RedisCounts failing>"
    (record,) = caplog.records
    assert record.message.startswith("The Redis of LIMITS_STORAGE fails, so nobody is counted.")
    await counts.close()
