"""Scripts of pages, run by Node where there is one that has `fetch`."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

_FIRST_WITH_FETCH = 18
_HERE = Path(__file__).parent


def _has_fetch() -> bool:
    if shutil.which("node") is None:
        return False
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
    found = re.match(r"v(\d+)\.", version.stdout)
    return found is not None and int(found[1]) >= _FIRST_WITH_FETCH


BROWSERS = ("node", "httpx") if _has_fetch() else ("httpx",)
"""What can play the page's part."""


def run(script: str, *arguments: str) -> Any:
    """What the script prints, which is JSON."""
    command = ["node", str(_HERE / script), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=40)
    return json.loads(done.stdout)
