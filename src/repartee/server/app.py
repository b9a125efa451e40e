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
    routes_metrics,
    routes_sessions,
    routes_sockets,
    routes_tokens,
    routes_upload,
    routes_voice,
)
from repartee.server.body_limit import BodyLimit
from repartee.server.house import House
from repartee.server.limits.requests import CountedRequests
from repartee.server.security.guard import OPEN_TO_ALL, Guard
from repartee.server.security.headers import PageHeaders
from repartee.server.security.hosts import Hosts
from repartee.server.underway import WorkOverHttp
from repartee.settings import Settings

_ROUTERS = (
    routes_info.router,
    routes_sessions.router,
    routes_sockets.router,
    routes_tokens.router,
    routes_upload.router,
    routes_conversations.router,
    routes_voice.router,
    routes_messages.router,
    routes_metrics.router,
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
        seconds=house.settings.body_seconds,
    )
    app.add_middleware(WorkOverHttp, roster=house.roster, underway=house.underway)
    app.add_middleware(CountedRequests, limits=house.limits)
    app.add_middleware(
        Guard,
        hosts=Hosts(house.settings.host, house.settings.trusted_hosts),
        keys=house.keys if house.settings.asks_for_keys else None,
        tokens=house.tokens,
        open_to_all=(*OPEN_TO_ALL, *routes_metrics.doors(house.settings)),
        refusals=house.limits.refusals,
    )
    app.add_middleware(PageHeaders, hsts_days=house.settings.hsts_days)
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
