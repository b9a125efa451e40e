"""The conversation of a browser: it has no name that anybody types, so a cookie knows it."""

from __future__ import annotations

import uuid

from fastapi import Request, Response

from repartee.calls.call import Call
from repartee.calls.visits import Visitor
from repartee.dialects.protocol import Configured
from repartee.server.configuring import configure
from repartee.server.house import House

COOKIE = "repartee_conversation"
_COOKIE_SECONDS = 7 * 86_400
_INTERFACE = "upload"


async def browser_or_named(request: Request, response: Response, name: str | None) -> Visitor:
    """Whoever names no conversation has one of their own, and never everybody's."""
    house: House = request.app.state.house
    if name:
        return await house.visitors.enter(name, _INTERFACE)
    cookie = request.cookies.get(COOKIE) or str(uuid.uuid4())
    response.set_cookie(COOKIE, cookie, max_age=_COOKIE_SECONDS, httponly=True, samesite="lax")
    return await house.visitors.enter(_name_of(cookie), _INTERFACE)


def conversation_of(request: Request) -> str:
    """The name under which a browser's conversation is known, if there is one."""
    return _name_of(request.cookies.get(COOKIE, ""))


def prepare(house: House, visitor: Visitor, wish: Configured, call: Call) -> None:
    """Do what is wished; who answers from then on is kept with the session."""
    persona = configure(house, call, wish)
    if persona is not None:
        visitor.chose(persona.key)


def _name_of(cookie: str) -> str:
    """Such a name nobody gives to a conversation by accident."""
    return f"browser:{cookie[:100]}"
