"""How much is tried: `FUZZ_FRAMES` frames and requests in all, 5,000 unless that says otherwise.

Each interface has its share. What is tried is the same every time: a longer run begins as a shorter
one does, and goes on.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings

FRAMES = int(os.environ.get("FUZZ_FRAMES", "5000"))
_USUAL_TIMEOUT_SECONDS = 60

patiently = [
    pytest.mark.timeout(_USUAL_TIMEOUT_SECONDS * max(1, FRAMES // 2_500)),
    pytest.mark.filterwarnings("ignore:Generating overly large repr"),
]
"""A long run may take long, and so may the frames be that a failure shows."""


def tries(share: float, frames_each: int = 1) -> Callable[[Any], Any]:
    """So many tries that this share of all frames is sent, `frames_each` in each of them.

    What fails is shown as it was sent: to look for something simpler would take minutes, with a
    server that remembers what was tried before.
    """
    return settings(
        max_examples=max(1, round(FRAMES * share / frames_each)),
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
