import pytest

from tests.skipping import pytest_make_collect_report as pytest_make_collect_report
from tests.skipping import pytest_runtest_makereport as pytest_runtest_makereport


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
