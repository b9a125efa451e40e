"""Whether any other server is at work in a file.

Every server holds a shared lock on a small file beside the database for as long as it lives, and
whoever starts tries to have that lock for itself. It gets it only if no other server lives: the
system takes the locks of a process away however it ends, `kill -9` included. So a server that is
started again knows at once that all that is still active was left by its own former life. A process
id could not tell that: it may belong to another program by now, or to another container.

It is no lock on the database's own file: SQLite has its own there, and loses them when anybody in
the same process closes that file.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import anyio

from repartee.store.urls import Place, Postgres, SqliteFile

if os.name == "posix":
    import fcntl

_PATIENCE_SECONDS = 3.0
_PAUSE_SECONDS = 0.05


class Use:
    """One server's use of a database; `alone` where no other one has it in use."""

    def __init__(self, *, alone: bool, lock: int | None = None) -> None:
        self._lock = lock
        self.alone = alone if lock is None else _locked(lock, exclusively=True)

    async def let_others_in(self) -> None:
        """From now on others may start, and will know that they are not alone."""
        if self._lock is None:
            return
        with anyio.move_on_after(_PATIENCE_SECONDS):
            while not _locked(self._lock, exclusively=False):
                await anyio.sleep(_PAUSE_SECONDS)  # another one looks around at this moment


@contextmanager
def in_use(place: Place) -> Iterator[Use]:
    """A database in memory is of this process alone, and one on a network may be everybody's."""
    lock = _lock_beside(place.path) if isinstance(place, SqliteFile) else None
    try:
        yield Use(alone=not isinstance(place, Postgres), lock=lock)
    finally:
        if lock is not None:
            os.close(lock)


def _lock_beside(database: Path) -> int | None:
    """None where the system has no such locks. Then nobody counts as using the file: if somebody
    does, their next sign of life tells."""
    if os.name != "posix":
        return None
    with suppress(OSError):
        flags = os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW
        return os.open(database.with_name(f"{database.name}-in-use"), flags, 0o600)
    return None


def _locked(lock: int, *, exclusively: bool) -> bool:
    """Whether it could be had; as good as that where the disk knows no locks."""
    kind = fcntl.LOCK_EX if exclusively else fcntl.LOCK_SH
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
