"""The server as it is served: encrypted, behind a proxy, and with a log that knows no secret."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from io import StringIO
from pathlib import Path
from typing import Any

import anyio.lowlevel
import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from repartee.errors import ReparteeError
from repartee.observe.logs import configure
from repartee.server.house import House
from repartee.server.run import PoliteServer, _uvicorn_config, page_url
from repartee.server.security.guard import KEY_NEEDED
from repartee.server.security.keys import digest_of
from repartee.store.protocol import StoredKey
from tests.observe.restored import log_restored
from tests.programs import needed_program
from tests.server.open_house import open_house
from tests.server.security.door import KEY, PAGE, WITH_KEY

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def served(**settings: Any) -> AsyncIterator[tuple[House, str]]:
    """A server on a port of its own, and where it is, without the scheme."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    async with open_house(port=port, **settings) as house:
        server = PoliteServer(_uvicorn_config(house), house, open_browser=False)
        serving = asyncio.create_task(server.serve())
        while not server.started:
            assert not serving.done()
            await anyio.lowlevel.checkpoint()
        try:
            yield house, f"127.0.0.1:{port}"
        finally:
            server.should_exit = True
            await serving


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One that vouches for itself, made by this test."""
    folder = tmp_path_factory.mktemp("certificate")
    made = [
        needed_program("openssl", package="openssl"),
        *["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
        *["-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "2"],
        *["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
    ]
    subprocess.run(made, cwd=folder, check=True, capture_output=True)
    return folder


def _files_of(certificate: Path) -> dict[str, str]:
    return {"tls_cert": str(certificate / "cert.pem"), "tls_key": str(certificate / "key.pem")}


class TestEncryption:
    async def test_it_is_served_with_a_certificate(self, certificate: Path) -> None:
        trust = ssl.create_default_context(cafile=certificate / "cert.pem")
        async with served(**_files_of(certificate)) as (house, place):
            assert page_url(house.settings).startswith("https://")
            async with httpx.AsyncClient(verify=trust, base_url=f"https://{place}") as client:
                config = (await client.get("/config")).json()
                assert config["websocket_url"] == f"wss://{place}/ws"
            async with connect(config["websocket_url"], ssl=trust) as line:
                assert "session_id" in str(await line.recv())
            async with httpx.AsyncClient() as client:
                with pytest.raises(httpx.TransportError):
                    await client.get(f"http://{place}/health")

    async def test_browsers_are_told_to_stay_with_it(self, certificate: Path) -> None:
        trust = ssl.create_default_context(cafile=certificate / "cert.pem")
        async with (
            served(hsts_days=180, **_files_of(certificate)) as (_, place),
            httpx.AsyncClient(verify=trust) as client,
        ):
            answer = await client.get(f"https://{place}/")
        assert answer.headers["Strict-Transport-Security"] == "max-age=15552000"

    async def test_but_only_if_whose_name_it_is_says_so(self, certificate: Path) -> None:
        trust = ssl.create_default_context(cafile=certificate / "cert.pem")
        async with (
            served(**_files_of(certificate)) as (_, place),
            httpx.AsyncClient(verify=trust) as client,
        ):
            answer = await client.get(f"https://{place}/")
        assert "Strict-Transport-Security" not in answer.headers

    async def test_who_never_begins_to_encrypt_is_cut_off(self, certificate: Path) -> None:
        async with served(head_seconds=1, **_files_of(certificate)) as (_, place):
            host, _, port = place.partition(":")
            reader, writer = await asyncio.open_connection(host, int(port))
            with anyio.fail_after(20):
                assert await reader.read() == b""
            writer.close()


class TestBeforeEncryption:
    """Whoever connects and says nothing has a line, too."""

    async def test_one_address_has_so_many(self, certificate: Path) -> None:
        settings = {"limits": "on", "limit_connections": 2, **_files_of(certificate)}
        async with (
            served(**settings) as (_, place),
            silent_lines(place, 2) as (first, second),
            silent_lines(place, 1) as (third,),
        ):
            assert await ends(third)
            assert not first.at_eof()
            assert not second.at_eof()

    async def test_in_all_there_is_room_for_so_many(self, certificate: Path) -> None:
        trust = ssl.create_default_context(cafile=certificate / "cert.pem")
        async with (
            served(max_connections=3, **_files_of(certificate)) as (_, place),
            silent_lines(place, 3) as (first, second, _third),
            httpx.AsyncClient(verify=trust) as client,
        ):
            assert (await client.get(f"https://{place}/health")).status_code == 200
            assert await ends(first), "who was silent longest made room"
            assert not second.at_eof()

    async def test_a_line_that_is_encrypted_is_counted_as_one_no_more(
        self, certificate: Path
    ) -> None:
        trust = ssl.create_default_context(cafile=certificate / "cert.pem")
        files = _files_of(certificate)
        async with served(limits="on", limit_connections=2, **files) as (_, place):
            for _ in range(5):
                async with httpx.AsyncClient(verify=trust) as client:
                    assert (await client.get(f"https://{place}/health")).status_code == 200


@asynccontextmanager
async def silent_lines(place: str, number: int) -> AsyncIterator[list[asyncio.StreamReader]]:
    host, _, port = place.partition(":")
    made = [await asyncio.open_connection(host, int(port)) for _ in range(number)]
    try:
        yield [reader for reader, _ in made]
    finally:
        for _, writer in made:
            writer.close()


async def ends(line: asyncio.StreamReader) -> bool:
    with anyio.fail_after(20), suppress(ConnectionError):
        return await line.read() == b""
    return True


FORWARDED = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}


class TestProxies:
    async def test_nobody_is_believed_unless_trusted(self) -> None:
        assert await self.scheme_told() == "ws"
        assert await self.scheme_told(trusted_proxies="203.0.113.0/24", api_keys=KEY) == "ws"

    async def test_a_trusted_one_says_if_it_was_encrypted(self) -> None:
        assert await self.scheme_told(trusted_proxies="127.0.0.1", api_keys=KEY) == "wss"
        assert await self.scheme_told(trusted_proxies="127.0.0.0/8", api_keys=KEY) == "wss"

    async def scheme_told(self, **settings: Any) -> str:
        async with served(hsts_days=1, **settings) as (_, place), httpx.AsyncClient() as client:
            headers = {**FORWARDED, **WITH_KEY}
            answer = await client.get(f"http://{place}/config", headers=headers)
        scheme = str(answer.json()["websocket_url"]).partition(":")[0]
        assert ("Strict-Transport-Security" in answer.headers) == (scheme == "wss")
        return scheme


class TestSockets:
    async def test_a_program_without_a_key_is_denied_with_a_status(self) -> None:
        async with served(api_keys=KEY) as (_, place):
            with pytest.raises(InvalidStatus) as denied:
                await connect(f"ws://{place}/ws")
        response = denied.value.response
        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"] == 'Bearer realm="repartee"'
        assert b"No key that is known here" in (response.body or b"")

    async def test_a_browser_sees_how_it_was_closed(self) -> None:
        async with served(api_keys=KEY) as (_, place):
            async with connect(f"ws://{place}/ws", origin=PAGE) as line:  # type: ignore[arg-type]
                with pytest.raises(ConnectionClosed):
                    await line.recv()
            assert line.close_code == KEY_NEEDED

    async def test_a_token_as_a_subprotocol_opens_a_call(self) -> None:
        async with served(api_keys=KEY) as (house, place):
            (key_id,) = house.keys._given
            wanted: Any = ["repartee", f"token.{house.tokens.issue(key_id)}"]
            async with connect(f"ws://{place}/ws", subprotocols=wanted, origin=PAGE) as line:  # type: ignore[arg-type]
                assert line.subprotocol == "repartee"
                assert "session_id" in str(await line.recv())

    async def test_a_call_ends_when_its_key_is_revoked(self) -> None:
        async with served(require_keys=True) as (house, place):
            stored = StoredKey(digest=digest_of(KEY), name="laptop", created_at=1.0)
            await house.store.keep_key(stored)
            await house.keys.look(house.store)
            async with connect(f"ws://{place}/ws", additional_headers=WITH_KEY) as line:
                await line.recv()
                await house.store.delete_key("laptop")
                await house.keys.look(house.store)
                with pytest.raises(ConnectionClosed):
                    await line.recv()
            assert line.close_code == 1001


async def test_there_are_file_handles_for_all_lines_before_the_first_comes(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_for: list[int] = []
    monkeypatch.setattr("repartee.server.run.make_room", asked_for.append)
    async with served(max_connections=70), served(max_connections=70, **_files_of(certificate)):
        assert asked_for == [70, 140]


async def test_a_port_that_is_taken_is_named() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = int(other.getsockname()[1])
        async with open_house(port=port) as house:
            server = PoliteServer(_uvicorn_config(house), house, open_browser=False)
            with pytest.raises(ReparteeError, match=f"could not listen on 127.0.0.1:{port}"):
                await server.serve()


class TestLog:
    @pytest.fixture
    def log(self) -> Iterator[StringIO]:
        written = StringIO()
        with log_restored():
            configure("DEBUG", "text", stream=written)
            yield written

    async def test_it_never_has_a_key_or_a_token(self, log: StringIO) -> None:
        async with served(api_keys=KEY, debug=True) as (house, place):
            (key_id,) = house.keys._given
            token = house.tokens.issue(key_id)
            async with httpx.AsyncClient() as client:
                await client.get(f"http://{place}/config", headers=WITH_KEY)
                await client.get(f"http://{place}/config?a=1&%74oken={token}")
                await client.get(f"http://{place}/config?token=wrong-{KEY}")
            async with connect(f"ws://{place}/ws?persona=astronaut&token={token}") as line:
                await line.recv()
            with pytest.raises(InvalidStatus):
                await connect(f"ws://{place}/ws?token={token}x")
            elsewhere: Any = dict(zip(("host", "port"), place.split(":"), strict=True))
            with pytest.raises(InvalidStatus):
                await connect(f"ws://evil.example/ws?%74oken={token}", **elsewhere)
        text = log.getvalue()
        assert "/config?a=1" in text, "requests are logged"
        assert '"WebSocket /ws?persona=astronaut" [accepted]' in text
        assert token not in text
        assert token.rpartition(".")[2] not in text
        assert KEY not in text
        assert logging.getLogger().level == logging.DEBUG
