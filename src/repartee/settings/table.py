"""Prints the settings for people: `docs/settings.md`, or with `--env` the file `.env.example`.

python -m repartee.settings.table > docs/settings.md
python -m repartee.settings.table --env > .env.example
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from textwrap import wrap

from pydantic.fields import FieldInfo

from repartee.settings import SECTIONS, Section
from repartee.settings.reading import ALIASES
from repartee.settings.values import allowed

_INTRODUCTION = """\
# Settings

Repartee works without any setting. To change one, put a line such as `PORT=9000` into a file
named `.env` in the folder where you start it, or set it in the environment. A flag of the
command line overrides the environment, and the environment overrides `.env`. An empty value is no
value. Yes and no are written `true`/`false`, `1`/`0` or `yes`/`no`. A wrong setting stops the
start with one sentence that names it; names that Repartee doesn't know are left alone.

This page is printed by `python -m repartee.settings.table`.
"""

_EXAMPLE_INTRODUCTION = """\
# Copy this file to .env and take the # away from what you want to change.
# What is written here are the defaults. All of it is explained in docs/settings.md.
"""


def markdown() -> str:
    """The page `docs/settings.md`."""
    sections = "".join(_section(title, section) for title, section in SECTIONS.items())
    return f"{_INTRODUCTION}{sections}{_aliases()}"


def example() -> str:
    """The file `.env.example`: every setting, commented out, with its default."""
    lines = [_EXAMPLE_INTRODUCTION]
    for title, section in SECTIONS.items():
        lines.append(f"# ---- {title}: {_sentence(section)}\n")
        for name, field in section.model_fields.items():
            lines.extend(f"# {line}" for line in wrap(f"{field.description}", 96))
            lines.append(f"#{name.upper()}={_written(field.default)}\n")
    return "\n".join(lines).rstrip() + "\n"


def _section(title: str, section: type[Section]) -> str:
    rows = "\n".join(_rows(section))
    return (
        f"\n## {title}\n\n{_sentence(section)}\n\n"
        f"| Setting | Default | Allowed | What it does |\n| --- | --- | --- | --- |\n{rows}\n"
    )


def _rows(section: type[Section]) -> Iterator[str]:
    for name, field in section.model_fields.items():
        cells = (f"`{name.upper()}`", _default(field), allowed(field), f"{field.description}")
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _aliases() -> str:
    pairs = "\n".join(f"| `{alias}` | `{own}` |" for alias, own in ALIASES.items())
    return (
        "\n## Other names\n\nThese names are understood too.\n\n"
        f"| Name | Stands for |\n| --- | --- |\n{pairs}\n"
    )


def _default(field: FieldInfo) -> str:
    written = _written(field.default)
    return f"`{written}`" if written else "none"


def _written(value: object) -> str:
    """A value as it would stand in `.env`."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case float():
            return f"{value:g}"
        case tuple():
            return ",".join(value)
        case _:
            return str(value)


def _sentence(section: type[Section]) -> str:
    return (section.__doc__ or "").strip()


if __name__ == "__main__":
    sys.stdout.write(example() if "--env" in sys.argv[1:] else markdown())
