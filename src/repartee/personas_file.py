"""A file of personas: one table each, in TOML.

    [chef_marco]
    name = "Chef Marco"
    instructions = "You are Chef Marco, an enthusiastic Italian chef."
    voice = "am_michael"
    speed = 1.1
    language = "en"
    greeting = "Ciao! What shall we cook today?"

It is read strictly: what is misspelt would otherwise go unnoticed. A mistake is told in one
sentence that names its place.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import msgspec

from repartee.errors import SettingsError

MOST_BYTES = 1_048_576
MOST_PERSONAS = 200
_KEY = re.compile(r"[A-Za-z0-9_\-]{1,64}")


class Persona(msgspec.Struct, frozen=True, kw_only=True):
    """Who answers. What is None is as the settings say."""

    key: str
    name: str
    instructions: str
    voice: str | None = None
    speed: float | None = None
    language: str | None = None
    greeting: str = ""
    """What is said first to a client that connects to this persona."""


class _Field(NamedTuple):
    kind: Any
    allowed: str
    """In words that continue "must be …"."""


def _text(most: int) -> _Field:
    kind = Annotated[str, msgspec.Meta(max_length=most, pattern=r"\S")]
    return _Field(kind, f"text of 1 to {most} characters")


_LANGUAGE_CODE = r"^(?:[Aa]uto|[A-Za-z]{2,3}([_\-][A-Za-z0-9]{1,8}){0,3})$"
_LANGUAGE = Annotated[str, msgspec.Meta(pattern=_LANGUAGE_CODE)]
_FIELDS = {
    "name": _text(100),
    "instructions": _text(20_000),
    "voice": _text(64),
    "speed": _Field(Annotated[float, msgspec.Meta(gt=0, le=2)], "a number above 0, up to 2"),
    "language": _Field(_LANGUAGE, "the code of a language, such as en or en-GB, or auto"),
    "greeting": _text(1_000),
}
_REQUIRED = ("name", "instructions")


def read_personas(file: Path) -> tuple[Persona, ...]:
    """`SettingsError` is the sentence about what is wrong."""
    written = _tables(file)
    if len(written) > MOST_PERSONAS:
        raise SettingsError(f"{file.name} has more than {MOST_PERSONAS} personas.")
    return tuple(_persona(file.name, key, table) for key, table in written.items())


def _tables(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as opened:
            data = opened.read(MOST_BYTES + 1)
    except OSError as problem:
        raise SettingsError(f"{file.name} can't be read: {problem.strerror}.") from None
    if len(data) > MOST_BYTES:
        raise SettingsError(f"{file.name} is larger than a megabyte.")
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        raise SettingsError(f"{file.name} is not UTF-8 text in line {line}.") from None
    except ValueError as problem:  # a number of thousands of digits is one, too
        raise SettingsError(f"{file.name} is no valid TOML: {problem}.") from None
    except RecursionError:
        raise SettingsError(f"{file.name} is nested too deeply.") from None


def _persona(file: str, key: str, table: Any) -> Persona:
    who = f"{file}: the persona {key[:64]!r}"
    if not _KEY.fullmatch(key):
        raise SettingsError(
            f"{who} has a key that can't be used: only letters, digits, - and _, at most 64."
        )
    if not isinstance(table, dict):
        raise SettingsError(f"{who} must be a table: a line [{key}], and its fields below.")
    for name in _REQUIRED:
        if name not in table:
            raise SettingsError(f"{who} has no {name!r}.")
    return Persona(key=key, **{name: _value(who, name, value) for name, value in table.items()})


def _value(who: str, name: str, value: Any) -> Any:
    if name not in _FIELDS:
        known = ", ".join(_FIELDS)
        raise SettingsError(f"{who} has an unknown field {name[:64]!r}; there are {known}.")
    field = _FIELDS[name]
    try:
        return msgspec.convert(value, field.kind)
    except msgspec.ValidationError:
        raise SettingsError(f"{who} has a wrong {name!r}: it must be {field.allowed}.") from None
