"""The connection to the broker: how others see it, how it comes back, and who may make it."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import anyio.lowlevel
import msgspec
import pytest
from anyio.abc import SocketAttribute, SocketStream, TaskStatus

from repartee.bridges.mqtt.address import BrokerAddress
from repartee.bridges.mqtt.link import Backoff, Link
from repartee.bridges.mqtt.parcel import Parcel
from repartee.errors import SettingsError
from tests.bridges.mqtt.bridged import SOON, bridged
from tests.bridges.mqtt.device import Device, device
from tests.bridges.mqtt.mosquitto import Mosquitto
from tests.programs import needed_program

pytestmark = pytest.mark.anyio


def statuses(it: Device) -> list[bytes]:
    return [message.payload for message in it.all("repartee/status")]


def a_link(address: BrokerAddress, **options: object) -> Link:
    given = {"backoff": SOON, **options}
    return Link(address, lambda *message: None, lambda count: None, 100_000, **given)  # type: ignore[arg-type]


@asynccontextmanager
async def running(link: Link) -> AsyncIterator[Link]:
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(link.run)
        yield link
        tasks.cancel_scope.cancel()


class Proxy:
    """Stands between a bridge and its broker; it can keep answers back, and cut the line."""

    def __init__(self, port: int) -> None:
        self.port = 0
        self.keeps_answers_back = False
        self.keeps_cuts_secret = False
        """The broker does not learn that a line was cut."""
        self._target = port
        self._connections: list[anyio.CancelScope] = []

    async def run(self, *, task_status: TaskStatus[None]) -> None:
        listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
        self.port = listener.extra(SocketAttribute.local_port)
        task_status.started()
        async with listener:
            await listener.serve(self._join)

    async def _join(self, client: SocketStream) -> None:
        async with await anyio.connect_tcp("127.0.0.1", self._target) as server:
            async with client, anyio.create_task_group() as tasks:
                self._connections.append(tasks.cancel_scope)
                tasks.start_soon(self._pass_on, client, server)
                tasks.start_soon(self._answer, server, client)
            if self.keeps_cuts_secret:
                await anyio.sleep_forever()

    async def _pass_on(self, client: SocketStream, server: SocketStream) -> None:
        async for data in client:
            await server.send(data)

    async def _answer(self, server: SocketStream, client: SocketStream) -> None:
        async for data in server:
            if not self.keeps_answers_back:
                await client.send(data)

    def cut(self) -> None:
        for connection in self._connections:
            connection.cancel()


class TestStatus:
    async def test_it_says_that_it_is_there_and_that_it_goes(self, broker: Mosquitto) -> None:
        async with device(broker.port) as it:
            async with bridged(broker):
                online = await it.until("repartee/status")
                assert (online.payload, online.qos) == (b"online", 1)
            await it.until("repartee/status", 2)
            assert statuses(it) == [b"online", b"offline"]

    async def test_whoever_comes_later_sees_it_too(self, broker: Mosquitto) -> None:
        async with device(broker.port) as it:
            async with bridged(broker):
                await it.until("repartee/status")
                async with device(broker.port) as late:
                    status = await late.until("repartee/status")
                    assert (status.payload, status.retained) == (b"online", True)
            async with device(broker.port) as later:
                status = await later.until("repartee/status")
                assert (status.payload, status.retained) == (b"offline", True)

    async def test_the_broker_says_it_when_it_can_not(self, broker: Mosquitto) -> None:
        proxy = Proxy(broker.port)
        async with device(broker.port) as it, anyio.create_task_group() as tasks:
            await tasks.start(proxy.run)
            async with running(a_link(BrokerAddress("127.0.0.1", proxy.port))):
                await it.until("repartee/status")
                proxy.cut()
                await it.until("repartee/status", 3)
            tasks.cancel_scope.cancel()
            assert statuses(it)[:3] == [b"online", b"offline", b"online"]

    async def test_a_line_that_the_broker_believes_in_does_not_belie_the_new_one(
        self, broker: Mosquitto
    ) -> None:
        proxy = Proxy(broker.port)
        proxy.keeps_cuts_secret = True
        async with device(broker.port) as it, anyio.create_task_group() as tasks:
            await tasks.start(proxy.run)
            async with running(a_link(BrokerAddress("127.0.0.1", proxy.port))):
                await it.until("repartee/status")
                proxy.cut()
                await it.until("repartee/status", 3)
            tasks.cancel_scope.cancel()
            assert statuses(it)[:3] == [b"online", b"offline", b"online"]


class TestReconnecting:
    async def test_conversations_go_on_after_the_broker_was_away(self, broker: Mosquitto) -> None:
        async with bridged(broker):
            async with device(broker.port) as it:
                await it.until("repartee/status")
                await it.ask("Before.")
                await it.answer()
            broker.stop()
            broker.start()
            async with device(broker.port) as it:
                await it.until("repartee/status")
                await it.ask("After.")
                assert await it.answer() == "You said: After."

    async def test_it_waits_for_a_broker_that_is_not_there_yet(self, broker: Mosquitto) -> None:
        broker.stop()
        async with bridged(broker):
            broker.start()
            async with device(broker.port) as it:
                await it.until("repartee/status")

    async def test_it_waits_longer_each_time(self, broker: Mosquitto) -> None:
        broker.stop()
        waited: list[float] = []

        async def sleep(seconds: float) -> None:
            waited.append(seconds)
            if len(waited) == 6:
                raise EnoughError
            await anyio.lowlevel.checkpoint()

        address = BrokerAddress("127.0.0.1", broker.port)
        with pytest.raises(EnoughError):
            await a_link(address, backoff=Backoff(0.5, 5), sleep=sleep).run()
        assert waited == [0.5, 1, 2, 4, 5, 5]

    async def test_what_must_arrive_is_sent_when_there_is_a_connection(
        self, broker: Mosquitto
    ) -> None:
        link = a_link(BrokerAddress("127.0.0.1", broker.port))
        async with device(broker.port) as it, anyio.create_task_group() as tasks:
            tasks.start_soon(link.publish, Parcel("hermes/late", b"at last"))
            await anyio.lowlevel.checkpoint()
            tasks.start_soon(link.run)
            assert (await it.until("hermes/late")).payload == b"at last"
            tasks.cancel_scope.cancel()

    async def test_what_must_arrive_is_sent_again_if_nobody_said_that_it_did(
        self, broker: Mosquitto
    ) -> None:
        proxy = Proxy(broker.port)
        async with device(broker.port) as it, anyio.create_task_group() as tasks:
            await tasks.start(proxy.run)
            async with running(a_link(BrokerAddress("127.0.0.1", proxy.port))) as link:
                await link.publish(Parcel("hermes/first", b""))
                proxy.keeps_answers_back = True
                tasks.start_soon(link.publish, Parcel("hermes/text", b"", lasting=True))
                await it.until("hermes/text")
                proxy.keeps_answers_back = False
                proxy.cut()
                await it.until("hermes/text", 2)
            tasks.cancel_scope.cancel()


class EnoughError(Exception):
    pass


# ---------------------------------------------------------------- who may connect


@pytest.fixture
def guarded(program: str, tmp_path: Path) -> Mosquitto:
    """A broker that wants a name and a password."""
    passwords = tmp_path / "passwords"
    maker = needed_program("mosquitto_passwd", package="mosquitto")
    subprocess.run(
        [maker, "-b", "-c", str(passwords), "ada", "let me in"], check=True, capture_output=True
    )
    return Mosquitto(program, tmp_path, f"password_file {passwords}", anonymous=False)


class TestNamesAndPasswords:
    async def test_they_open_the_door(self, guarded: Mosquitto) -> None:
        with guarded:
            address = BrokerAddress("127.0.0.1", guarded.port, username="ada", password="let me in")
            await _connects(a_link(address))

    @pytest.mark.parametrize(("username", "password"), [("ada", "open"), (None, None)])
    async def test_a_wrong_one_ends_the_start_with_a_sentence(
        self, username: str | None, password: str | None, guarded: Mosquitto
    ) -> None:
        with guarded:
            address = BrokerAddress("127.0.0.1", guarded.port, username=username, password=password)
            with pytest.raises(SettingsError, match=r"does not let us in\. Set MQTT_USERNAME"):
                await a_link(address).run()


class Certificates(msgspec.Struct, frozen=True):
    folder: Path
    """An authority, and what it signed for 127.0.0.1."""

    @property
    def authority(self) -> str:
        return str(self.folder / "ca.pem")


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    folder = tmp_path_factory.mktemp("certificates")
    openssl = needed_program("openssl", package="openssl")
    new = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    steps = (
        [*new, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=An authority", "-days", "2"],
        [*new, "-keyout", "key.pem", "-out", "cert.pem", "-subj", "/CN=127.0.0.1", "-days", "2",
         "-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=CA:FALSE",
         "-CA", "ca.pem", "-CAkey", "ca.key"],
    )  # fmt: skip
    for step in steps:
        subprocess.run([openssl, *step], cwd=folder, check=True, capture_output=True)
    return Certificates(folder)


class TestEncryption:
    @pytest.fixture
    def encrypted(self, program: str, tmp_path: Path, certificates: Certificates) -> Mosquitto:
        folder = certificates.folder
        return Mosquitto(
            program,
            tmp_path,
            f"certfile {folder}/cert.pem",
            f"keyfile {folder}/key.pem",
        )

    async def test_a_broker_of_a_known_authority_is_trusted(
        self, encrypted: Mosquitto, certificates: Certificates
    ) -> None:
        with encrypted:
            address = BrokerAddress(
                "127.0.0.1", encrypted.port, encrypted=True, ca_file=certificates.authority
            )
            await _connects(a_link(address))

    @pytest.mark.filterwarnings(
        "ignore::pytest.PytestUnraisableExceptionWarning"
    )  # paho leaves a connection to itself that it could not encrypt
    async def test_one_of_an_unknown_authority_is_not(self, encrypted: Mosquitto) -> None:
        with encrypted:
            address = BrokerAddress("127.0.0.1", encrypted.port, encrypted=True)
            with pytest.raises(SettingsError, match=r"can't be trusted\. MQTT_CA_FILE"):
                await a_link(address).run()


async def _connects(link: Link) -> None:
    """A message that must arrive has arrived."""
    async with running(link):
        with anyio.fail_after(10):
            await link.publish(Parcel("hermes/hello", b""))
