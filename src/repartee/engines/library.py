"""The border to a library: whatever it raises becomes an error that a person can act on."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from repartee.errors import EngineFailed, ReparteeError

log = logging.getLogger(__name__)


@contextmanager
def library(engine: str, doing: str) -> Iterator[None]:
    """While a library works: its errors go to the log, and an `EngineFailed` goes on."""
    try:
        yield
    except ReparteeError:
        raise
    except Exception as failure:  # a library may raise anything
        log.warning("The %s engine failed while %s.", engine, doing, exc_info=failure)
        raise EngineFailed(
            f"The {engine} engine failed while {doing}.", hint="The log says why."
        ) from failure
