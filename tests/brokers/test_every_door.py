"""With keys on, every way into either broker is closed to strangers, but for those listed."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from tests.brokers.behind import stt, tts
from tests.server.security.door import Way, ways_into

pytestmark = pytest.mark.anyio

KEY = "a-key-of-the-broker"
WITH_KEY = {"Authorization": f"Bearer {KEY}"}
NO_KEY = (
    "No key that is known here was shown. Send one as 'Authorization: Bearer KEY' or "
    "'X-API-Key: KEY'."
)
OPEN = ("/healthz", "/openapi.json", "/docs")
WHAT_THERE_IS = {
    "stt": {("POST", "/inference"), ("POST", "/load")},
    "tts": {("POST", "/synthesize"), ("POST", "/synthesize-batch"), ("GET", "/voices")},
}
IN_BOTH = {("GET", "/healthz"), ("GET", "/info"), ("GET", "/broker-status"), ("GET", "/docs")}


@pytest.fixture(params=["stt", "tts"])
def kind(request: pytest.FixtureRequest) -> str:
    chosen: str = request.param
    return chosen


@pytest.fixture
async def app(kind: str) -> AsyncIterator[FastAPI]:
    if kind == "stt":
        broker = stt("", "scripted", sst_broker_keys=KEY)
    else:
        broker = tts("", "scripted", tts_broker_keys=KEY)
    async with broker as app:
        yield app


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


def is_open(way: Way) -> bool:
    return way.method in ("GET", "HEAD") and (way.path in OPEN or way.path.startswith("/docs/"))


async def test_all_of_them_are_found(kind: str, app: FastAPI) -> None:
    ways = {(way.method, way.path) for way in ways_into(app)}
    assert WHAT_THERE_IS[kind] | IN_BOTH <= ways
    assert "WS" not in {method for method, _ in ways}


async def test_each_refuses_a_stranger(app: FastAPI, client: httpx.AsyncClient) -> None:
    for way in ways_into(app):
        response = await client.request(way.method, way.path)
        assert (response.status_code == 401) is not is_open(way), way
        if response.status_code == 401 and way.method != "HEAD":
            assert response.json() == {"detail": NO_KEY, "error": NO_KEY}
            assert response.headers["www-authenticate"] == 'Bearer realm="repartee"'
            assert response.headers["x-content-type-options"] == "nosniff"


async def test_what_is_not_there_refuses_a_stranger_too(client: httpx.AsyncClient) -> None:
    for path in ("/nothing", "/info/", "/health", "/healthz/", "/metrics", "/voices%2f"):
        assert (await client.get(path)).status_code == 401, path


async def test_each_lets_somebody_with_a_key_in(app: FastAPI, client: httpx.AsyncClient) -> None:
    for way in ways_into(app):
        answer = await client.request(way.method, way.path, headers=WITH_KEY)
        assert answer.status_code not in (401, 403, 421), way
