import pytest

from tests.calls.virtual_time import IN_VIRTUAL_TIME, Backend


@pytest.fixture
def anyio_backend() -> Backend:
    """Deadlines and rests are exact here, and over at once."""
    return IN_VIRTUAL_TIME
