"""The door: every request and every connection passes here, before anything else looks at it.

Whatever the application has is closed to strangers unless it is named here, so nobody who adds an
interface can forget to close it.
"""

from __future__ import annotations

from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from repartee.calls.refusals import LimitReached
from repartee.server import pages
from repartee.server.limits.refusals import Refusals, Shown
from repartee.server.problems import answer
from repartee.server.security.callers import STRANGER, Caller, introduce
from repartee.server.security.credentials import (
    in_headers,
    in_subprotocols,
    taken_from_query,
)
from repartee.server.security.hosts import Hosts
from repartee.server.security.keys import KeyRing
from repartee.server.security.tokens import Tokens
from repartee.server.security.turning_away import tell_to_wait, turn_away

OPEN_TO_ALL = ("/health", "/ready", "/openapi.json")
"""Beside the files of the pages: what balancers ask, and what is the same on every server."""
TELLS_MORE = ("/health",)
"""Of these: what has more to say to somebody with a key, so that it looks at what is shown."""
KEY_NEEDED = 4401
"""How a WebSocket of a browser is closed, which could not see a status."""

_PARTS_OF_CALLS = ("/config", "/upload")
"""What a token opens beside WebSockets, and beside what `/upload` has to answer."""
_NO_KEY = (
    "No key that is known here was shown. Send one as 'Authorization: Bearer KEY' or "
    "'X-API-Key: KEY'"
)
_NOR_TOKEN = f"{_NO_KEY}; a page opens its calls with a token from POST /tokens."
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
        refusals: Refusals | None = None,
    ) -> None:
        """Without `hosts` any name is taken, without `keys` anybody may come in, and without
        `refusals` they may be guessed for ever."""
        self._app = app
        self._hosts = hosts
        self._keys = keys
        self._tokens = tokens
        self._open_to_all = open_to_all
        self._refusals = refusals or Refusals()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        asked = HTTPConnection(scope)
        # Whatever becomes of this request: no log may have them. They are looked at further down.
        tokens = [*taken_from_query(scope), *in_subprotocols(scope)]
        if self._hosts is not None and not self._hosts.know(asked.headers.get("host")):
            await _refuse_host(scope, receive, send)
            return
        if self._keys is None:
            await self._app(scope, receive, send)
            return
        try:
            caller = await self._caller(self._keys, asked, tokens)
        except LimitReached as reached:
            await tell_to_wait(reached, scope, receive, send)
            return
        if caller is None:
            sentence = f"{_NO_KEY}." if self._tokens is None else _NOR_TOKEN
            await _refuse_stranger(sentence, scope, receive, send)
            return
        introduce(asked, caller)
        if caller is STRANGER:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            with self._keys.line(caller.owner):
                await self._app(scope, receive, send)
        else:
            await self._work(self._keys, caller, scope, receive, send)

    async def _work(
        self, keys: KeyRing, caller: Caller, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """A request ends with its key: it is refused, or what was sent of its answer breaks off."""
        began = False

        async def noting(message: Message) -> None:
            nonlocal began
            began = True
            await send(message)

        with keys.line(caller.owner) as line:
            await self._app(scope, receive, noting)
        if line.cancelled_caught and not began:
            await _refuse_stranger(f"{_NO_KEY}.", scope, receive, send)

    async def _caller(
        self, keys: KeyRing, asked: HTTPConnection, tokens: list[str]
    ) -> Caller | None:
        """Who asks, or None for somebody who may not come in."""
        scope, shown = asked.scope, [*in_headers(asked)]
        if not self._is_open(scope):
            return await self._known(keys, scope, shown, tokens)
        if shown and scope["path"] in TELLS_MORE:
            try:
                return await self._known(keys, scope, shown, tokens) or STRANGER
            except LimitReached:
                return STRANGER
        return STRANGER

    def _is_open(self, scope: Scope) -> bool:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            return False
        return scope["path"] in self._open_to_all or pages.is_part_of_a_page(scope["path"])

    async def _known(
        self, keys: KeyRing, scope: Scope, shown: list[str], tokens: list[str]
    ) -> Caller | None:
        """Whose key or token this is. Where too much was guessed, only a key that opened from there
        before does so still: whether another one is right is not told."""
        tokens = tokens if _is_a_call(scope) else []
        caller = self._owner(keys, scope, shown, tokens)
        if caller is not None and self._refusals.is_proven(caller.owner, scope):
            self._refusals.came_in(caller.owner, scope)
            return caller
        guessed = caller is not None or self._is_guess(scope, shown, tokens)
        kind: Shown = "wrong" if guessed else "nothing"
        await self._refusals.check(kind, scope)
        if caller is None:
            await self._refusals.count(kind, scope)
        else:
            self._refusals.came_in(caller.owner, scope)
        return caller

    def _is_guess(self, scope: Scope, shown: list[str], tokens: list[str]) -> bool:
        """No token of ours is one, though it be too old; nor is what a page of somebody else has a
        browser ask, behind an address where others have keys."""
        texts = shown if _is_of_another_site(scope) else [*shown, *tokens]
        return any(self._tokens is None or not self._tokens.is_ours(text) for text in texts)

    def _owner(
        self, keys: KeyRing, scope: Scope, shown: list[str], tokens: list[str]
    ) -> Caller | None:
        """A token shows nobody what others said, and opens nothing but calls."""
        for text in shown:
            if (key := keys.find(text)) is not None:
                return Caller(key.id, sees_all=key.admin)
        if self._tokens is None or not _is_a_call(scope):
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


def _is_of_another_site(scope: Scope) -> bool:
    """As browsers say it. Others may say so, too, and gain nothing: a token can't be guessed."""
    return Headers(scope=scope).get("sec-fetch-site") == "cross-site"


async def _refuse_host(scope: Scope, receive: Receive, send: Send) -> None:
    response = answer(421, _NO_HOST)
    if scope["type"] == "http":
        await response(scope, receive, send)
    else:
        await WebSocket(scope, receive, send).send_denial_response(response)


async def _refuse_stranger(sentence: str, scope: Scope, receive: Receive, send: Send) -> None:
    response = answer(401, sentence)
    response.headers["WWW-Authenticate"] = 'Bearer realm="repartee"'
    await turn_away(response, KEY_NEEDED, _NO_TOKEN, scope, receive, send)
