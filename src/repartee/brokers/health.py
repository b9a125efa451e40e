"""What a broker says of how it is, and of what is behind it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi.responses import JSONResponse

from repartee.brokers.figures import Figures
from repartee.errors import ReparteeError

Check = Callable[[], Awaitable[None]]
"""Raises an error if something is wrong."""


async def health(service: str, check: Check) -> JSONResponse:
    """200 if the service works, or 503 and a sentence about its problem."""
    problem = await _problem(check)
    if not problem:
        return JSONResponse({"status": "healthy", "service": service})
    told = {"status": "unhealthy", "service": service, "detail": problem, "error": problem}
    return JSONResponse(told, status_code=503)


async def status(service: str, check: Check, figures: Figures) -> dict[str, Any]:
    problem = await _problem(check)
    return {
        "status": "running",
        "service": service,
        "service_healthy": not problem,
        "service_problem": problem or None,
        **figures.told(),
    }


async def _problem(check: Check) -> str:
    """A sentence, or nothing."""
    try:
        await check()
    except ReparteeError as problem:
        return str(problem)
    return ""
