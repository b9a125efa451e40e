"""Forgets what is older than RETENTION_DAYS, a little at a time: rows, and files beside them."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

import anyio

from repartee.errors import ReparteeError
from repartee.store.protocol import Store

log = logging.getLogger(__name__)

FIRST_AFTER_SECONDS = 30.0
"""The start of a server has better things to do."""
EVERY_SECONDS = 3_600.0
BATCH = 200
BREATH_SECONDS = 0.2
"""Between two batches: turns that are waiting to be kept go first."""
_DAY_SECONDS = 86_400

ForgetFiles = Callable[[float], Awaitable[object]]
"""Deletes those last written before this moment. What can't be deleted it tells the log."""


async def forget_old_sessions(
    store: Store,
    days: float,
    wall_time: Callable[[], float],
    sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
    forget_files: ForgetFiles | None = None,
) -> None:
    """Until cancelled; 0 days keep everything for ever."""
    if days <= 0:
        return
    await sleep(FIRST_AFTER_SECONDS)
    while True:
        moment = wall_time() - days * _DAY_SECONDS
        if forget_files is not None:
            await forget_files(moment)
        try:
            await _forget_once(store, moment, sleep)
        except ReparteeError as trouble:
            log.warning("Old sessions could not be deleted; it is tried again later. %s", trouble)
        await sleep(EVERY_SECONDS)


async def _forget_once(
    store: Store, moment: float, sleep: Callable[[float], Awaitable[None]]
) -> None:
    forgotten = 0
    while (deleted := await store.delete_older_than(moment, BATCH)) == BATCH:
        forgotten += deleted
        await sleep(BREATH_SECONDS)
    if forgotten + deleted:
        log.info("Old sessions were deleted: %d rows.", forgotten + deleted)
