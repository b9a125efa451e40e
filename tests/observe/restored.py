"""The log of the test run, left as it was."""

import contextlib
import logging
from collections.abc import Iterator

from repartee.observe.logs import configure


@contextlib.contextmanager
def log_restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        yield
    finally:
        configure("WARNING", "text")
        logging.captureWarnings(False)
        root.handlers[:] = handlers
        root.setLevel(level)
