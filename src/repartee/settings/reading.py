"""Where settings come from, and the sentence about one that is wrong.

What is given on the command line overrides the environment, which overrides the `.env` file. A
value that is empty counts as not given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from dotenv import dotenv_values
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from repartee.errors import SettingsError
from repartee.settings.values import allowed, is_secret

ALIASES = {
    "LLM_MODEL_NAME": "LLM_MODEL",
    "TTS_MODEL_NAME": "TTS_MODEL",
    "BACKEND_LOG_LEVEL": "LOG_LEVEL",
}
"""Names that other servers of this kind use for the same thing."""

_LONGEST_VALUE_SHOWN = 80


class Given(NamedTuple):
    """One value as it was written, under the name that was used for it."""

    name: str
    value: Any


def gather(fields: Iterable[str], sources: Iterable[Mapping[str, Any]]) -> dict[str, Given]:
    """For each field the value of the first source that gives one; its own name beats an alias."""
    ordered = tuple(sources)
    found: dict[str, Given] = {}
    for field in fields:
        names = (field.upper(), *(alias for alias, own in ALIASES.items() if own == field.upper()))
        given = (Given(name, source.get(name)) for source in ordered for name in names)
        first = next((one for one in given if not _is_empty(one.value)), None)
        if first is not None:
            found[field] = first
    return found


def read_dotenv(path: str | Path | None) -> Mapping[str, str | None]:
    """The `.env` file as it is written, with nothing expanded; no file is no setting."""
    if path is None or not Path(path).is_file():
        return {}
    try:
        return dotenv_values(path, encoding="utf-8-sig", interpolate=False)
    except (OSError, UnicodeDecodeError) as problem:
        raise SettingsError(
            f"The file {Path(path).name} can't be read ({type(problem).__name__}), "
            "but must be readable UTF-8 text with lines such as PORT=8000."
        ) from problem


def sentence_about(
    wrong: ValidationError, fields: Mapping[str, FieldInfo], given: Mapping[str, Given]
) -> str:
    """One sentence: the first wrong setting, its value, what is allowed, and how many more."""
    names = list(dict.fromkeys(str(error["loc"][0]) for error in wrong.errors()))
    first = fields[names[0]]
    name, value = given[names[0]]
    shown = "not usable" if is_secret(first) else _shown(value)
    sentence = f"{name} is {shown}, but must be {allowed(first)}"
    more = len(names) - 1
    if more:
        sentence += f", and {more} more {'setting is' if more == 1 else 'settings are'} wrong"
    return f"{sentence}."


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_VALUE_SHOWN else f"{text[:_LONGEST_VALUE_SHOWN]}…"
