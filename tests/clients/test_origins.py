"""Which pages a browser lets read an answer, and which of them with its cookies."""

from __future__ import annotations

import pytest

from tests.clients.pages import PAGE_ON_PORT_3000
from tests.server.open_house import asking, open_house

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("allowed", "with_cookies"), [((PAGE_ON_PORT_3000,), True), (("*",), False)]
)
async def test_cookies_go_along_for_pages_that_are_named_and_not_for_all(
    allowed: tuple[str, ...], with_cookies: bool
) -> None:
    headers = {"Origin": PAGE_ON_PORT_3000, "Cookie": "repartee_conversation=mine"}
    async with open_house(cors_origins=allowed) as house, asking(house) as client:
        answer = (await client.get("/health", headers=headers)).headers
    assert answer["access-control-allow-origin"] in allowed
    assert (answer.get("access-control-allow-credentials") == "true") is with_cookies
