"""A service elsewhere that is spoken to over WebSockets: where it is, and what its refusals mean.

Whatever goes wrong between here and there becomes one error of ours with a sentence for the person
who reads it. The key stays in this object: it is in no sentence, no log and no `repr`. Of what a
service says itself only codes get out, because the rest may repeat the key, or what was said.
"""

from __future__ import annotations

import asyncio
import logging
import re
import ssl
from collections.abc import Sequence
from typing import TypeVar
from urllib.parse import urlencode, urlsplit, urlunsplit

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidProxy, InvalidStatus, ProxyError

from repartee.errors import (
    EngineBusy,
    EngineError,
    EngineFailed,
    EngineLocked,
    EngineNonsense,
    EngineTimeout,
    EngineUnreachable,
    SettingsError,
)

CLOSE_TIMEOUT_S = 1.0
"""How long a service may take to say goodbye."""
MOST_MESSAGE_BYTES = 1_048_576
_KEY = re.compile(r"[!-~]*")
_CODE = re.compile(r"\b[A-Z]{2,20}(?:[-_][A-Z0-9]{1,20}){1,4}\b")
"""What services call their troubles: NET-0001, INACTIVE_CLIENT."""
_POLICY_VIOLATION = 1008
_SCHEMES = {"https": "wss", "http": "ws", "wss": "wss", "ws": "ws"}

_wire_log = logging.getLogger("repartee.engines.wire")
_wire_log.setLevel(logging.INFO)  # at DEBUG the library would log every header, the key's too

Query = Sequence[tuple[str, str]]
Struct = TypeVar("Struct", bound=msgspec.Struct)


class LiveService:
    """`key_setting` and `url_setting` are the names under which people set the key and the address;
    `scheme` is the word before the key in the header."""

    def __init__(
        self,
        name: str,
        url: str,
        key: str,
        *,
        scheme: str,
        key_setting: str,
        url_setting: str,
        timeout: float,
    ) -> None:
        self.name = name
        self.timeout = timeout
        self._url = url.strip().rstrip("/")
        self._key = key.strip()
        self._scheme = scheme
        self._key_setting = key_setting
        self._url_setting = url_setting
        self._trust: ssl.SSLContext | None = None

    def __repr__(self) -> str:
        return f"<LiveService {self.name}>"

    def check(self) -> None:
        """Raise what can be known to be wrong without asking the service."""
        if not self._key:
            raise EngineLocked(f"{self.name} needs a key. Please set {self._key_setting}.")
        if not _KEY.fullmatch(self._key):
            raise EngineLocked(
                f"{self._key_setting} holds spaces or other characters that no key has."
            )
        self._address()

    async def connect(
        self, path: str, query: Query, *, ping_seconds: float | None = None
    ) -> ClientConnection:
        """A connection that stands; every failure is an `EngineError`."""
        self.check()
        address = self._address()
        try:
            return await connect(
                f"{address}{path}?{urlencode(query)}",
                ssl=await self._trusted() if address.startswith("wss:") else None,
                additional_headers={"Authorization": f"{self._scheme} {self._key}"},
                compression=None,
                open_timeout=self.timeout,
                close_timeout=CLOSE_TIMEOUT_S,
                ping_interval=ping_seconds,
                max_size=MOST_MESSAGE_BYTES,
                logger=_wire_log,
            )
        except Exception as failure:
            raise self.explain(failure) from failure

    def explain(self, failure: Exception) -> EngineError:
        """What went wrong with a connection, in a sentence."""
        match failure:
            case EngineError():
                return failure
            case InvalidStatus():
                return self._refusal(failure.response.status_code)
            case ConnectionClosed():
                return self._closed(failure)
            case TimeoutError():
                return EngineTimeout(f"{self.name} did not answer in time.")
            case OSError() | ProxyError() | InvalidProxy():
                return EngineUnreachable(
                    f"{self.name} can't be reached.",
                    hint=f"Check the network, and {self._url_setting} if it is set.",
                )
            case _:
                return self.nonsense()

    def read(self, message: str | bytes, kind: type[Struct]) -> Struct:
        """A message in JSON as what it should be; `EngineNonsense` if it is anything else."""
        if isinstance(message, bytes):
            raise self.nonsense()
        try:
            return msgspec.json.decode(message, type=kind)
        except (msgspec.DecodeError, RecursionError) as fault:
            raise self.nonsense() from fault

    def nonsense(self) -> EngineNonsense:
        return EngineNonsense(f"{self.name} answered something that makes no sense.")

    def slow(self) -> EngineTimeout:
        return EngineTimeout(f"{self.name} took too long to answer. Please try again.")

    def trouble(self, told: str) -> EngineFailed:
        """The service says that it can't go on."""
        return EngineFailed(f"{self.name} could not go on{self._code_in(told)}.")

    async def _trusted(self) -> ssl.SSLContext:
        """Whom to trust. All authorities are read once, and not while the event loop waits."""
        if self._trust is None:
            self._trust = await asyncio.to_thread(ssl.create_default_context)
        return self._trust

    def _code_in(self, told: str) -> str:
        """The code in what the service tells, in brackets."""
        code = _CODE.search(told)
        return f" ({code[0]})" if code and code[0] not in self._key else ""

    def _address(self) -> str:
        try:
            parts = urlsplit(self._url)
            scheme = _SCHEMES.get(parts.scheme, "")
            usable = scheme and parts.hostname and parts.port != 0 and not parts.username
        except ValueError:
            usable = False
        if not usable:
            raise SettingsError(
                f"{self._url_setting} must be an address such as wss://example.com."
            )
        return urlunsplit((scheme, parts.netloc, parts.path, "", ""))

    def _refusal(self, status: int) -> EngineError:
        """A handshake that was answered with anything but a connection."""
        match status:
            case 401 | 403:
                return EngineLocked(f"{self._key_setting} is not accepted by {self.name}.")
            case 402:
                return EngineError(f"The account at {self.name} has no credit left.")
            case 429:
                return EngineBusy(f"{self.name} has had too many requests from here.")
            case _ if status >= 500:
                return EngineFailed(f"{self.name} failed with the status {status}.")
            case _:
                return EngineError(
                    f"{self.name} refused the connection with the status {status}.",
                    hint=f"Check the names of model and language, and {self._url_setting}.",
                    blamed="either" if status == 400 else "engine",
                )

    def _closed(self, closed: ConnectionClosed) -> EngineError:
        if closed.rcvd is None:
            return EngineUnreachable(f"The connection to {self.name} was lost.")
        error = EngineError if closed.rcvd.code == _POLICY_VIOLATION else EngineUnreachable
        code = self._code_in(closed.rcvd.reason) or f" ({closed.rcvd.code})"
        return error(f"{self.name} closed the connection{code}.")
