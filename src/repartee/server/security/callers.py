"""Who asks, as far as the server knows."""

from __future__ import annotations

import msgspec
from starlette.requests import HTTPConnection

_PLACE = "repartee.caller"


class Caller(msgspec.Struct, frozen=True):
    owner: str
    """The id of the key that was shown, under which sessions and conversations are kept."""
    sees_all: bool = False
    """Whether what belongs to others is shown as well."""

    @property
    def sees(self) -> str | None:
        """Whose sessions are shown: None is everybody's."""
        return None if self.sees_all else self.owner


ANYBODY = Caller(owner="", sees_all=True)
"""Where nobody is asked for a key, all belongs to everybody."""

STRANGER = Caller(owner="-")
"""Who shows no key where none is needed. Nothing belongs to this one."""


def caller_of(connection: HTTPConnection) -> Caller:
    caller: Caller = connection.scope.get(_PLACE, ANYBODY)
    return caller


def introduce(connection: HTTPConnection, caller: Caller) -> None:
    connection.scope[_PLACE] = caller
