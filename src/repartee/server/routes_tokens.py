"""`POST /tokens`: what a page shows instead of a key."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from repartee.server.house import House
from repartee.server.problems import Problem
from repartee.server.security.callers import caller_of

router = APIRouter(tags=["Tokens"])


class Token(BaseModel):
    token: str = Field(examples=["t1.8c1f2a7d90b4e613.1767323045.pXcB8…"])
    expires_in: float = Field(description="For how many seconds it opens calls.", examples=[60.0])


@router.post(
    "/tokens",
    responses={401: {"model": Problem, "description": "No key was shown."}},
)
async def make_token(request: Request) -> Token:
    """Get a token for a key. A browser can't send a header with a WebSocket, and a page of yours
    should not know your key: it shows a token.

    `/ws?token=TOKEN` shows it, or the sub-protocols `repartee` and `token.TOKEN`. It opens calls
    while it holds, which then may last, and `/config`, `/upload` and `/stream`; it reads no
    session.
    """
    house: House = request.app.state.house
    token = house.tokens.issue(caller_of(request).owner)
    return Token(token=token, expires_in=house.tokens.seconds)
