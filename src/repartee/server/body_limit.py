"""How large the body of a request may be: a recording where one is expected, little elsewhere.

The framework has limits of its own, which answer in two words. These answer like everything else.
"""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from repartee.server.problems import answer

UPLOADS = (
    "/upload",
    "/api/messages/voice",
    "/api/voice/message",
    "/api/voice/transcribe",
)
"""The paths where recordings are taken."""


class BodyLimit:
    def __init__(self, app: ASGIApp, usual_bytes: int, upload_bytes: int) -> None:
        self._app = app
        self._usual_bytes = usual_bytes
        self._upload_bytes = upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = self._upload_bytes if scope["path"] in UPLOADS else self._usual_bytes
        sentence = f"The request is too large: at most {most} bytes are taken here. Send less."
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isascii() and declared.isdigit() and int(declared[:20]) > most:
            await answer(413, sentence)(scope, receive, send)
            return
        taken = 0

        async def receive_within_limit() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > most:
                raise HTTPException(413, sentence)
            return message

        await self._app(scope, receive_within_limit, send)
