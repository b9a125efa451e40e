"""The private server behind a broker: where it is, what it is called, and how it does."""

from __future__ import annotations

import asyncio
from enum import Enum

import msgspec

from repartee.engines.remote.address import Address
from repartee.engines.remote.patience import Patience
from repartee.engines.remote.request import Request
from repartee.engines.remote.service import Service
from repartee.engines.remote.trouble import (
    BrokenOff,
    Complaint,
    NotThere,
    Passing,
    broken_off,
    trouble,
)
from repartee.errors import (
    BadInput,
    EngineBusy,
    EngineError,
    EngineNonsense,
    EngineTimeout,
    EngineUnreachable,
    ReparteeError,
)

_HEALTH = Request("/health", method="GET")
_HEALTH_WITHIN_SECONDS = 2.0
_MOST_HEALTH_BYTES = 64 * 1024
_NOT_TAKEN = (400, 413, 415, 422)


class Condition(Enum):
    WELL = "well"
    LOADING = "loading"
    AWAY = "away"
    SLOW = "slow"
    STRANGE = "strange"


class Upstream:
    """`kind` is what it is to people, such as "whisper.cpp server"."""

    def __init__(self, kind: str, url: str, url_setting: str, timeout_s: float) -> None:
        self.base_url = _base(url)
        """Where it is, perhaps with a name and a password: nothing to be told."""
        self.address = Address(self.base_url, url_setting=url_setting)
        self.address.check()
        self.name = f"{kind} at {self.address.name}"
        self._service = Service(self.address, patience(timeout_s), self._meant)
        self._probe = Service(self.address, patience(_HEALTH_WITHIN_SECONDS))
        self._tells_its_health = False
        self._condition = Condition.AWAY

    def __repr__(self) -> str:
        return f"<Upstream {self.name}, {self._condition.value}>"

    @property
    def url(self) -> str:
        """Its address, without a name or a password in it."""
        return str(self.address.url(""))

    async def open(self) -> None:
        await self._service.open()
        await self._probe.open()

    async def close(self) -> None:
        await self._probe.close()
        await self._service.close()

    async def fetch(self, request: Request, most_bytes: int) -> bytes:
        """Its whole answer; a failure is told in the light of how the server does."""
        try:
            body = await self._service.fetch(request, most_bytes)
        except EngineError as failure:
            raise await self.explained(failure) from None
        if self._condition is Condition.LOADING:
            self._tells_its_health = False  # it works all the same, and says that it doesn't
        return body

    async def explained(self, failure: EngineError) -> EngineError:
        """Why it failed. Who hangs up and is still there has not gone away, but broken off."""
        if isinstance(failure, BrokenOff):
            return broken_off(f"The {self.name}")
        if not isinstance(failure, EngineUnreachable | NotThere):
            return failure
        condition = await self.condition()
        if isinstance(failure, EngineUnreachable) and condition is Condition.WELL:
            return broken_off(f"The {self.name}")
        if isinstance(failure, NotThere) and condition is Condition.LOADING:
            return self._error_of(condition) or failure
        return failure

    async def check(self) -> None:
        """An error that says what is wrong with it now, if anything is."""
        if (error := self._error_of(await self.condition())) is not None:
            raise error

    async def condition(self) -> Condition:
        self._condition = await self._asked()
        return self._condition

    async def _asked(self) -> Condition:
        try:
            async with asyncio.timeout(_HEALTH_WITHIN_SECONDS):  # even of one that drips its answer
                body = await self._probe.fetch(_HEALTH, _MOST_HEALTH_BYTES)
            msgspec.json.decode(body, type=dict)
        except NotThere:
            # Older servers have no such question, but are there. Those of whisper.cpp that have
            # one stop to answer it while they load a model.
            return Condition.LOADING if self._tells_its_health else Condition.WELL
        except EngineBusy:
            return Condition.LOADING
        except EngineUnreachable:
            return Condition.AWAY
        except (EngineTimeout, TimeoutError):
            return Condition.SLOW
        except (EngineError, msgspec.MsgspecError, UnicodeDecodeError):
            return Condition.STRANGE
        self._tells_its_health = True
        return Condition.WELL

    def _meant(self, what: Complaint, address: Address) -> Passing | ReparteeError:
        """A complaint; one about what was sent is the client's, because that came from there."""
        if what.status in _NOT_TAKEN:
            return BadInput(f"The {self.name} can't use what it was sent.")
        return trouble(what, address)

    def _error_of(self, condition: Condition) -> EngineError | None:
        setting = self.address.url_setting
        match condition:
            case Condition.WELL:
                return None
            case Condition.LOADING:
                return EngineBusy(
                    f"The {self.name} is overloaded or still loading its model.",
                    hint="Try again in a moment.",
                )
            case Condition.AWAY:
                return EngineUnreachable(
                    f"The {self.name} can't be reached.",
                    hint=f"Is it running? If it is elsewhere, set {setting}.",
                )
            case Condition.SLOW:
                return EngineTimeout(
                    f"The {self.name} did not answer within {_HEALTH_WITHIN_SECONDS:g} seconds.",
                    hint="It may have too much to do.",
                )
            case Condition.STRANGE:
                return EngineNonsense(
                    f"What answers in the place of the {self.name} is something else.",
                    hint=f"Check {setting}.",
                )


def _base(url: str) -> str:
    """The address as people write it, perhaps with the path that they mean."""
    return url.strip().rstrip("/").removesuffix("/inference").removesuffix("/v1")


def patience(seconds: float) -> Patience:
    """It is asked once: whoever asked the broker may ask again."""
    return Patience(first_byte_s=seconds, between_s=seconds, tries=1)
