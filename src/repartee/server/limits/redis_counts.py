"""Counting in a Redis, so that several servers count together.

A Redis that can't be reached lets everybody in: to be counted is worth less than to be answered.
"""

from __future__ import annotations

import logging
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from repartee.calls.clock import now
from repartee.errors import SettingsError
from repartee.installing import command, extra
from repartee.server.limits.counts import Usage

try:
    from limits.aio.storage import RedisStorage
    from limits.errors import ConfigurationError, StorageError
    from redis.asyncio import ConnectionPool
    from redis.exceptions import RedisError
except ImportError:
    raise SettingsError(
        "LIMITS_STORAGE names a Redis, but what it takes to speak with one is not installed.",
        hint=f"Install it with: {command(extra('redis'))}",
    ) from None

log = logging.getLogger(__name__)

_PATIENCE_SECONDS = 0.25
_LEFT_ALONE_SECONDS = 5.0
"""After a failure, so that not every request waits for it."""

Answer = TypeVar("Answer")


class RedisCounts:
    def __init__(self, url: str) -> None:
        try:
            self._pool = ConnectionPool.from_url(
                url,
                socket_timeout=_PATIENCE_SECONDS,
                socket_connect_timeout=_PATIENCE_SECONDS,
            )
            self._storage = RedisStorage(
                url,
                wrap_exceptions=True,
                implementation="redispy",
                connection_pool=self._pool,  # type: ignore[arg-type]  # handed on as it is
            )
        except (ConfigurationError, ValueError):
            raise SettingsError("LIMITS_STORAGE is not an address of a Redis.") from None
        self._failing = False
        self._left_alone_until = 0.0

    def __repr__(self) -> str:
        return f"<RedisCounts {'failing' if self._failing else 'well'}>"

    async def take(self, key: str, cost: int, most: int, window_s: int) -> bool:
        taking = self._storage.acquire_sliding_window_entry(key, most, window_s, cost)
        return await self._or_else(taking, otherwise=True)

    async def usage(self, key: str, window_s: int) -> Usage:
        found = await self._or_else(
            self._storage.get_sliding_window(key, window_s), otherwise=(0, 0.0, 0, 0.0)
        )
        before, _, current, kept_for_s = found  # a window is kept for one more after its end
        return Usage(before, current, max(0.0, kept_for_s - window_s))

    async def close(self) -> None:
        with suppress(RedisError, OSError):
            await self._pool.disconnect()

    async def _or_else(self, asking: Coroutine[Any, Any, Answer], otherwise: Answer) -> Answer:
        if now() < self._left_alone_until:
            asking.close()
            return otherwise
        try:
            answer = await asking
        except (StorageError, OSError) as trouble:
            if not self._failing:
                log.error("The Redis of LIMITS_STORAGE fails, so nobody is counted. %s", trouble)
            self._failing = True
            self._left_alone_until = now() + _LEFT_ALONE_SECONDS
            return otherwise
        if self._failing:
            self._failing = False
            log.warning("The Redis of LIMITS_STORAGE works again.")
        return answer
