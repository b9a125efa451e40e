"""The parts of uvicorn of which our lines are made.

Nobody promised that they stay as they are. Where a version has others, the server says so when it
is started, rather than when the first stranger comes.
"""

from __future__ import annotations

from collections.abc import Mapping

import uvicorn

from repartee.errors import ReparteeError


def _misfit(missing: str) -> ReparteeError:
    return ReparteeError(
        f"This server does not fit uvicorn {uvicorn.__version__}, which has no {missing}.",
        hint="Install the version in constraints.txt.",
    )


try:
    from uvicorn.protocols.http.httptools_impl import (
        STATUS_LINE,
        HttpToolsProtocol,
        RequestResponseCycle,
    )
    from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
except ImportError as trouble:
    raise _misfit(trouble.name or str(trouble)) from None

__all__ = ["STATUS_LINE", "HttpToolsProtocol", "RequestResponseCycle", "WebSocketsSansIOProtocol"]

_NEEDED: Mapping[type, str] = {
    HttpToolsProtocol: "connection_made connection_lost data_received handle_websocket_upgrade "
    "send_400_response on_message_begin on_url on_header on_headers_complete on_body "
    "on_message_complete on_response_complete resume_writing _start_asgi_task "
    "_unset_keepalive_if_required client cycle flow loop pipeline transport",
    RequestResponseCycle: "disconnected message_event response_started response_complete",
    WebSocketsSansIOProtocol: "connection_lost app close_sent handshake_complete initial_response "
    "transport",
}
"""What we override, and what we look at."""


def check(needed: Mapping[type, str] = _NEEDED) -> None:
    for part, names in needed.items():
        known = {*dir(part), *vars(part)["__init__"].__code__.co_names}
        for name in names.split():
            if name not in known:
                raise _misfit(f"{part.__name__}.{name}")


check()
