"""How calls end: the codes with which a WebSocket is closed, and why."""

from __future__ import annotations

import random
from math import ceil

import msgspec

from repartee.calls.refusals import lasting
from repartee.calls.roster import Roster
from repartee.errors import Refused, ReparteeError

NORMAL = 1000
GOING_AWAY = 1001
TRY_AGAIN_LATER = 1013

_MOST_REASON_BYTES = 123
"""What the protocol has room for."""
_SPREAD_MS = 2_000
"""Not all shall come at once."""


class Ending(msgspec.Struct, frozen=True):
    """Why a call has ended."""

    code: int
    sentence: str
    told_as: str = ""
    """The code of the error that tells it before the line is closed; empty: nothing does."""


GOES_AWAY = Ending(GOING_AWAY, "The call has ended. Connect again any time.")
"""Unless there is another reason."""
HUNG_UP = Ending(NORMAL, GOES_AWAY.sentence)
GOES_ON_ELSEWHERE = Ending(
    TRY_AGAIN_LATER, "This conversation goes on on another line.", Refused.code
)
"""Its client came back to another server, and may not even know that this line still hangs here."""


def close_reason(why: ReparteeError) -> str:
    """All of it where there is room, else without the hint."""
    whole = str(why)
    return shortened(whole if len(whole.encode()) <= _MOST_REASON_BYTES else why.sentence)


def shortened(sentence: str) -> str:
    return sentence.encode()[:_MOST_REASON_BYTES].decode(errors="ignore")


def resume_after_ms(roster: Roster) -> int:
    """When a client that is sent away is to come back."""
    return round(roster.resumed_in_seconds * 1000) + random.randrange(_SPREAD_MS)


def come_back_after(ms: int) -> str:
    """The same for people, and for clients that know no other word for it than an error."""
    return f"The server is shutting down. Connect again in {lasting(ceil(ms / 1000))}."
