"""What went wrong with a service, as one of the house's errors.

A service explains itself in the body of its answer. That is read only for the few machine-readable
words that are known here: nothing of it ever gets into an error or the log, because it may repeat
what was said, or the key. What a broker tells people is another matter, and is settled there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import msgspec

from repartee.engines.remote.address import Address
from repartee.errors import (
    EngineBusy,
    EngineError,
    EngineLocked,
    EngineNonsense,
    EngineTimeout,
    EngineUnreachable,
    RequestDeclined,
    RequestRefused,
)

_WRONG_KEY = {"invalid_api_key", "API_KEY_INVALID", "PERMISSION_DENIED"}
_NO_CREDIT = {"insufficient_quota"}
_TOO_LONG = {
    *("context_length_exceeded", "exceed_context_size_error"),
    *("string_above_max_length", "request_too_large"),
}
_DECLINED = {
    *("content_filter", "content_policy_violation", "responsible_ai_policy_violation"),
    "moderation_blocked",
}
_NO_SUCH_MODEL = {"model_not_found", "model_not_supported"}
_UNSUPPORTED = {"unsupported_parameter", "unsupported_value"}
_UNFIT = (400, 422)
"""Something is wrong with the request: what the caller said, or how the engine is set up."""
UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What comes of reading JSON that is none, is none of this kind, or is nested without end."""
FILE_NOT_FOUND = "File Not Found"
"""How a server of whisper.cpp begins whatever it says under the status 404."""
_LONGEST_SENTENCE = 1_000
_LOST = ("disconnected", "closed connection")
"""In what the library says when the server hung up; its other complaints are about nonsense."""


class Passing(Exception):
    """A trouble that may be over in a moment."""

    def __init__(self, error: EngineError, after_s: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.after_s = after_s
        """When the service wants to be asked again, if it says so."""


class Unsupported(EngineNonsense):
    """The service takes requests, but not with this parameter."""

    def __init__(self, sentence: str, parameter: str) -> None:
        super().__init__(sentence)
        self.parameter = parameter


class BrokenOff(EngineNonsense):
    """The service has begun to answer, and has not come to the end."""


class NotThere(EngineNonsense):
    """The service has no such thing: another interface, or a model by another name."""


class Complaint(msgspec.Struct, frozen=True):
    """What a service says about a request that it did not fulfil."""

    status: int
    words: frozenset[str] = frozenset()
    """The machine-readable ones."""
    parameter: str = ""
    after_s: float | None = None
    sentence: str = ""
    """What it tells people, in the shape that the house's own servers give it. That may be passed
    on by whoever knows that it is one of them, and by nobody else."""


def complaint(status: int, body: bytes, retry_after: str = "") -> Complaint:
    """What is known here of the body of an error, whatever shape it has."""
    after_s = _seconds(retry_after)
    if body.startswith(FILE_NOT_FOUND.encode()):
        return Complaint(status, frozenset({FILE_NOT_FOUND}), after_s=after_s)
    try:
        told: Any = msgspec.json.decode(body)
    except UNREADABLE:
        told = None
    return complaint_in(told, status=status, after_s=after_s)


def complaint_in(told: Any, *, status: int = 500, after_s: float | None = None) -> Complaint:
    """The same, of an error that came as an object in the middle of an answer."""
    told = told if isinstance(told, dict) else {}
    if after_s is None:
        after_s = _seconds(told.get("estimated_time"))  # until a model is loaded
    error = told.get("error")
    if not isinstance(error, dict):
        return Complaint(status, after_s=after_s, sentence=_sentence(told))
    listed = error.get("details")
    details = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    words = [error.get("code"), error.get("type"), error.get("status")]
    words += [detail.get("reason") for detail in details]
    delays = (_seconds(one.get("retryDelay")) for one in details)
    if isinstance(code := error.get("code"), int) and 400 <= code < 600:
        status = code
    return Complaint(
        status,
        frozenset(word for word in words if isinstance(word, str)),
        parameter if isinstance(parameter := error.get("param"), str) else "",
        after_s if after_s is not None else next((one for one in delays if one is not None), None),
    )


def trouble(what: Complaint, address: Address) -> Passing | EngineError:
    """The error to be raised for it."""
    name, status = address.name, what.status
    if what.words & _DECLINED:
        return RequestDeclined(f"{name} declined to do this.")
    if status in (401, 403) or what.words & _WRONG_KEY:
        return _locked(address)
    if status == 402 or what.words & _NO_CREDIT:
        return EngineBusy(f"The account at {name} has no credit left.")
    if status == 413 or what.words & _TOO_LONG:
        return RequestRefused(f"What was said is too long for the model at {name}.")
    if what.words & _UNSUPPORTED and what.parameter:
        return Unsupported(f"{name} does not take all that is asked of it.", what.parameter)
    if status == 429:
        busy = EngineBusy(f"{name} has had too many requests from here. Try again in a moment.")
        return Passing(busy, what.after_s)
    if status == 503:
        loading = EngineBusy(f"{name} is overloaded or still loading. Try again in a moment.")
        return Passing(loading, what.after_s)
    if status in (408, 504):
        return Passing(EngineTimeout(f"{name} took too long, as it says itself."))
    if status >= 500:
        return Passing(EngineNonsense(f"{name} failed with the status {status}."), what.after_s)
    if status == 404 or what.words & _NO_SUCH_MODEL:
        return NotThere(
            f"{name} does not have what was asked for.",
            hint=f"Check {address.url_setting} and the name of the model.",
        )
    if status < 400:
        return EngineNonsense(
            f"{name} did not answer, but pointed elsewhere.", hint=f"Check {address.url_setting}."
        )
    return EngineNonsense(
        f"{name} refused the request with the status {status}.",
        blamed="either" if status in _UNFIT else "engine",
    )


def is_wrong_key(what: Complaint) -> bool:
    """For certain: other than 403, which may be about the one thing that was asked for."""
    return what.status == 401 or bool(what.words & _WRONG_KEY)


def _locked(address: Address) -> EngineLocked:
    if address.has_key:
        return EngineLocked(f"{address.key_setting} is not accepted by {address.name}.")
    if not address.key_setting:
        return EngineLocked(
            f"{address.name} does not let us in.",
            hint=f"If it wants a name and a password, put them into {address.url_setting}.",
        )
    return EngineLocked(f"{address.name} needs a key. Please set {address.key_setting}.")


@contextmanager
def translated(address: Address, *, begun: bool = False) -> Iterator[None]:
    """What the HTTP library raises in here leaves as one of our errors. `begun`: it has begun to
    answer, so a connection that is lost is an answer that broke off."""
    name = address.name
    try:
        yield
    except TimeoutError:
        raise EngineTimeout(f"{name} took too long to answer.") from None
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as fault:
        address.not_reached(str(fault) or type(fault).__name__)
        raise EngineUnreachable(
            f"{name} can't be reached.",
            hint=f"Is it running? If it is elsewhere, set {address.url_setting}.",
        ) from None
    except httpx.PoolTimeout:
        raise EngineBusy(f"Too many requests to {name} are under way.") from None
    except httpx.TimeoutException:
        raise EngineTimeout(f"{name} took too long to take the request.") from None
    except httpx.RemoteProtocolError as fault:
        if any(words in str(fault) for words in _LOST):
            raise _lost(address, begun) from None
        raise nonsense(address) from None
    except httpx.TransportError:
        raise _lost(address, begun) from None


def _lost(address: Address, begun: bool) -> BrokenOff | Passing:
    """The connection ended before the answer did. One that has begun is not asked for again: who
    hears of it may, if that is worth it."""
    if begun:
        return broken_off(address.name)
    return Passing(EngineUnreachable(f"The connection to {address.name} was lost."))


def broken_off(name: str) -> BrokenOff:
    return BrokenOff(f"{name} broke off in the middle of its answer.")


def nonsense(address: Address) -> EngineNonsense:
    """The answer can't be read."""
    return EngineNonsense(
        f"{address.name} answered something that makes no sense.",
        hint=f"Check that {address.url_setting} is the address of a server of this kind.",
    )


def refuse_web_page(body: bytes, address: Address) -> None:
    """A page where a few words were expected: another server, however well it may be."""
    if body.lstrip().startswith(b"<"):
        raise nonsense(address)


def _sentence(told: dict[str, Any]) -> str:
    """The one sentence that stands under both of the names for it."""
    said = told.get("detail")
    if not isinstance(said, str) or said != told.get("error"):
        return ""
    return " ".join(said.split())[:_LONGEST_SENTENCE]


def _seconds(told: Any) -> float | None:
    """A number of seconds, as a number or as in "17s"; a date, which is the other way to write it
    in a header, counts as unknown."""
    try:
        seconds = float(told.rstrip("s") if isinstance(told, str) else told)
    except (TypeError, ValueError, OverflowError):
        return None
    return seconds if 0 <= seconds < 1e6 else None
