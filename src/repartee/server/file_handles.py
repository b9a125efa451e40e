"""Each connection takes a file handle, and a process may have so many and no more."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress

log = logging.getLogger(__name__)

_FOR_ALL_ELSE = 256
"""Files, databases, engines, and connections that are just being refused."""


def make_room(most_connections: int) -> None:
    """As far as this process may make it."""
    if sys.platform == "win32":  # it has no such limit
        return
    import resource

    needed = most_connections + _FOR_ALL_ELSE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    most = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    with suppress(ValueError, OSError):  # some systems have yet another limit
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        soft = most
    if soft < needed:
        log.warning(
            "%d connections do not fit into the %d files that this process may have open: raise "
            "its limit (ulimit -n, LimitNOFILE), or lower MAX_CONNECTIONS.",
            most_connections,
            soft,
        )
