"""The sockets: `/ws`, hands-free voice and typed chat, and `/call`, push-to-talk."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import JSONResponse
from starlette.websockets import WebSocket

from repartee.calls.clock import wall_time
from repartee.dialects.call import CallDialect
from repartee.dialects.protocol import Dialect
from repartee.dialects.ws import WsDialect
from repartee.server.house import House
from repartee.server.pump import Connection
from repartee.server.security import origin_may_enter

router = APIRouter()


@router.websocket("/ws")
async def ws(socket: WebSocket) -> None:
    await _serve(socket, WsDialect())


@router.websocket("/call")
async def call(socket: WebSocket) -> None:
    await _serve(socket, CallDialect(wall_time))


async def _serve(socket: WebSocket, dialect: Dialect) -> None:
    house: House = socket.app.state.house
    if not origin_may_enter(socket, house.settings.cors_origins):
        sentence = "Pages of this origin may not connect. Add it to CORS_ORIGINS on the server."
        refusal = JSONResponse({"detail": sentence, "error": sentence}, status_code=403)
        await socket.send_denial_response(refusal)
        return
    await Connection(socket, dialect, house).run()
