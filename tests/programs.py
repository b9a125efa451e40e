"""Programs that some tests need and that pip can't install."""

from __future__ import annotations

import os
import shutil

import pytest


def needed_program(*names: str, package: str) -> str:
    """Where the first of these programs is.

    Without it a test is skipped and says so; where `CI` is set it fails, so that nothing that was
    never run passes for tested.
    """
    for name in names:
        if (path := shutil.which(name)) is not None:
            return path
    reason = (
        f"NOT TESTED: there is no {' or '.join(names)} here. Install it (on Debian: "
        f"apt-get install {package}) and run the tests again."
    )
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
