"""Work for a request that ends when its client leaves: nobody would take the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from fastapi import Request
from starlette.exceptions import HTTPException

Result = TypeVar("Result")

_CLIENT_LEFT = 499


async def unless_left(request: Request, work: Awaitable[Result]) -> Result:
    """The result of this work. The body of the request must have been read before."""
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise HTTPException(_CLIENT_LEFT, "The client left before the answer was there.")
    finally:
        working.cancel()
        leaving.cancel()
        await asyncio.wait((working, leaving))


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass  # the end of the body may still come
