"""The page's modules have tests in their own language; node runs them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.programs import needed_program

ROOT = Path(__file__).parents[2]


def test_the_modules_of_the_page_pass_their_tests() -> None:
    node = needed_program("node", package="nodejs")
    tests = sorted(str(file) for file in (ROOT / "tests/page").glob("*.test.mjs"))
    assert tests
    # In a context of node's own test runner it would report to that one instead of to us.
    environment = {name: value for name, value in os.environ.items() if name != "NODE_TEST_CONTEXT"}
    run = subprocess.run(
        [node, "--test", *tests], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    if run.returncode != 0:
        pytest.fail(f"{run.stdout}\n{run.stderr}", pytrace=False)
