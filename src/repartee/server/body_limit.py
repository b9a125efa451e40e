"""How large the body of a request may be (a recording where one is expected, little elsewhere),
and how long it may take to come.

The framework has limits of its own, which answer in two words. These answer like everything else.
"""

from __future__ import annotations

import anyio
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from repartee.calls.clock import now
from repartee.server.problems import answer

UPLOADS = (
    "/upload",
    "/api/messages/voice",
    "/api/voice/message",
    "/api/voice/transcribe",
)
"""The paths where recordings are taken."""


class BodyLimit:
    def __init__(
        self, app: ASGIApp, usual_bytes: int, upload_bytes: int, seconds: float = 60.0
    ) -> None:
        self._app = app
        self._seconds = seconds
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
        taken, complete = 0, False
        until = now() + self._seconds

        async def receive_within_limits() -> Message:
            nonlocal taken, complete
            if complete:
                return await receive()  # what comes after the body is that the client leaves
            try:
                with anyio.fail_after(until - now()):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408, self._too_slow) from None
            complete = not message.get("more_body", False)
            taken += len(message.get("body", b""))
            if taken > most:
                raise HTTPException(413, sentence)
            return message

        await self._app(scope, receive_within_limits, send)

    @property
    def _too_slow(self) -> str:
        return f"The request took longer than {self._seconds:g} seconds to come. Send it again."
