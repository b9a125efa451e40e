"""What all brokers of ours say, and others may: how they are, what is behind them, what went wrong.

A broker's sentences are written for people and are safe to pass on, other than those of strangers.
Each names the service that is to blame, which is mostly not the broker.
"""

from __future__ import annotations

from contextlib import suppress

import msgspec

from repartee.engines.remote.address import Address
from repartee.engines.remote.request import Request
from repartee.engines.remote.service import Service
from repartee.engines.remote.trouble import (
    UNREADABLE,
    Complaint,
    NotThere,
    Passing,
    refuse_web_page,
    trouble,
)
from repartee.errors import (
    BadInput,
    EngineBusy,
    EngineNonsense,
    EngineTimeout,
    ReparteeError,
    TooLarge,
)

_HEALTH = Request("/healthz", method="GET")
_INFO = Request("/info", method="GET")
_MOST_BYTES = 256 << 10
_LONGEST_NAME = 100


class BrokerInfo(msgspec.Struct, frozen=True):
    """What a broker tells of whatever is behind it; others may tell nothing."""

    engine: str = ""
    model: str | None = None
    languages: tuple[str, ...] | None = None

    @property
    def heard_by(self) -> str:
        return (self.model or self.engine)[:_LONGEST_NAME]


_TOLD = msgspec.json.Decoder(BrokerInfo)


def broker_trouble(what: Complaint, address: Address) -> Passing | ReparteeError:
    """A broker's error as it is meant, in its own words where it has any."""
    if not what.sentence:
        return trouble(what, address)
    match what.status:
        case 400 | 422:
            return BadInput(what.sentence)
        case 413:
            return TooLarge(what.sentence)
        case 421:
            return EngineNonsense(
                f"{address.name} is a name by which the broker there does not go.",
                hint="Add it to TRUSTED_HOSTS at the broker.",
            )
        case 429:
            busy = EngineBusy(f"{address.name} takes no more for now. {what.sentence}")
            return Passing(busy, what.after_s)
        case 502:
            return EngineNonsense(what.sentence)  # what is behind it has answered already
        case 503:
            return Passing(EngineBusy(what.sentence), what.after_s)
        case 504:
            return EngineTimeout(what.sentence)  # it has waited for long enough already
    return trouble(what, address)


async def check_health(service: Service) -> None:
    """An error if the broker, or what is behind it, does not work."""
    with suppress(NotThere):  # another kind of broker: it says nothing of its health
        refuse_web_page(await service.fetch(_HEALTH, _MOST_BYTES), service.address)


async def broker_info(service: Service) -> BrokerInfo:
    """What can be read of what it tells about itself."""
    try:
        return _TOLD.decode(await service.fetch(_INFO, _MOST_BYTES))
    except (EngineNonsense, *UNREADABLE):
        return BrokerInfo()
