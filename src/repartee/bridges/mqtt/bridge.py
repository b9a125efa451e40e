"""All devices of one broker: each message goes to the conversation of the device that sent it."""

from __future__ import annotations

import logging
from collections.abc import Callable

import anyio
from anyio.abc import TaskGroup

from repartee.bridges.mqtt import incoming as said
from repartee.bridges.mqtt.address import BrokerAddress
from repartee.bridges.mqtt.link import Arrived, Link
from repartee.bridges.mqtt.outgoing import error
from repartee.bridges.mqtt.parcel import Parcel, size_of
from repartee.bridges.mqtt.site import Site
from repartee.calls.outbox import Outbox
from repartee.errors import ReparteeError
from repartee.server.house import House

log = logging.getLogger(__name__)

_BEGINS = (said.ListeningBegan, said.Recorded, said.Asked)
"""What begins a conversation; all else only belongs to one."""

NewLink = Callable[[BrokerAddress, Arrived, int], Link]


class Bridge:
    def __init__(self, house: House, address: BrokerAddress, new_link: NewLink = Link) -> None:
        self._house = house
        self._most_bytes = house.settings.max_frame_bytes
        self._link = new_link(address, self.arrived, self._most_bytes)
        self._sites: dict[str, Site] = {}
        self._complaints: Outbox[Parcel] = Outbox(size_of)
        self._tasks: TaskGroup | None = None

    def __repr__(self) -> str:
        return f"<Bridge of {len(self._sites)} sites, {self._link!r}>"

    async def run(self) -> None:
        """Until cancelled, or until it is clear that the broker can't be used as it is set."""
        async with anyio.create_task_group() as tasks:
            self._tasks = tasks
            tasks.start_soon(self._link.run)
            tasks.start_soon(self._complain)

    def arrived(self, topic: str, payload: bytes) -> None:
        """Take a message; never waits."""
        what = said.parse(topic, payload, self._most_bytes)
        if isinstance(what, said.Misunderstood):
            self._complaints.put(error(what.service, what.sentence, what.code, what.site))
        elif what is not None and (site := self._site_for(what)) is not None:
            site.take(what)

    def _site_for(self, what: said.Incoming) -> Site | None:
        site = self._sites.get(what.site)
        if site is None and isinstance(what, _BEGINS) and self._tasks is not None:
            try:
                self._house.roster.check_room()
            except ReparteeError as refusal:
                complaint = error("dialogueManager", str(refusal), refusal.code, what.site)
                self._complaints.put(complaint)
                return None
            site = self._sites[what.site] = Site(what.site, self._house, self._link.publish)
            self._tasks.start_soon(self._live, site)
        return site

    async def _live(self, site: Site) -> None:
        try:
            await site.run()
        except Exception:
            log.exception("The conversation of a device broke.")  # and the others go on
        finally:
            del self._sites[site.name]

    async def _complain(self) -> None:
        """Errors about messages that belong to no conversation."""
        while True:
            await self._link.publish(await self._complaints.get())
            if self._complaints.overflowed:
                log.warning("More is wrong than can be answered; some errors were not sent.")
                self._complaints.overflowed = False
