"""Which pages may come in, and what a browser may do with ours."""

from __future__ import annotations

import pytest
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from repartee.server.security import PageHeaders, origin_may_enter

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


async def headers_at(path: str, **own: str) -> dict[str, str]:
    """The headers of an answer from behind the middleware."""
    sent: list[Message] = []

    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(name.replace("_", "-").encode(), own[name].encode()) for name in own]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    async def keep(message: Message) -> None:
        sent.append(message)

    await PageHeaders(page)({"type": "http", "path": path}, _receive, keep)
    start, body = sent
    assert body == {"type": "http.response.body", "body": b""}
    return {name.decode().lower(): value.decode() for name, value in start["headers"]}


class TestHeaders:
    @pytest.mark.parametrize("path", ["/", "/page/style.css", "/health", "/docs"])
    async def test_every_answer_is_sealed(self, path: str) -> None:
        headers = await headers_at(path)
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["permissions-policy"] == "microphone=(self)"

    @pytest.mark.parametrize("path", ["/", "/page/style.css", "/docs", "/docs/docs.js"])
    async def test_our_page_runs_only_what_is_ours(self, path: str) -> None:
        headers = await headers_at(path)
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert headers["cache-control"] == "no-cache"

    @pytest.mark.parametrize("path", ["/openapi.json", "/health", "/pages", "/page"])
    async def test_other_answers_are_left_to_run_what_they_need(self, path: str) -> None:
        assert "content-security-policy" not in await headers_at(path)

    async def test_an_answer_with_its_own_mind_keeps_it(self) -> None:
        headers = await headers_at("/", cache_control="max-age=60")
        assert headers["cache-control"] == "max-age=60"

    async def test_sockets_pass_untouched(self) -> None:
        passed: list[tuple[Scope, Receive, Send]] = []

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            passed.append((scope, receive, send))

        scope: Scope = {"type": "websocket", "path": "/"}
        await PageHeaders(app)(scope, _receive, _send)
        assert passed == [(scope, _receive, _send)]
