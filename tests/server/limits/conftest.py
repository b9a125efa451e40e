from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.programs import needed_program
from tests.server.limits.redis_server import RedisServer


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    """It has counted nothing yet."""
    with RedisServer(needed_program("redis-server", package="redis-server"), tmp_path) as own:
        yield own
