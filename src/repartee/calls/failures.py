"""From an exception to the one error that a caller is told of."""

from __future__ import annotations

import logging

from repartee.errors import ReparteeError

log = logging.getLogger(__name__)


def sentence_of(failure: BaseException, otherwise: str) -> str:
    """The sentence of the first error of ours; of anything else only the log learns more."""
    return str(error_of(failure, otherwise))


def error_of(failure: BaseException, otherwise: str) -> ReparteeError:
    """The first error of ours; of anything else only the log learns more."""
    if isinstance(failure, BaseExceptionGroup):
        ours = failure.subgroup(ReparteeError)
        return error_of((ours or failure).exceptions[0], otherwise)
    if isinstance(failure, ReparteeError):
        return failure
    log.error("An engine broke.", exc_info=failure)
    return ReparteeError(otherwise)
