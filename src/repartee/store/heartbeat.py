"""Where several servers share a database: this one shows that it lives, and ends what dead ones
have left."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

import anyio

from repartee.errors import ReparteeError
from repartee.store.keeper import Keeper
from repartee.store.protocol import Store

log = logging.getLogger(__name__)

BEAT_EVERY_SECONDS = 10.0
LOOK_EVERY_SECONDS = 30.0
SILENT_SECONDS = 60.0
"""A server that gave no sign of life for so long is dead. Should it only have been cut off from the
database, its sessions are active again with its next sign."""

_MISSED_SIGNS = 2.5
"""After so many a server is not counted on."""
_ANSWER_SECONDS = 0.5

Sleep = Callable[[float], Awaitable[None]]


async def show_life(keeper: Keeper, sleep: Sleep = anyio.sleep) -> None:
    """Until cancelled. The keeper has one writer for everything, so no call waits for this."""
    while True:
        await keeper.give_sign_of_life()
        await sleep(BEAT_EVERY_SECONDS)


async def others_live(store: Store) -> bool:
    """Whether there are other servers of this database. Where that can't be known at once, there
    are none."""
    with anyio.move_on_after(_ANSWER_SECONDS), suppress(ReparteeError):
        return await store.has_company(_MISSED_SIGNS * BEAT_EVERY_SECONDS)
    return False


async def end_what_the_dead_left(store: Store, sleep: Sleep = anyio.sleep) -> None:
    """Until cancelled: whichever server looks first does it for all."""
    while True:
        await sleep(LOOK_EVERY_SECONDS)
        try:
            abandoned = await store.mark_abandoned(SILENT_SECONDS)
        except ReparteeError as trouble:
            log.debug("Nobody could look for dead servers; it is tried again soon. %s", trouble)
            continue
        if abandoned:
            log.warning("%d sessions of a server that died are closed.", abandoned)
