"""The border to a library: whatever it raises becomes an error that a person can act on."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from repartee.errors import EngineFailed, EngineMissing, ReparteeError
from repartee.installing import command, extra

log = logging.getLogger(__name__)

T = TypeVar("T")

_NO_DOWNLOADS = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
"""What the libraries around the Hugging Face hub look at when they are imported."""


def loaded(engine: str, load: Callable[[], T]) -> T:
    """What this loads. Its library, or one that this library needs, may not be installed.

    Some libraries would fetch what they don't find. Models are fetched when somebody says so, with
    `repartee models pull`, and never by a call or a start.
    """
    os.environ.update(_NO_DOWNLOADS)
    try:
        return load()
    except ImportError as failure:
        log.warning("The %s engine can't be imported.", engine, exc_info=failure)
        raise EngineMissing(
            f"The {engine} engine needs packages that are not installed.",
            hint=f"Install them with: {command(extra(engine))}",
        ) from failure


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
