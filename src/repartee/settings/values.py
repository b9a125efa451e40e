"""How the values of settings are written, and the words that say what is allowed.

Each kind of value is a type here. What a type or a bound allows is put into words once, by
`allowed`, and read twice: in the sentence about a wrong setting and in the table of settings.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from ipaddress import ip_network
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MaxLen
from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic.fields import FieldInfo

_ENGINE = re.compile(r"[a-z0-9][a-z0-9_\-]{0,63}")
_ORIGIN = re.compile(r"\*|https?://[A-Za-z0-9.\-\[\]:]+")
_HOST_NAME = re.compile(r"\*|\.?[a-z0-9_]([a-z0-9_\-.]*[a-z0-9])?")
_KEY = re.compile(r"[!-~]{16,200}")


class Allowed(NamedTuple):
    """Beside a type: what may be written, in words that continue "must be …"."""

    phrase: str


def _folded(fold: Callable[[str], str]) -> BeforeValidator:
    return BeforeValidator(lambda value: fold(value.strip()) if isinstance(value, str) else value)


def _like(pattern: str) -> AfterValidator:
    whole = re.compile(pattern)

    def check(value: str) -> str:
        if not whole.fullmatch(value):
            raise ValueError("is written in another way")
        return value

    return AfterValidator(check)


def _split(value: object) -> object:
    """A list as people write it: separated by commas, or as JSON."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        try:
            return json.loads(value)
        except RecursionError:
            raise ValueError("is nested too deeply") from None
    return [item.strip() for item in value.split(",") if item.strip()]


def _origins(values: tuple[str, ...]) -> tuple[str, ...]:
    """A browser sends an origin without a slash at its end, so one that has it never matches."""
    origins = tuple(value.rstrip("/").lower() for value in values)
    if not all(_ORIGIN.fullmatch(origin) for origin in origins):
        raise ValueError("is no origin")
    return origins


def _host_names(values: tuple[str, ...]) -> tuple[str, ...]:
    """`*.example.org` is another way to write `.example.org`."""
    names = tuple(name if name == "*" else name.removeprefix("*").lower() for name in values)
    if not all(_HOST_NAME.fullmatch(name) for name in names):
        raise ValueError("is no name of a machine")
    return names


def _networks(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(value if value == "*" else str(ip_network(value)) for value in values)


def _keys(keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    for key in keys:
        _key(key)
    return keys


def _key(key: SecretStr) -> SecretStr:
    if not _KEY.fullmatch(key.get_secret_value()):
        raise ValueError("can be guessed, or does not fit into a header")
    return key


def _chain(value: str) -> str:
    """Names in their order, each once, and nothing between them but commas."""
    names = [name.strip() for name in value.split(",")]
    if len(set(names)) < len(names) or not all(map(_ENGINE.fullmatch, names)):
        raise ValueError("is no list of engines")
    return ",".join(names)


Host = Annotated[
    str, _like(r"[A-Za-z0-9._:%\-]{1,253}"), Allowed("an IP address or the name of this machine")
]
Origins = Annotated[
    tuple[str, ...],
    BeforeValidator(_split),
    AfterValidator(_origins),
    Allowed("web origins such as https://example.org, separated by commas, or *"),
]
HostNames = Annotated[
    tuple[str, ...],
    BeforeValidator(_split),
    AfterValidator(_host_names),
    Allowed("names of machines without a port, separated by commas"),
]
Networks = Annotated[
    tuple[str, ...],
    BeforeValidator(_split),
    AfterValidator(_networks),
    Allowed("IP addresses or networks such as 10.0.0.0/8, separated by commas, or *"),
]
Keys = Annotated[
    tuple[SecretStr, ...],
    BeforeValidator(_split),
    AfterValidator(_keys),
    Allowed("keys of 16 to 200 letters, digits and signs, separated by commas"),
]
Secret = Annotated[
    SecretStr,
    AfterValidator(_key),
    Allowed("a secret of 16 to 200 letters, digits and signs"),
]
LogLevel = Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], _folded(str.upper)]
LogFormat = Annotated[Literal["text", "json"], _folded(str.lower)]
Speculation = Annotated[Literal["auto", "on", "off"], _folded(str.lower)]
LimitsMode = Annotated[Literal["auto", "on", "off"], _folded(str.lower)]
LimitsStorage = Annotated[
    str,
    _like(r"memory|rediss?://[^\s]{1,500}"),
    Allowed("memory, or the address of a Redis such as redis://localhost:6379/0"),
]
EngineName = Annotated[
    str,
    _folded(str.lower),
    _like(_ENGINE.pattern),
    Allowed("the name of an engine"),
]
EngineChain = Annotated[
    str,
    _folded(str.lower),
    AfterValidator(_chain),
    Allowed("the name of an engine, or of several that stand in for one another, as in a,b,c"),
]
Language = Annotated[
    str,
    _like(r"(?i:auto)|[A-Za-z]{2,3}([_\-][A-Za-z0-9]{1,8}){0,3}"),
    Allowed("the code of a language, such as en or en-GB, or auto"),
]
WebAddress = Annotated[
    str,
    _like(r"https?://[^\s/@]+(/\S*)?"),
    Allowed("an address that begins with http:// or https://"),
]
VoiceName = Annotated[
    str, _like(r"[A-Za-z0-9][A-Za-z0-9 _.+/()\-]{0,63}"), Allowed("the name of a voice")
]


def is_secret(field: FieldInfo) -> bool:
    return SecretStr in (field.annotation, *get_args(field.annotation))


def allowed(field: FieldInfo) -> str:
    """What may be written for this field, in words that continue "must be …"."""
    kind = _without_none(field.annotation)
    for note in (*field.metadata, *getattr(kind, "__metadata__", ())):
        if isinstance(note, Allowed):
            return note.phrase
    if get_origin(kind) is Literal:
        *others, last = get_args(kind)
        return f"{', '.join(others)} or {last}"
    if kind is bool:
        return "true or false"
    if kind is int:
        return f"a whole number{_range(field.metadata)}"
    if kind is float:
        return f"a number{_range(field.metadata)}"
    longest = next((note.max_length for note in field.metadata if isinstance(note, MaxLen)), None)
    return f"text of at most {longest} characters" if longest else "text"


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) in (Union, UnionType):
        return next(kind for kind in get_args(annotation) if kind is not NoneType)
    return annotation


def _range(notes: list[Any]) -> str:
    low = next((note for note in notes if isinstance(note, Ge | Gt)), None)
    high = next((note for note in notes if isinstance(note, Le | Lt)), None)
    if isinstance(low, Ge) and isinstance(high, Le):
        return f" from {low.ge} to {high.le}"
    words = []
    if low is not None:
        words.append(f"above {low.gt}" if isinstance(low, Gt) else f"of at least {low.ge}")
    if high is not None:
        words.append(f"below {high.lt}" if isinstance(high, Lt) else f"at most {high.le}")
    return f" {' and '.join(words)}" if words else ""
