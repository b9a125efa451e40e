"""The connection to the broker, made again whenever it is lost.

Others learn from `repartee/status` whether we are there: it says `online` while we are, and the
broker itself says `offline` when we vanish without a word.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import aiomqtt
import anyio
import msgspec
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from repartee.bridges.mqtt.address import BrokerAddress
from repartee.bridges.mqtt.incoming import SUBSCRIPTIONS, lasts
from repartee.bridges.mqtt.outgoing import OFFLINE, ONLINE
from repartee.bridges.mqtt.parcel import Parcel
from repartee.errors import ReparteeError, SettingsError

log = logging.getLogger(__name__)

KEEPALIVE_SECONDS = 20
_ANSWER_SECONDS = 10.0
_FAREWELL_SECONDS = 2.0
_MOST_WAITING = 1_000
_TRIES = 3
"""How many connections a parcel is tried on."""
_TRANSPORT_FACTOR = 4
"""The broker hands over this many times the longest message, so that one too long gets an answer;
what is longer still it keeps."""
_NO_WAITING = (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
"""Small messages leave at once; otherwise each waits 40 ms for the answer to the one before."""
_NOT_LET_IN = (134, 135)
"""The broker's reasons for a wrong name or password, and for one that it does not let in."""
_UNKNOWN_VERSION = 132
_UNTRUSTED = "CERTIFICATE_VERIFY_FAILED"

Sleep = Callable[[float], Awaitable[None]]
Arrived = Callable[[str, bytes], None]
"""Takes a message, its topic first; never waits."""
Lost = Callable[[int], None]
"""Learns how many messages there was no room for."""


class Backoff(msgspec.Struct, frozen=True):
    """How long to wait before the next try."""

    first_s: float = 0.5
    longest_s: float = 30.0

    def pauses(self) -> Iterator[float]:
        pause_s = self.first_s
        while True:
            yield pause_s
            pause_s = min(pause_s * 2, self.longest_s)


class Arrivals(asyncio.Queue[aiomqtt.Message]):
    """Messages that wait to be taken. What there is no room for is counted: a burst of thousands
    is worth one line of the log, and not thousands."""

    def __init__(self, maxsize: int = 0) -> None:
        super().__init__(maxsize)
        self._lost = 0

    def put_nowait(self, item: aiomqtt.Message) -> None:
        if self.full():
            self._lost += 1
        else:
            super().put_nowait(item)

    def lost_in_burst(self) -> int:
        """How many there was no room for, once a burst is over, or when it has become a long one;
        each is counted once."""
        if not self.empty() and self._lost < self.maxsize:
            return 0
        lost, self._lost = self._lost, 0
        return lost


class Link:
    def __init__(
        self,
        address: BrokerAddress,
        arrived: Arrived,
        lost: Lost,
        most_bytes: int,
        backoff: Backoff | None = None,
        sleep: Sleep = anyio.sleep,
    ) -> None:
        self._address = address
        self._arrived = arrived
        self._lost = lost
        self._most_bytes = most_bytes
        self._backoff = backoff or Backoff()
        self._sleep = sleep
        self._identifier = f"repartee-{uuid.uuid4().hex[:12]}"
        """The same every time: a new connection ends the old one, so that the will of the old can't
        come after the new one has said that it is there."""
        self._client: aiomqtt.Client | None = None
        self._arrivals = Arrivals()
        self._changed = asyncio.Event()
        self._sending: set[anyio.CancelScope] = set()
        self._met = False
        """There has been a connection, so that what is set is right."""

    def __repr__(self) -> str:
        return f"<Link to {self._address.name}, {'up' if self._client else 'down'}>"

    async def run(self) -> None:
        """Keep the connection until cancelled. A setting that is wrong ends it with an error."""
        tls = await asyncio.to_thread(self._address.tls)
        pauses = self._backoff.pauses()
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            try:
                async with self._connected(tls) as client:
                    await self._listen(client)
            except aiomqtt.MqttError as trouble:
                self._judge(trouble)
                if loop.time() - began > self._backoff.longest_s:
                    pauses = self._backoff.pauses()
                pause_s = next(pauses)
                log.warning("%s is not connected: %s", self._address.name, trouble)
                log.info("It is tried again in %g seconds.", pause_s)
            await self._sleep(pause_s)

    async def publish(self, parcel: Parcel) -> None:
        """Waits for a connection, and for one more if this one is lost before the parcel is out.

        What is only worth something at its moment is not sent again.
        """
        for _ in range(_TRIES if parcel.lasting else 1):
            client = await self._next_client()
            with anyio.CancelScope() as sending, self._until_lost(sending):
                try:
                    await _publish(client, parcel)
                    return
                except aiomqtt.MqttError:
                    await anyio.sleep(_ANSWER_SECONDS)  # it is soon noticed why
        if parcel.lasting:
            log.warning("A message to %s was lost with the connection.", parcel.topic)

    # ------------------------------------------------------------ one connection

    async def _listen(self, client: aiomqtt.Client) -> None:
        options = SubscribeOptions(qos=1, noLocal=True)
        granted = await client.subscribe([(topic, options) for topic in SUBSCRIPTIONS])
        for topic, answer in zip(SUBSCRIPTIONS, granted, strict=True):
            if isinstance(answer, ReasonCode) and answer.is_failure:
                log.warning("The broker does not let us hear %s.", topic)
        self._use(client)
        self._met = True
        log.info("Connected to %s.", self._address.name)
        # Not waited for: that the connection is lost is noticed only by who reads.
        announcing = asyncio.create_task(self.publish(ONLINE))
        try:
            async for message in client.messages:
                topic = str(message.topic)
                if lasts(topic) or not message.retain:  # said long ago, to whoever asked
                    self._arrived(topic, _bytes_of(message.payload))
                if count := self._arrivals.lost_in_burst():
                    self._lost(count)
        finally:
            announcing.cancel()

    @asynccontextmanager
    async def _connected(self, tls: ssl.SSLContext | None) -> AsyncIterator[aiomqtt.Client]:
        client = self._new_client(tls)
        await client.__aenter__()
        lost = False
        try:
            yield client
        except aiomqtt.MqttError:
            lost = True
            raise
        finally:
            self._use(None)
            with anyio.CancelScope(shield=True), anyio.move_on_after(_FAREWELL_SECONDS):
                with suppress(aiomqtt.MqttError):
                    if not lost:  # the will is for those who say no farewell
                        await _publish(client, OFFLINE)
                with suppress(aiomqtt.MqttError):
                    await client.__aexit__(None, None, None)

    def _new_client(self, tls: ssl.SSLContext | None) -> aiomqtt.Client:
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.MaximumPacketSize = self._most_bytes * _TRANSPORT_FACTOR
        client = aiomqtt.Client(
            self._address.host,
            self._address.port,
            username=self._address.username,
            password=self._address.password,
            identifier=self._identifier,
            protocol=aiomqtt.ProtocolVersion.V5,
            will=aiomqtt.Will(OFFLINE.topic, OFFLINE.payload, qos=1, retain=True),
            clean_start=True,
            properties=properties,
            keepalive=KEEPALIVE_SECONDS,
            timeout=_ANSWER_SECONDS,
            queue_type=self._new_arrivals,  # type: ignore[arg-type]  # it is only called
            max_queued_incoming_messages=_MOST_WAITING,
            tls_context=tls,
            socket_options=[_NO_WAITING],
        )
        client.pending_calls_threshold = _MOST_WAITING
        return client

    def _new_arrivals(self, maxsize: int) -> Arrivals:
        self._arrivals = Arrivals(maxsize)
        return self._arrivals

    def _judge(self, trouble: aiomqtt.MqttError) -> None:
        """What waiting won't mend ends the start; once it has worked, it may work again."""
        if self._met:
            return
        reason = trouble.rc if isinstance(trouble, aiomqtt.MqttCodeError) else None
        value = getattr(reason, "value", reason)
        name = self._address.name
        if value in _NOT_LET_IN:
            raise SettingsError(
                f"The broker {name} does not let us in.",
                hint="Set MQTT_USERNAME and MQTT_PASSWORD, or ask who runs it for permission.",
            )
        if value == _UNKNOWN_VERSION:
            raise ReparteeError(
                f"The broker {name} does not speak MQTT 5.",
                hint="Mosquitto does from version 1.6 on.",
            )
        if _UNTRUSTED in str(trouble):
            raise SettingsError(
                f"The certificate of the broker {name} can't be trusted.",
                hint="MQTT_CA_FILE names the certificate of the authority that signed it.",
            )

    # ------------------------------------------------------------ which connection there is

    def _use(self, client: aiomqtt.Client | None) -> None:
        self._client = client
        self._changed.set()
        self._changed = asyncio.Event()
        for sending in self._sending:
            sending.cancel()

    async def _next_client(self) -> aiomqtt.Client:
        while self._client is None:
            await self._changed.wait()
        return self._client

    @contextmanager
    def _until_lost(self, sending: anyio.CancelScope) -> Iterator[None]:
        """Nobody waits for the answer of a connection that there is no more."""
        self._sending.add(sending)
        try:
            yield
        finally:
            self._sending.remove(sending)


async def _publish(client: aiomqtt.Client, parcel: Parcel) -> None:
    qos = 1 if parcel.lasting else 0
    await client.publish(parcel.topic, parcel.payload, qos=qos, retain=parcel.retained)


def _bytes_of(payload: object) -> bytes:
    return payload if isinstance(payload, bytes) else b""
