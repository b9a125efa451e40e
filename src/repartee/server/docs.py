"""`/docs`: a page about every interface, which reads `/openapi.json` and needs no other host.

What OpenAPI has no words for, WebSockets, stands beside its paths as `x-websockets`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.resources import files
from inspect import getdoc
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles
from starlette.routing import WebSocketRoute

PAGE = Path(str(files("repartee.server"))) / "docs_page"


def install(app: FastAPI, routers: Sequence[APIRouter]) -> None:
    """A page about these routers, and what else the application describes."""

    async def serve() -> FileResponse:
        return FileResponse(PAGE / "index.html")

    described = app.openapi

    def with_sockets() -> dict[str, Any]:
        return {**described(), "x-websockets": [*_sockets(routers)]}

    app.openapi = with_sockets  # type: ignore[method-assign]  # as FastAPI wants it to be done
    app.add_api_route("/docs", serve, methods=["GET", "HEAD"], include_in_schema=False)
    app.mount("/docs", StaticFiles(directory=PAGE), name="docs")


def _sockets(routers: Sequence[APIRouter]) -> Iterator[dict[str, str]]:
    for router in routers:
        for route in router.routes:
            if isinstance(route, WebSocketRoute):
                yield {"path": route.path, "description": getdoc(route.endpoint) or ""}
