"""`/metrics`: what Prometheus reads."""

from __future__ import annotations

import hmac

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response
from pydantic import SecretStr

from repartee.server.house import House
from repartee.server.limits.refusals import Refusals, Shown
from repartee.server.metrics import exposition
from repartee.server.problems import answer
from repartee.server.security.credentials import in_headers
from repartee.settings import Settings

router = APIRouter()


def doors(settings: Settings) -> tuple[str, ...]:
    """What is open to those without a key, because it has a lock of its own."""
    return () if settings.metrics_token is None else ("/metrics",)


@router.get("/metrics", response_class=PlainTextResponse)
async def metrics(request: Request) -> Response:
    """Figures for Prometheus: how long callers wait and why, calls, engines, queues, caches."""
    house: House = request.app.state.house
    if house.meters is None:
        return answer(404, "No figures are kept here: METRICS is off.")
    token = house.settings.metrics_token
    if token is not None and not await _shows(request, token, house.limits.refusals):
        refusal = answer(401, "Send METRICS_TOKEN as 'Authorization: Bearer TOKEN'.")
        refusal.headers["WWW-Authenticate"] = 'Bearer realm="metrics"'
        return refusal
    page, content_type = exposition(house, house.meters, request.headers.get("accept", ""))
    return Response(page, headers={"Content-Type": content_type, "Cache-Control": "no-store"})


async def _shows(request: Request, token: SecretStr, refusals: Refusals) -> bool:
    wanted, shown = token.get_secret_value().encode(), [*in_headers(request)]
    kind: Shown = "wrong" if shown else "nothing"
    await refusals.check(kind, request.scope)
    if any(hmac.compare_digest(one.encode(), wanted) for one in shown):
        return True
    await refusals.count(kind, request.scope)
    return False
