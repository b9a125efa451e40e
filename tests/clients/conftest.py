"""Clients as they were written for other voice servers, and real servers for them to meet."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from repartee.testing.server_process import ServerProcess


@pytest.fixture(scope="package")
def embedded() -> Iterator[ServerProcess]:
    """The server as `make run` starts it, but for the length of its answers."""
    with ServerProcess(MAX_NEW_TOKENS="24") as server:
        yield server
