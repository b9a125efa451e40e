"""The files with which a server is set up, read for tests."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from repartee.settings import Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
SETTINGS = {name.upper() for name in Settings.model_fields}


def text(path: str) -> str:
    return (ROOT / path).read_text()


def compose() -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load(text("docker-compose.yml"))
    return parsed


def instructions() -> list[tuple[str, str]]:
    """Those of the Dockerfile, each on one line: its word and its arguments."""
    lines = [line for line in text("Dockerfile").splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    found = (line.split(maxsplit=1) for line in joined.splitlines() if line.strip())
    return [(word, rest) for word, rest in found]


def stages() -> list[list[tuple[str, str]]]:
    """The instructions from one FROM to the next."""
    found: list[list[tuple[str, str]]] = []
    for instruction in instructions():
        if instruction[0] == "FROM":
            found.append([])
        if found:
            found[-1].append(instruction)
    return found


def seconds(span: str) -> float:
    """As it is written for compose and for systemd: 30s, 1h, or plain seconds."""
    units = {"": 1, "s": 1, "m": 60, "h": 3_600}
    found = re.fullmatch(r"(\d+)([smh]?)", span)
    assert found is not None, f"{span} is no span of time"
    return float(found[1]) * units[found[2]]
