"""The engines with neural networks, each run for real on a tiny model that its test makes.

Their libraries are too large for everybody's environment; `pytest -m neural` runs what can be run
where some are installed, and says loudly what was skipped.
"""

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "neural: runs a real library on a tiny model made here")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"
