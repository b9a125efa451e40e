"""The sockets: `/ws`, hands-free voice and typed chat, and `/call`, push-to-talk."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.websockets import WebSocket

from repartee.calls.clock import wall_time
from repartee.calls.resuming import resumable
from repartee.dialects.call import CallDialect
from repartee.dialects.protocol import Dialect
from repartee.dialects.ws import WsDialect
from repartee.server.house import House
from repartee.server.problems import answer
from repartee.server.pump import Connection
from repartee.server.security.callers import caller_of
from repartee.server.security.origins import origin_may_enter

router = APIRouter()


@router.websocket("/ws")
async def ws(socket: WebSocket) -> None:
    """Hands-free voice, and typed chat that speaks.

    Binary frames are PCM16 mono at 16 kHz, and the server finds the turns in them;
    `{"type": "chat", "message": "Hello."}` is a typed turn. Whoever speaks or types during a reply
    interrupts it. A client whose line was lost goes on with `/ws?resume=SESSION_ID`.
    """
    await _serve(socket, WsDialect())


@router.websocket("/call")
async def call(socket: WebSocket) -> None:
    """Push to talk, with a trace of every turn.

    `{"type": "start"}`, then what a browser's `MediaRecorder` makes as binary frames, then
    `{"type": "stop"}`; `{"type": "end_call"}` hangs up.
    """
    await _serve(socket, CallDialect(wall_time))


async def admitted(socket: WebSocket) -> bool:
    """Whether this one may connect; if not, it is told."""
    house: House = socket.app.state.house
    if origin_may_enter(socket, house.settings.cors_origins):
        return True
    sentence = "Pages of this origin may not connect. Add it to CORS_ORIGINS on the server."
    await socket.send_denial_response(answer(403, sentence))
    return False


async def _serve(socket: WebSocket, dialect: Dialect) -> None:
    if not await admitted(socket):
        return
    house: House = socket.app.state.house
    resumed = None
    if session_id := socket.query_params.get("resume"):
        owner = caller_of(socket).owner
        resumed = await resumable(
            session_id, dialect.name, house.store, house.keeper, house.roster, owner
        )
    await Connection(socket, dialect, house, socket.query_params, resumed).run()
