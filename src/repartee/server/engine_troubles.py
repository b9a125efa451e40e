"""Why an engine does not work, in words for anybody: no address, no setting, nothing of a key."""

from __future__ import annotations

from repartee.errors import (
    EngineBusy,
    EngineError,
    EngineLocked,
    EngineMissing,
    EngineNonsense,
    EngineTimeout,
    EngineUnreachable,
)

_IN_WORDS: tuple[tuple[type[EngineError], str], ...] = (
    (EngineTimeout, "It takes too long to answer."),
    (EngineUnreachable, "Its service can't be reached."),
    (EngineLocked, "Its service does not let this server in."),
    (EngineBusy, "Its service is not available at the moment."),
    (EngineNonsense, "Its service answers what can't be used."),
    (EngineMissing, "Something that it needs is not installed."),
    (EngineError, "It failed."),
)
_SEEN_FROM_AFAR = "It did not work when it was last looked at."


def why_not_working(trouble: EngineError | None, *, ready: bool) -> str | None:
    """None if it works: the latest job found no `trouble`, and it takes itself for `ready`. The
    sentence of the error names services and settings, and is for those who asked for the job."""
    if trouble is not None:
        return next(words for kind, words in _IN_WORDS if isinstance(trouble, kind))
    return None if ready else _SEEN_FROM_AFAR
