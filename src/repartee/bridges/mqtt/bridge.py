"""All devices of one broker: each message goes to the conversation of the device that sent it."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

import anyio
from anyio.abc import TaskGroup

from repartee.bridges.mqtt import said
from repartee.bridges.mqtt.address import BrokerAddress
from repartee.bridges.mqtt.allowance import payer_at
from repartee.bridges.mqtt.announcer import Announcer
from repartee.bridges.mqtt.incoming import parse
from repartee.bridges.mqtt.link import Arrived, Link, Lost
from repartee.bridges.mqtt.outgoing import error
from repartee.bridges.mqtt.parcel import Parcel, size_of
from repartee.bridges.mqtt.site import Site
from repartee.calls.outbox import Outbox
from repartee.calls.shares import payer
from repartee.dialects.protocol import Configured
from repartee.engines.protocols import Speech
from repartee.errors import Refused, ReparteeError
from repartee.server.configuring import NOTHING, both, check, speech_wished
from repartee.server.house import House

log = logging.getLogger(__name__)

_SILENCES = said.Beginning | said.Interrupted
"""What is more important than a text that is being said."""
_MOST_SITES = 1_000
"""So many of them may have wishes, and so many texts to say, while they are silent themselves."""

NewLink = Callable[[BrokerAddress, Arrived, Lost, int], Link]


class Bridge:
    def __init__(self, house: House, address: BrokerAddress, new_link: NewLink = Link) -> None:
        self._house = house
        self._most_bytes = house.settings.max_frame_bytes
        self._link = new_link(address, self.arrived, self.lost, self._most_bytes)
        self._sites: dict[str, Site] = {}
        self._announcers: dict[str, Announcer] = {}
        self._wishes: dict[str, Configured] = {}
        self._complaints: Outbox[Parcel] = Outbox(size_of)
        self._tasks: TaskGroup | None = None

    def __repr__(self) -> str:
        return f"<Bridge of {len(self._sites)} sites, {self._link!r}>"

    @property
    def is_busy(self) -> bool:
        """Whether anything is going on anywhere."""
        return not all(site.can_be_forgotten for site in self._sites.values())

    async def run(self) -> None:
        """Until cancelled, or until it is clear that the broker can't be used as it is set."""
        async with anyio.create_task_group() as tasks:
            self._tasks = tasks
            tasks.start_soon(self._link.run)
            tasks.start_soon(self._complain)

    def arrived(self, topic: str, payload: bytes) -> None:
        """Take a message; never waits."""
        what = parse(topic, payload, self._most_bytes)
        if isinstance(what, said.Misunderstood):
            self._complaints.put(error(what.service, what.sentence, what.code, what.site))
        elif what is not None:
            try:
                self._take(what)
            except ReparteeError as refusal:
                service: said.Service = (
                    "tts" if isinstance(what, said.SayAsked) else "dialogueManager"
                )
                self._complaints.put(error(service, str(refusal), refusal.code, what.site))

    def lost(self, count: int) -> None:
        """So many messages came faster than they could be taken."""
        log.warning("%d messages came faster than they could be taken, and were dropped.", count)
        sentence = f"Messages arrive too fast; {count} were dropped. Publish fewer at once."
        self._complaints.put(error("dialogueManager", sentence, "too_much"))

    def _take(self, what: said.Incoming) -> None:
        if isinstance(what, said.SayAsked):
            self._announce(what)
            return
        if isinstance(what, said.Wished):
            self._remember(what)
        self._tell_announcer(what)
        if (site := self._site_for(what)) is not None:
            site.take(what)

    async def _complain(self) -> None:
        """Errors about messages that belong to no conversation."""
        while True:
            await self._link.publish(await self._complaints.get())
            if self._complaints.overflowed:
                log.warning("More is wrong than can be answered; some errors were not sent.")
                self._complaints.overflowed = False

    # ------------------------------------------------------------ conversations

    def _site_for(self, what: said.Incoming) -> Site | None:
        site = self._sites.get(what.site)
        if site is None and isinstance(what, said.Beginning) and self._tasks is not None:
            self._make_room()
            site = self._begun(what.site, self._tasks)
        return site

    def _begun(self, name: str, tasks: TaskGroup) -> Site:
        """Its place is taken now, and not when it begins to live: others come in this moment."""
        house, id = self._house, str(uuid.uuid4())
        with ExitStack() as taken:
            taken.enter_context(house.roster.place(id, payer_at(name, house.settings)))
            wish = self._wishes.get(name, NOTHING)
            site = Site(id, name, house, self._link.publish, wish)
            tasks.start_soon(self._live, site, taken.pop_all())
        self._sites[name] = site
        return site

    async def _live(self, site: Site, taken: ExitStack) -> None:
        try:
            with taken:
                await site.run()
        except Exception:
            log.exception("The conversation of a device broke.")  # and the others go on
        finally:
            if self._sites.get(site.name) is site:
                del self._sites[site.name]

    def _make_room(self) -> None:
        """When all places are taken, the site that was silent for longest is forgotten first."""
        refusal = self._house.roster.refusal()
        if refusal is not None and refusal[0] == "full":
            silent = [site for site in self._sites.values() if site.can_be_forgotten]
            if silent:
                oldest = min(silent, key=lambda site: site.active_at)
                del self._sites[oldest.name]
                oldest.forget()

    def _remember(self, what: said.Wished) -> None:
        """For all conversations to come: a device that is silent for long begins anew."""
        wish = both(self._wishes.get(what.site, NOTHING), what.wish)
        check(self._house, wish)
        self._wishes.pop(what.site, None)
        self._wishes[what.site] = wish
        if len(self._wishes) > _MOST_SITES:
            del self._wishes[next(iter(self._wishes))]

    # ------------------------------------------------------------ what is only to be said

    def _announce(self, what: said.SayAsked) -> None:
        announcer = self._announcers.get(what.site)
        if announcer is not None:
            announcer.say(what)
        elif len(self._announcers) >= _MOST_SITES:
            raise Refused("Too many texts are being said. Try again in a moment.")
        elif self._tasks is not None:
            announcer = Announcer(
                self._house,
                self._link.publish,
                partial(self._speech_at, what.site),
                partial(self._is_busy, what.site),
            )
            announcer.say(what)
            self._announcers[what.site] = announcer
            self._tasks.start_soon(self._say_all, what.site, announcer)

    async def _say_all(self, site: str, announcer: Announcer) -> None:
        payer.set(payer_at(site, self._house.settings))
        try:
            await announcer.run()
        finally:
            del self._announcers[site]

    def _tell_announcer(self, what: said.Incoming) -> None:
        announcer = self._announcers.get(what.site)
        if announcer is None:
            return
        if isinstance(what, said.Played):
            announcer.played(what.id)
        elif isinstance(what, _SILENCES):
            announcer.give_up()

    def _speech_at(self, site: str) -> Speech:
        return speech_wished(self._house, self._wishes.get(site, NOTHING))

    def _is_busy(self, name: str) -> bool:
        site = self._sites.get(name)
        return site is not None and site.busy
