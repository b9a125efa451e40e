"""Where several servers share a database: this one shows that it lives, and ends what dead ones
have left."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

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

Sleep = Callable[[float], Awaitable[None]]


async def show_life(keeper: Keeper, sleep: Sleep = anyio.sleep) -> None:
    """Until cancelled. The keeper has one writer for everything, so no call waits for this."""
    while True:
        await keeper.give_sign_of_life()
        await sleep(BEAT_EVERY_SECONDS)


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
