"""How a verb fails: one sentence on standard error, and an exit code."""

from __future__ import annotations

import functools
import logging
import sys
from collections.abc import Callable
from typing import ParamSpec

import typer

from repartee.errors import ReparteeError, SettingsError

FAILED = 1
WRONG_SETTING = 2

Flags = ParamSpec("Flags")

log = logging.getLogger(__name__)


def politely(verb: Callable[Flags, None]) -> Callable[Flags, None]:
    """The verb, with our errors as a sentence. With DEBUG on, the log shows where they arose."""

    @functools.wraps(verb)
    def run(*args: Flags.args, **kwargs: Flags.kwargs) -> None:
        try:
            verb(*args, **kwargs)
        except ReparteeError as problem:
            log.debug("%s gave up.", verb.__name__, exc_info=problem)
            print(problem, file=sys.stderr)
            wrong_setting = isinstance(problem, SettingsError)
            raise typer.Exit(WRONG_SETTING if wrong_setting else FAILED) from None

    return run
