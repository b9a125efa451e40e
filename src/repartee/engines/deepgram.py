"""Deepgram, as all of its engines know it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable
from typing import TypeVar

from repartee.engines.live_service import LiveService
from repartee.errors import EngineError

log = logging.getLogger(__name__)

BASE_URL = "wss://api.deepgram.com"
TIMEOUT_S = 5.0

T = TypeVar("T")


def deepgram(api_key: str, base_url: str, timeout: float) -> LiveService:
    return LiveService(
        "Deepgram",
        base_url,
        api_key,
        scheme="Token",
        key_setting="DEEPGRAM_API_KEY",
        url_setting="DEEPGRAM_BASE_URL",
        timeout=timeout,
    )


async def try_out(connecting: Awaitable[T]) -> T | None:
    """What connecting brings. What can't get better by itself is raised; the rest may wait.

    A server may well be started before its network.
    """
    try:
        return await connecting
    except EngineError as failure:
        if not failure.retryable:
            raise
        log.warning("%s It is tried again when it is needed.", failure)
        return None
