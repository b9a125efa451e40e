"""How large a request may be, and what is said to one that is larger."""

from __future__ import annotations

from collections.abc import AsyncIterator

import anyio
import httpx
import pytest
from fastapi import FastAPI, Request

from repartee.server import problems
from repartee.server.body_limit import UPLOADS, BodyLimit

pytestmark = pytest.mark.anyio

USUAL, UPLOAD = 1_000, 5_000
SENTENCE = "The request is too large: at most {} bytes are taken here. Send less."


def an_app() -> FastAPI:
    app = FastAPI()
    app.add_middleware(BodyLimit, usual_bytes=USUAL, upload_bytes=UPLOAD)
    problems.install(app)

    @app.post("/{path:path}")
    async def size(request: Request) -> int:
        return len(await request.body())

    return app


async def in_pieces(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 100):
        yield b"x" * 100


async def ask(path: str, size: int, *, declared: bool) -> httpx.Response:
    transport = httpx.ASGITransport(an_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.post(path, content=b"x" * size if declared else in_pieces(size))


@pytest.mark.parametrize("declared", [True, False])
@pytest.mark.parametrize(("path", "most"), [("/config", USUAL), (UPLOADS[0], UPLOAD)])
async def test_a_path_takes_so_much_and_no_more(path: str, most: int, declared: bool) -> None:
    taken = await ask(path, most, declared=declared)
    assert (taken.status_code, taken.json()) == (200, most)
    refused = await ask(path, most + 100, declared=declared)
    assert refused.status_code == 413
    assert refused.json() == {"detail": SENTENCE.format(most), "error": SENTENCE.format(most)}


async def test_whoever_never_comes_to_an_end_is_told_so() -> None:
    async def trickling() -> AsyncIterator[bytes]:
        yield b"x"
        await anyio.sleep_forever()

    app = FastAPI()
    app.add_middleware(BodyLimit, usual_bytes=USUAL, upload_bytes=UPLOAD, seconds=0.05)
    problems.install(app)

    @app.post("/")
    async def size(request: Request) -> int:
        return len(await request.body())

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        response = await client.post("/", content=trickling())
    assert response.status_code == 408
    assert response.json()["error"] == (
        "The request took longer than 0.05 seconds to come. Send it again."
    )


async def test_a_length_that_is_no_number_is_counted() -> None:
    transport = httpx.ASGITransport(an_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        headers = {"content-length": "many"}
        assert (await client.post("/a", content=b"x" * 2_000, headers=headers)).status_code == 413
