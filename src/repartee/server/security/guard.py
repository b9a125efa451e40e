"""The door: every request and every connection passes here, before anything else looks at it.

Whatever the application has is closed to strangers unless it is named here, so nobody who adds an
interface can forget to close it.
"""

from __future__ import annotations

from collections.abc import Collection

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from repartee.server import pages
from repartee.server.problems import answer
from repartee.server.security.callers import STRANGER, Caller, introduce
from repartee.server.security.credentials import (
    in_headers,
    in_subprotocols,
    subprotocol_for,
    taken_from_query,
)
from repartee.server.security.hosts import Hosts
from repartee.server.security.keys import KeyRing
from repartee.server.security.tokens import Tokens

OPEN_TO_ALL = ("/health", "/ready", "/openapi.json")
"""Beside the files of the pages: what balancers ask, and what is the same on every server."""
KEY_NEEDED = 4401
"""How a WebSocket of a browser is closed, which could not see a status."""

_PARTS_OF_CALLS = ("/config", "/upload")
"""What a token opens beside WebSockets, and beside what `/upload` has to answer."""
_NO_KEY = (
    "No key that is known here was shown. Send one as 'Authorization: Bearer KEY' or "
    "'X-API-Key: KEY'; a page opens its calls with a token from POST /tokens."
)
_NO_TOKEN = "No token that holds was shown. Get one from POST /tokens and add ?token=TOKEN."
_NO_HOST = (
    "This server is not known by the name that it was asked for. Add the name to TRUSTED_HOSTS on "
    "the server, or use its address."
)


class Guard:
    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: Hosts | None = None,
        keys: KeyRing | None = None,
        tokens: Tokens | None = None,
        open_to_all: Collection[str] = OPEN_TO_ALL,
    ) -> None:
        """Without `hosts` any name is taken, and without `keys` anybody may come in."""
        self._app = app
        self._hosts = hosts
        self._keys = keys
        self._tokens = tokens
        self._open_to_all = open_to_all

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        asked = HTTPConnection(scope)
        if self._hosts is not None and not self._hosts.know(asked.headers.get("host")):
            await _refuse(421, _NO_HOST, scope, receive, send)
            return
        tokens = [*taken_from_query(scope), *in_subprotocols(scope)]
        if self._keys is None:
            await self._app(scope, receive, send)
            return
        caller = self._caller(self._keys, [*in_headers(asked)], tokens, _is_a_call(scope))
        if caller is None and self._is_open(scope):
            caller = STRANGER
        if caller is None:
            await _refuse(401, _NO_KEY, scope, receive, send)
            return
        introduce(asked, caller)
        if scope["type"] == "http":
            await self._app(scope, receive, send)
            return
        with self._keys.line(caller.owner):
            await self._app(scope, receive, send)

    def _is_open(self, scope: Scope) -> bool:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            return False
        return scope["path"] in self._open_to_all or pages.is_part_of_a_page(scope["path"])

    def _caller(
        self, keys: KeyRing, shown: list[str], tokens: list[str], is_a_call: bool
    ) -> Caller | None:
        """Whose key or token this is. A token shows nobody what others said."""
        for text in shown:
            if (key := keys.find(text)) is not None:
                return Caller(key.id, sees_all=key.admin)
        if not is_a_call or self._tokens is None:
            return None
        for text in (*tokens, *shown):
            key_id = self._tokens.read(text)
            if key_id is not None and keys.named_by(key_id) is not None:
                return Caller(key_id)
        return None


def _is_a_call(scope: Scope) -> bool:
    if scope["type"] == "websocket":
        return True
    path: str = scope["path"]
    return path in _PARTS_OF_CALLS or path.startswith("/stream/")


async def _refuse(status: int, sentence: str, scope: Scope, receive: Receive, send: Send) -> None:
    """A browser sees neither status nor sentence of a connection that was not made, so it is made
    and closed. Others are told before."""
    response = answer(status, sentence)
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="repartee"'
    if scope["type"] == "http":
        await response(scope, receive, send)
        return
    socket = WebSocket(scope, receive, send)
    if status == 401 and "origin" in socket.headers:
        await socket.accept(subprotocol_for(socket))
        await socket.close(KEY_NEEDED, _NO_TOKEN)
    else:
        await socket.send_denial_response(response)
