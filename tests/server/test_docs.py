"""`/docs`: every interface, described without the help of another host."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from repartee.server.docs import PAGE
from tests.server.open_house import asking, open_house

pytestmark = pytest.mark.anyio

FILES = sorted(PAGE.iterdir())


async def test_the_page_and_its_parts_are_there() -> None:
    async with open_house() as house, asking(house) as client:
        page = await client.get("/docs")
        assert page.headers["content-type"].startswith("text/html")
        assert "unsafe" not in page.headers["content-security-policy"]
        parts = re.findall(r'(?:src|href)="(/docs/[^"]+)"', page.text)
        assert len(parts) == 2
        for part in [*parts, "/docs/operations.js"]:
            assert (await client.get(part)).status_code == 200, part
        assert (await client.get("/docs/nothing.js")).status_code == 404


async def test_the_pages_that_need_another_host_are_gone() -> None:
    async with open_house() as house, asking(house) as client:
        assert (await client.get("/redoc")).status_code == 404
        assert "swagger" not in (await client.get("/docs")).text


async def test_sockets_are_described_beside_the_paths() -> None:
    async with open_house() as house, asking(house) as client:
        description = (await client.get("/openapi.json")).json()
    sockets = {one["path"]: one["description"] for one in description["x-websockets"]}
    assert {"/ws", "/call", "/api/voice/ws/chat"} <= set(sockets)
    assert all(sockets.values()), "each says what it is"
    assert "/health" in description["paths"]


async def test_every_operation_says_what_it_is() -> None:
    async with open_house() as house, asking(house) as client:
        description = (await client.get("/openapi.json")).json()
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            assert operation.get("description"), f"{method} {path}"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_no_file_names_another_host_or_does_what_the_policy_forbids(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert not re.search(r"(?:https?:|wss?:)//\w", text)
    assert not re.search(r"innerHTML|insertAdjacentHTML|document\.write|eval\(", text)
    assert not re.search(r'\s(style|on\w+)="', text)
