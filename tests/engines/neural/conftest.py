"""The engines with neural networks, each run for real on a tiny model that its test makes.

Their libraries are too large for everybody's environment: `make test-neural` has one of its own
for them. Elsewhere what can be run is run, and the last lines say what was not.
"""

import pytest

from tests.engines.neural.needs import MISSING


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


def pytest_unconfigure(config: pytest.Config) -> None:
    """The very last line, below all that was skipped."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if MISSING and reporter is not None:
        reporter.line(
            f"NOT TESTED, because their libraries are not installed here:"
            f" {', '.join(sorted(MISSING))}. make test-neural tests them.",
            yellow=True,
        )
