"""What a browser may do with what it gets from us."""

from __future__ import annotations

import pytest
from starlette.types import Message, Receive, Scope, Send

from repartee.server.security.headers import PageHeaders

pytestmark = pytest.mark.anyio

HOST = "voice.example:8000"


async def _receive() -> Message:
    raise AssertionError("nothing is read")


async def _send(message: Message) -> None:
    raise AssertionError("nothing is said")


async def headers_at(
    path: str, host: str = HOST, scheme: str = "http", hsts_days: int = 180, **own: str
) -> dict[str, str]:
    """The headers of an answer from behind the middleware."""
    sent: list[Message] = []

    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(name.replace("_", "-").encode(), own[name].encode()) for name in own]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    async def keep(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "scheme": scheme,
        "path": path,
        "headers": [(b"host", host.encode())],
    }
    await PageHeaders(page, hsts_days)(scope, _receive, keep)
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
        assert "object-src 'none'" in policy
        assert "frame-ancestors 'self'" in policy
        assert headers["cache-control"] == "no-cache"

    async def test_it_connects_to_this_host_and_no_other(self) -> None:
        policy = (await headers_at("/"))["content-security-policy"]
        assert f"connect-src 'self' ws://{HOST} wss://{HOST};" in policy

    @pytest.mark.parametrize("host", ["", "x; script-src *", "a b", 'evil.example" x', "*"])
    async def test_a_host_can_not_write_into_the_policy(self, host: str) -> None:
        policy = (await headers_at("/", host))["content-security-policy"]
        assert "connect-src 'self';" in policy

    async def test_others_may_load_the_widget(self) -> None:
        assert "cross-origin-resource-policy" not in await headers_at("/widget.js")

    @pytest.mark.parametrize("path", ["/openapi.json", "/health", "/pages", "/page"])
    async def test_other_answers_are_left_to_run_what_they_need(self, path: str) -> None:
        assert "content-security-policy" not in await headers_at(path)

    async def test_an_answer_with_its_own_mind_keeps_it(self) -> None:
        headers = await headers_at("/", cache_control="max-age=60")
        assert headers["cache-control"] == "max-age=60"

    @pytest.mark.parametrize("path", ["/", "/health"])
    async def test_who_came_encrypted_is_told_to_come_by_nothing_else(self, path: str) -> None:
        headers = await headers_at(path, scheme="https", hsts_days=2)
        assert headers["strict-transport-security"] == "max-age=172800"

    async def test_but_not_who_came_otherwise_or_where_it_is_not_wished(self) -> None:
        for headers in (await headers_at("/"), await headers_at("/", scheme="https", hsts_days=0)):
            assert "strict-transport-security" not in headers

    @pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "me.localhost", "localhost."])
    async def test_nor_at_a_name_that_other_programs_of_this_machine_have_too(
        self, host: str
    ) -> None:
        assert "strict-transport-security" not in await headers_at("/", host, scheme="https")

    async def test_sockets_pass_untouched(self) -> None:
        passed: list[tuple[Scope, Receive, Send]] = []

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            passed.append((scope, receive, send))

        scope: Scope = {"type": "websocket", "path": "/"}
        await PageHeaders(app)(scope, _receive, _send)
        assert passed == [(scope, _receive, _send)]
