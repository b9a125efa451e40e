"""What is shown at the door, and where: in a header, in the address, or as a sub-protocol."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

from starlette.requests import HTTPConnection
from starlette.types import Scope
from starlette.websockets import WebSocket

SUBPROTOCOL = "repartee"
"""What a browser asks for beside its token, for it wants one that it asked for to be chosen."""
_TOKEN_PROTOCOL = "token."


def in_headers(connection: HTTPConnection) -> Iterator[str]:
    scheme, _, credentials = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        yield credentials.strip()
    if key := connection.headers.get("x-api-key"):
        yield key.strip()


def in_subprotocols(scope: Scope) -> Iterator[str]:
    for name in scope.get("subprotocols", ()):
        if name.startswith(_TOKEN_PROTOCOL):
            yield name.removeprefix(_TOKEN_PROTOCOL)


def taken_from_query(scope: Scope) -> list[str]:
    """The tokens in the address. They are taken out of it, so that no log of ours ever has them."""
    parts = scope.get("query_string", b"").split(b"&")
    tokens = [part for part in parts if _name_of(part) == b"token"]
    if tokens:
        scope["query_string"] = b"&".join(part for part in parts if part not in tokens)
    return [unquote_to_bytes(part.partition(b"=")[2]).decode("ascii", "replace") for part in tokens]


def _name_of(part: bytes) -> bytes:
    return unquote_to_bytes(part.partition(b"=")[0])


def subprotocol_for(socket: WebSocket) -> str | None:
    """What a WebSocket is accepted with."""
    return SUBPROTOCOL if SUBPROTOCOL in socket.scope.get("subprotocols", ()) else None
