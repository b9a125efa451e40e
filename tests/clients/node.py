"""Scripts of pages, run by a Node that has `fetch`."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.programs import needed_program, not_tested

_HERE = Path(__file__).parent

BROWSERS = ("node", "httpx")
"""What can play the page's part."""


def run(script: str, *arguments: str) -> Any:
    """What the script prints, which is JSON."""
    node = needed_program("node", package="nodejs")
    if _answer([node, "-p", "typeof fetch"]) != "function":
        not_tested("this Node has no fetch, it is older than 18", package="nodejs")
    return json.loads(_answer([node, str(_HERE / script), *arguments]))


def _answer(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=40)
    return done.stdout.strip()
