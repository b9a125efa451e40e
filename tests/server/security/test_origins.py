"""Which pages may come in."""

from __future__ import annotations

import pytest
from starlette.types import Message
from starlette.websockets import WebSocket

from repartee.server.security.origins import origin_may_enter

pytestmark = pytest.mark.anyio

HOST = "voice.example:8000"
ALLOWED = ("http://localhost:3000", "https://friend.example")


async def _receive() -> Message:
    raise AssertionError("nothing is read")


async def _send(message: Message) -> None:
    raise AssertionError("nothing is said")


def socket(origin: str | None, host: str | None = HOST) -> WebSocket:
    given = {"host": host, "origin": origin}
    headers = [
        (name.encode(), value.encode()) for name, value in given.items() if value is not None
    ]
    return WebSocket({"type": "websocket", "path": "/ws", "headers": headers}, _receive, _send)


class TestOrigins:
    @pytest.mark.parametrize(
        "origin",
        [
            None,
            f"http://{HOST}",
            f"https://{HOST}",
            "http://localhost:3000",
            "https://friend.example",
        ],
    )
    async def test_programs_our_own_page_and_friends_may_enter(self, origin: str | None) -> None:
        assert origin_may_enter(socket(origin), ALLOWED)

    @pytest.mark.parametrize(
        "origin",
        [
            "https://evil.example",
            "http://voice.example",
            "http://voice.example:8001",
            f"http://{HOST}.evil.example",
            f"http://evil.example/{HOST}",
            f"http://user@{HOST}",
            "https://friend.example.evil.example",
            "http://localhost:3000/",
            "null",
            "",
            "http://",
            HOST,
        ],
    )
    async def test_others_may_not(self, origin: str) -> None:
        assert not origin_may_enter(socket(origin), ALLOWED)

    @pytest.mark.parametrize("origin", ["http://[::1", "http://[evil]/", "http://\u2100.example"])
    async def test_what_is_no_address_at_all_may_not(self, origin: str) -> None:
        assert not origin_may_enter(socket(origin), ALLOWED)

    @pytest.mark.parametrize("origin", ["null", "", "http://"])
    @pytest.mark.parametrize("host", [None, ""])
    async def test_a_page_from_nowhere_is_not_the_page_of_a_server_without_a_name(
        self, origin: str, host: str | None
    ) -> None:
        assert not origin_may_enter(socket(origin, host), ALLOWED)

    async def test_everybody_may_where_that_is_wished(self) -> None:
        assert origin_may_enter(socket("https://evil.example"), ("*",))
