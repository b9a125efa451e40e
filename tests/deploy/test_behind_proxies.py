"""The server behind nginx and behind Caddy, as deploy/ sets them up: encrypted, and with keys."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from repartee.server.app import longest_body
from repartee.settings import Settings
from repartee.testing.server_process import ServerProcess
from tests.deploy.proxies import NAME, PROXIES, Proxy
from tests.server.every_interface import WAV

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("server")]

KEY = "a-key-of-sixteen-characters-or-more"
WITH_KEY = {"Authorization": f"Bearer {KEY}"}
SLOW = """
[stt]
transcripts = ["Tell me something."]
[llm]
replies = ["One thing. Another thing. A third thing."]
token_ms = 60
"""
SETTINGS = {
    **dict.fromkeys(("VAD", "STT", "LLM", "TTS"), "scripted"),
    "TRUSTED_PROXIES": "127.0.0.1",
    "TRUSTED_HOSTS": NAME,
    "HSTS_DAYS": "180",
    "API_KEYS": KEY,
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Set as docs/operate.md sets it, with a key."""
    script = tmp_path_factory.mktemp("script") / "script.toml"
    script.write_text(SLOW)
    with ServerProcess(**SETTINGS, SCRIPT=str(script)) as it:
        yield it


@pytest.fixture(scope="module", params=PROXIES)
def proxy(
    request: pytest.FixtureRequest,
    server: ServerProcess,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Proxy]:
    with PROXIES[request.param](server.port, tmp_path_factory.mktemp(request.param)) as it:
        yield it


class Through(httpx.AsyncClient):
    """Asks for the server by its name, and the certificate must be for that name."""

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(
            base_url=f"https://127.0.0.1:{proxy.https_port}",
            headers={"Host": NAME},
            verify=proxy.trust,
            timeout=30,
        )

    async def send(self, request: httpx.Request, **more: Any) -> httpx.Response:
        request.extensions["sni_hostname"] = NAME
        return await super().send(request, **more)


def line_to(proxy: Proxy, path: str, **more: Any) -> connect:
    address = f"wss://{NAME}{path}"
    there: dict[str, Any] = {"host": "127.0.0.1", "port": proxy.https_port, "ssl": proxy.trust}
    return connect(address, compression=None, **there, **more)


async def answer_on(line: ClientConnection) -> str:
    await line.send('{"type": "chat", "message": "Hello."}')
    while (told := json.loads(await line.recv()))["type"] != "response_complete":
        pass
    return str(told["full_text"])


async def test_plain_http_leads_to_https(proxy: Proxy) -> None:
    async with httpx.AsyncClient() as client:
        address = f"http://127.0.0.1:{proxy.http_port}/docs?a=b"
        answer = await client.get(address, headers={"Host": NAME})
    assert answer.status_code in (301, 308)
    assert answer.headers["Location"].startswith(f"https://{NAME}")
    assert answer.headers["Location"].endswith("/docs?a=b")


async def test_strangers_are_turned_away_and_keys_are_let_in(proxy: Proxy) -> None:
    async with Through(proxy) as client:
        assert (await client.get("/health")).status_code == 200
        assert (await client.get("/sessions")).status_code == 401
        assert (await client.get("/sessions", headers=WITH_KEY)).status_code == 200
        with pytest.raises(InvalidStatus) as denied:
            await line_to(proxy, "/ws")
        assert denied.value.response.status_code == 401


async def test_figures_are_not_shown_to_the_world(proxy: Proxy) -> None:
    async with Through(proxy) as client:
        assert (await client.get("/metrics", headers=WITH_KEY)).status_code == 404


async def test_the_server_knows_that_it_is_reached_over_https(proxy: Proxy) -> None:
    async with Through(proxy) as client:
        config = (await client.get("/config", headers=WITH_KEY)).json()
        page = await client.get("/")
    assert config["websocket_url"] == f"wss://{NAME}/ws"
    assert "max-age" in page.headers["Strict-Transport-Security"]


async def test_a_program_talks_with_its_key(proxy: Proxy) -> None:
    async with line_to(proxy, "/ws", additional_headers=WITH_KEY) as line:
        assert "third thing" in await answer_on(line)


async def test_a_page_talks_with_a_token(proxy: Proxy) -> None:
    async with Through(proxy) as client:
        token = (await client.post("/tokens", headers=WITH_KEY)).json()["token"]
    async with line_to(proxy, f"/ws?token={token}", origin=f"https://{NAME}") as line:
        assert "third thing" in await answer_on(line)


async def test_no_word_is_held_back(proxy: Proxy) -> None:
    """The parts of a streamed answer come as they are made, which takes most of a second."""
    async with Through(proxy) as client:
        upload = (await client.post("/upload", content=WAV, headers=WITH_KEY)).json()
        moments: list[float] = []
        address = f"/stream/{upload['session_id']}"
        async with client.stream("GET", address, headers=WITH_KEY) as answer:
            async for part in answer.aiter_text():
                moments += [time.monotonic()] * part.count("data:")
    assert len(moments) > 3
    assert moments[-1] - moments[0] > 0.2


async def test_the_longest_recording_reaches_the_server(proxy: Proxy) -> None:
    """What is wrong with it, it says itself: the proxies know no JSON."""
    async with Through(proxy) as client:
        answer = await client.post(
            "/upload", content=b"\0" * longest_body(Settings()), headers=WITH_KEY
        )
    assert answer.json()["error"]


@pytest.mark.parametrize("name", PROXIES)
async def test_nobody_poses_as_another(name: str, tmp_path: Path) -> None:
    """Who is counted by address can't get more by claiming to be somebody else each time."""
    counted = {"ALLOW_STRANGERS": "true", "LIMIT_REQUESTS_PER_MINUTE": "3"}
    settings = {**SETTINGS, **counted, "API_KEYS": ""}
    with ServerProcess(**settings) as server, PROXIES[name](server.port, tmp_path) as proxy:
        async with Through(proxy) as client:
            answers = [
                await client.get("/sessions", headers={"X-Forwarded-For": f"203.0.113.{n}"})
                for n in range(4)
            ]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
