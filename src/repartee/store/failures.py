"""What a database complains about, in plain words, and if trying again can help.

Nothing of the complaint itself is passed on: it may quote what was to be kept.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import asyncpg
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError

from repartee.store.protocol import RecordRefused, StoreUnavailable, TablesMissing

_LOCKED = ("The database is locked.", "Another program is writing to it; close that program.")
_FULL = ("The database has no room left.", "Free some space on its disk.")
_READ_ONLY = ("The database can't be written to.", "Give the server the right to write there.")
_NO_FILE = (
    "The file of the database can't be opened.",
    "Its folder must exist, and the server must be allowed to write there.",
)
_DAMAGED = (
    "The file of the database is damaged, or no SQLite database.",
    "Restore it from a backup, or name another file.",
)
_NO_ENTRY = ("The database refuses this user or password.", "Look at both in DATABASE_URL.")
_NO_DATABASE = ("There is no database of that name.", "Create it, or name another one.")
_NO_ANSWER = ("The database can't be reached.", "Look if it is running, and at its address.")
NO_OPTION = (
    "The address of the database has an option that is not understood.",
    "Look at what follows the question mark in DATABASE_URL.",
)
_UNKNOWN = ("The database failed.", "Look at its own log, if it has one.")

_REASONS = {
    # SQLite's names
    "SQLITE_BUSY": _LOCKED,
    "SQLITE_LOCKED": _LOCKED,
    "SQLITE_FULL": _FULL,
    "SQLITE_READONLY": _READ_ONLY,
    "SQLITE_CANTOPEN": _NO_FILE,
    "SQLITE_IOERR": _NO_FILE,
    "SQLITE_CORRUPT": _DAMAGED,
    "SQLITE_NOTADB": _DAMAGED,
    # PostgreSQL's codes, and the classes they begin with
    "53100": _FULL,
    "25006": _READ_ONLY,
    "42501": _READ_ONLY,
    "28": _NO_ENTRY,
    "3D": _NO_DATABASE,
    "08": _NO_ANSWER,
    "57": _NO_ANSWER,
    "42704": NO_OPTION,
}
_NO_TABLE = "42P01"
_UNSUITABLE = (ValueError, OverflowError, TypeError)
"""What drivers raise about a value that fits into no column."""


@contextlib.contextmanager
def in_plain_words() -> Iterator[None]:
    """Inside, a database's own errors become ours."""
    try:
        yield
    except (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as problem:
        raise _translated(problem) from None
    except _UNSUITABLE:
        raise _refused() from None


def _translated(problem: Exception) -> StoreUnavailable | RecordRefused:
    cause = problem.orig if isinstance(problem, DBAPIError) else problem
    reason = _reason(cause)
    if reason == _NO_TABLE or str(cause).startswith("no such table"):
        return TablesMissing(
            "The tables of the database are gone.", hint="If all of them are, they are made anew."
        )
    if isinstance(problem, IntegrityError | DataError) or isinstance(
        getattr(cause, "__cause__", None), _UNSUITABLE
    ):
        return _refused()
    sentence, hint = _words(reason, cause)
    return StoreUnavailable(sentence, hint=hint)


def _reason(cause: BaseException | None) -> str:
    return getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None) or ""


def _words(reason: str, cause: BaseException | None) -> tuple[str, str]:
    for known, words in _REASONS.items():
        if reason.startswith(known):
            return words
    unreachable = isinstance(cause, OSError | asyncpg.InterfaceError) or "closed" in str(cause)
    return _NO_ANSWER if unreachable else _UNKNOWN


def _refused() -> RecordRefused:
    return RecordRefused(
        "The database refuses what was to be kept.",
        hint="It belongs to a session that is not there, or holds an impossible value.",
    )
