"""The application: every interface of Repartee, side by side on one port."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from repartee import __version__
from repartee.server import (
    docs,
    pages,
    problems,
    routes_conversations,
    routes_info,
    routes_messages,
    routes_sessions,
    routes_sockets,
    routes_upload,
    routes_voice,
)
from repartee.server.body_limit import BodyLimit
from repartee.server.house import House
from repartee.server.security import PageHeaders
from repartee.settings import Settings

_ROUTERS = (
    routes_info.router,
    routes_sessions.router,
    routes_sockets.router,
    routes_upload.router,
    routes_conversations.router,
    routes_voice.router,
    routes_messages.router,
)


def longest_body(settings: Settings) -> int:
    """A recording may come as base64, four characters for three bytes, with a few fields."""
    return (settings.max_upload_mb << 20) * 4 // 3 + 65_536


def build_app(house: House) -> FastAPI:
    app = FastAPI(
        title="Repartee",
        version=__version__,
        description="A self-hosted voice server that listens, thinks and answers aloud.",
        docs_url=None,  # theirs needs another host; ours is in docs.py
        redoc_url=None,
    )
    app.state.house = house
    app.add_middleware(
        BodyLimit,
        usual_bytes=house.settings.max_frame_bytes,
        upload_bytes=longest_body(house.settings),
    )
    app.add_middleware(PageHeaders)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=list(house.settings.cors_origins),
        allow_methods=["*"],
        allow_headers=["*"],
        # The cookie of an upload's conversation goes to pages that are named, never to all.
        allow_credentials="*" not in house.settings.cors_origins,
    )
    problems.install(app)
    for router in _ROUTERS:
        app.include_router(router)
    docs.install(app, _ROUTERS)
    pages.install(app)
    return app
