"""With keys on, every way into the application is closed to strangers, but for those listed."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from repartee.server import pages
from repartee.server.app import build_app
from repartee.server.house import House
from repartee.server.security.guard import KEY_NEEDED
from tests.server.open_house import asking, open_house
from tests.server.security.door import KEY, PAGE, WITH_KEY, Way, knock, ways_into

pytestmark = pytest.mark.anyio

OPEN = {"/", "/docs", "/health", "/ready", "/openapi.json"}
"""Beside the files of the pages, which are the same everywhere."""
OF_PAGES = ("/page/", "/docs/", "/assets/")


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house(api_keys=KEY) as house:
        yield house


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with asking(house) as client:
        yield client


def is_open(way: Way) -> bool:
    if way.method not in ("GET", "HEAD"):
        return False
    files = {f"/{file.name}" for file in pages.BUILT.glob("*")}
    return way.path in OPEN | files or way.path.startswith(OF_PAGES)


def refused(response: httpx.Response) -> bool:
    return response.status_code == 401


async def test_all_of_them_are_found(house: House) -> None:
    found = {(way.method, way.path) for way in ways_into(build_app(house))}
    assert {
        ("WS", "/ws"),
        ("WS", "/call"),
        ("WS", "/api/voice/ws/chat"),
        ("POST", "/upload"),
        ("GET", "/sessions"),
        ("DELETE", "/sessions"),
        ("POST", "/api/voice/synthesize"),
        ("GET", "/page/index.html"),
    } <= found


async def test_each_refuses_a_stranger_who_sends_a_request(
    house: House, client: httpx.AsyncClient
) -> None:
    for way in ways_into(build_app(house)):
        if way.method == "WS":
            continue
        response = await client.request(way.method, way.path)
        assert refused(response) is not is_open(way), way
        if refused(response) and way.method != "HEAD":
            assert response.json()["error"] == response.json()["detail"]
            assert response.json()["error"].startswith("No key that is known here was shown.")
            assert response.headers["www-authenticate"] == 'Bearer realm="repartee"'
            assert response.headers["x-content-type-options"] == "nosniff"


async def test_what_is_not_there_refuses_a_stranger_too(client: httpx.AsyncClient) -> None:
    for path in ("/nothing", "/sessions/", "/healthy", "/health/", "/ws", "/sessions%2f"):
        assert refused(await client.get(path)), path


async def test_each_socket_refuses_a_stranger(house: House) -> None:
    app = build_app(house)
    for path in sockets_of(app):
        met = await knock(app, path)
        assert met.status == 401, path
        assert met.headers["www-authenticate"] == 'Bearer realm="repartee"'
        assert met.body["error"].startswith("No key that is known here was shown.")


async def test_each_socket_tells_a_page_in_the_way_that_pages_understand(house: House) -> None:
    app = build_app(house)
    for path in sockets_of(app):
        for origin in (PAGE, "https://evil.example"):
            met = await knock(app, path, headers={"Origin": origin}, protocols=("repartee",))
            assert (met.code, met.protocol) == (KEY_NEEDED, "repartee")
            assert met.reason.startswith("No token that holds was shown.")


async def test_each_lets_somebody_with_a_key_in(house: House, client: httpx.AsyncClient) -> None:
    app = build_app(house)
    for way in ways_into(app):
        if way.method == "WS":
            assert (await knock(app, way.path, headers=WITH_KEY)).status == 101, way
        else:
            answer = await client.request(way.method, way.path, headers=WITH_KEY)
            assert not refused(answer), way


async def test_without_keys_nobody_is_asked_for_one() -> None:
    async with open_house() as house, asking(house) as client:
        app = build_app(house)
        for way in ways_into(app):
            if way.method == "WS":
                assert (await knock(app, way.path)).status == 101, way
            else:
                assert not refused(await client.request(way.method, way.path)), way


def sockets_of(app: FastAPI) -> list[str]:
    return [way.path for way in ways_into(app) if way.method == "WS"]
