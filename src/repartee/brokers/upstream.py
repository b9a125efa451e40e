"""The private server behind a broker: where it is, what it is called, whether it answers."""

from __future__ import annotations

import httpx

from repartee.engines.remote.address import Address
from repartee.engines.remote.patience import Patience
from repartee.engines.remote.request import Request
from repartee.engines.remote.service import Service
from repartee.engines.remote.trouble import NotThere
from repartee.errors import EngineError

_PROBE = Request("/health", method="GET")
_PROBE_SECONDS = 2.0
_MOST_PROBE_BYTES = 64 * 1024


class Upstream:
    """`kind` is what it is to people, such as "whisper.cpp server"."""

    def __init__(self, kind: str, url: str, url_setting: str) -> None:
        self.address = Address(_base(url), url_setting=url_setting)
        self.address.check()
        self.name = f"{kind} at {self.address.name}"
        self._probe = Service(self.address, patience(_PROBE_SECONDS))

    def __repr__(self) -> str:
        return f"<Upstream {self.name}>"

    @property
    def url(self) -> str:
        """Its address, without a name or a password in it."""
        return str(self.address.url(""))

    async def open(self) -> None:
        await self._probe.open()

    async def close(self) -> None:
        await self._probe.close()

    async def answers(self) -> bool:
        """Whether it is there and well; older servers have no such question, but are there."""
        try:
            await self._probe.fetch(_PROBE, _MOST_PROBE_BYTES)
        except NotThere:
            return True
        except EngineError:
            return False
        return True


def _base(url: str) -> str:
    """The address as people write it, perhaps with the path that they mean."""
    return url.strip().rstrip("/").removesuffix("/inference").removesuffix("/v1")


def patience(seconds: float) -> Patience:
    """It is asked once: whoever asked the broker may ask again."""
    return Patience(first_byte_s=seconds, between_s=seconds, tries=1)


def remote_url(url: str | None, host: str, port: int) -> str:
    """The whole address if it is set, or else machine and port."""
    return url or str(httpx.URL(scheme="http", host=host, port=port))
