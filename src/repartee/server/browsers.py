"""The conversation of a browser: it has no name that anybody types, so a cookie knows it."""

from __future__ import annotations

import uuid

from fastapi import Request, Response

from repartee.calls.visits import Visitor
from repartee.server.conversation_names import named, of_browser
from repartee.server.house import House
from repartee.server.security.callers import caller_of

COOKIE = "repartee_conversation"
_COOKIE_SECONDS = 7 * 86_400


async def browser_or_named(request: Request, response: Response, name: str | None) -> Visitor:
    """Whoever names no conversation has one of their own, and never everybody's."""
    house: House = request.app.state.house
    owner = caller_of(request).owner
    if name:
        return await house.visitors.enter(named("upload", name, owner), "upload", owner)
    cookie = request.cookies.get(COOKIE) or str(uuid.uuid4())
    response.set_cookie(COOKIE, cookie, max_age=_COOKIE_SECONDS, httponly=True, samesite="lax")
    return await house.visitors.enter(of_browser(cookie, owner), "upload", owner)


def conversation_of(request: Request) -> str:
    """The name under which a browser's conversation is known, if there is one."""
    return of_browser(request.cookies.get(COOKIE, ""), caller_of(request).owner)
