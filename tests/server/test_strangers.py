"""A server that others can reach, and what strangers do to it: guess, knock, and say nothing."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import anyio
import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from repartee.testing.server_process import ServerProcess
from tests.server.security.door import KEY, PAGE, WITH_KEY

pytestmark = pytest.mark.anyio

MOST_LINES = 4
WITHIN_SECONDS = 30


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    """Behind a proxy, which is this machine."""
    with ServerProcess(
        **dict.fromkeys(("VAD", "STT", "LLM", "TTS"), "scripted"),
        API_KEYS=KEY,
        TRUSTED_PROXIES="127.0.0.1",
        LIMIT_REFUSED_KEYS_PER_MINUTE="5",
        HEAD_SECONDS="1",
        MAX_CONNECTIONS=str(MOST_LINES),
    ) as server:
        yield server


def from_address(address: str, key: str = "") -> dict[str, str]:
    shown = {"X-API-Key": key} if key else {}
    return {"X-Forwarded-For": address, **shown}


async def config(server: ServerProcess, headers: dict[str, str]) -> httpx.Response:
    async with httpx.AsyncClient() as client:
        return await client.get(f"http://127.0.0.1:{server.port}/config", headers=headers)


async def test_who_guesses_keys_is_made_to_wait_wherever_the_proxy_says_it_is(
    server: ServerProcess,
) -> None:
    guesses = [
        await config(server, from_address("203.0.113.7", f"guess-number-{number:08}"))
        for number in range(7)
    ]
    assert [guess.status_code for guess in guesses] == [401] * 5 + [429] * 2
    assert 1 <= int(guesses[-1].headers["Retry-After"]) <= 120
    assert guesses[-1].json()["error"].startswith("The limit of 5 unknown keys per minute is")
    assert (await config(server, from_address("203.0.113.7", KEY))).status_code == 429
    assert (await config(server, from_address("203.0.113.8", KEY))).status_code == 200
    assert "5 of them from 203.0.113.7." in server.log()
    async with httpx.AsyncClient() as client:
        figures = await client.get(f"http://127.0.0.1:{server.port}/metrics", headers=WITH_KEY)
    assert 'repartee_keys_refused_total{shown="wrong"} 5.0' in figures.text
    assert 'repartee_limits_reached_total{limit="keys"} 3.0' in figures.text


async def test_a_socket_that_is_refused_leaves_no_error_in_the_log(server: ServerProcess) -> None:
    for name, headers, status in (
        ("localhost", {}, 401),
        ("evil.example", {}, 421),
        ("localhost", {"Origin": "https://evil.example", **WITH_KEY}, 403),
    ):
        with pytest.raises(InvalidStatus) as refused:
            await connect(
                f"ws://{name}/ws", host="127.0.0.1", port=server.port, additional_headers=headers
            )
        assert refused.value.response.status_code == status
    async with connect(server.url, additional_headers={"Origin": PAGE}) as line:
        with pytest.raises(ConnectionClosed):
            await line.recv()
    assert line.close_code == 4401
    said = [json.loads(entry) for entry in server.log().splitlines() if entry.startswith("{")]
    assert [entry for entry in said if entry["level"] == "error"] == []


async def test_who_says_nothing_keeps_nobody_out(server: ServerProcess) -> None:
    address = ("127.0.0.1", server.port)
    silent = [socket.create_connection(address, timeout=WITHIN_SECONDS) for _ in range(40)]
    try:
        assert (await config(server, WITH_KEY)).status_code == 200
        async with connect(server.url, additional_headers=WITH_KEY) as line:
            await line.recv()
            for one in silent:
                assert await anyio.to_thread.run_sync(one.recv, 1) == b"", "each is ended in time"
            await line.send('{"type": "ping"}')
            assert "pong" in str(await line.recv())
    finally:
        for one in silent:
            one.close()
    assert "There are too many connections" in server.log()
