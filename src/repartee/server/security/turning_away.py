"""How somebody is told that the door stays shut, whatever they came with.

A browser sees neither status nor sentence of a connection that was not made, so it is made and
closed with both. Others are told before.
"""

from __future__ import annotations

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from repartee.calls.refusals import TryLater
from repartee.server.farewells import TRY_AGAIN_LATER, close_reason
from repartee.server.problems import answer_to
from repartee.server.security.credentials import subprotocol_for


async def turn_away(
    response: Response, code: int, reason: str, scope: Scope, receive: Receive, send: Send
) -> None:
    """With this response, or to a page that wants a WebSocket with this code and reason."""
    if scope["type"] == "http":
        await response(scope, receive, send)
        return
    socket = WebSocket(scope, receive, send)
    if "origin" in socket.headers:
        await socket.accept(subprotocol_for(socket))
        await socket.close(code, reason)
    else:
        await socket.send_denial_response(response)


async def tell_to_wait(why: TryLater, scope: Scope, receive: Receive, send: Send) -> None:
    response, reason = answer_to(why), close_reason(why)
    await turn_away(response, TRY_AGAIN_LATER, reason, scope, receive, send)
