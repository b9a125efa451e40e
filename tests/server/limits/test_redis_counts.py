"""Counting in a Redis that several servers share, and doing without it when it is gone."""

from __future__ import annotations

import logging

import httpx
import pytest

from repartee.calls.clock import now
from repartee.server.limits import redis_counts
from repartee.server.limits.counts import seconds_until
from repartee.server.limits.redis_counts import RedisCounts
from repartee.testing.server_process import ServerProcess
from tests.server.limits.redis_server import RedisServer, free_port

pytestmark = pytest.mark.anyio

GONE = "The Redis of LIMITS_STORAGE fails, so nobody is counted."
BACK = "The Redis of LIMITS_STORAGE works again."


async def test_servers_count_together(redis: RedisServer) -> None:
    one, other = RedisCounts(redis.url), RedisCounts(redis.url)
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
    assert record.message.startswith(GONE)
    await counts.close()


async def test_one_that_is_back_counts_again(
    redis: RedisServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = RedisCounts(redis.url)
    assert await counts.take("me", 1, 1, 60)
    assert not await counts.take("me", 1, 1, 60)
    redis.stop()
    assert await counts.take("me", 1, 1, 60)
    redis.start()
    assert await counts.take("me", 1, 1, 60), "it is left alone for a while"
    monkeypatch.setattr(redis_counts, "now", lambda: now() + 10)
    assert [await counts.take("me", 1, 1, 60) for _ in range(2)] == [True, False]
    gone, back = caplog.messages
    assert gone.startswith(GONE)
    assert back == BACK
    await counts.close()


async def test_who_has_had_all_at_one_server_has_had_it_at_the_other(redis: RedisServer) -> None:
    shared = {
        **dict.fromkeys(("VAD", "STT", "LLM", "TTS"), "scripted"),
        "LIMITS": "on",
        "LIMITS_STORAGE": redis.url,
        "LIMIT_REQUESTS_PER_MINUTE": "3",
    }
    with ServerProcess(**shared) as one, ServerProcess(**shared) as other:
        async with httpx.AsyncClient() as client:
            answers = [
                await client.get(f"http://127.0.0.1:{server.port}/sessions")
                for server in (one, other, one, other, one)
            ]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert int(answers[-1].headers["Retry-After"]) >= 1
