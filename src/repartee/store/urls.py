"""Where the database is: DATABASE_URL as people write it.

What is wrong with it is said without quoting it, for it may hold a password.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import msgspec

from repartee.errors import SettingsError

_EXAMPLES = "Write it like sqlite:///./repartee.db or postgresql://user:password@host/database."
_ONLY_FOR_LIBPQ = {
    "channel_binding",
    "client_encoding",
    "connect_timeout",
    "gssencmode",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "pgbouncer",
    "sslcompression",
    "sslsni",
}
"""Options that other clients understand and hosts like to append. The server would refuse them."""

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]]*)(:[0-9]{1,5})?")


class SqliteFile(msgspec.Struct, frozen=True):
    path: Path


class SqliteMemory(msgspec.Struct, frozen=True):
    """A database that is gone with the process."""


class Postgres(msgspec.Struct, frozen=True):
    dsn: str


Place = SqliteFile | SqliteMemory | Postgres


def read_url(url: str) -> Place:
    scheme, separator, rest = url.strip().partition("://")
    family = scheme.lower().partition("+")[0]  # people also name a driver: postgresql+asyncpg
    if separator and family == "sqlite":
        return _sqlite(rest)
    if separator and family in ("postgres", "postgresql"):
        return _postgres(f"postgresql://{rest}")
    raise SettingsError("DATABASE_URL names no database that Repartee knows.", hint=_EXAMPLES)


def _sqlite(rest: str) -> Place:
    path = rest.removeprefix("/")
    if path == ":memory:":
        return SqliteMemory()
    if "?" in path:
        raise SettingsError(
            "DATABASE_URL has options after a question mark, and SQLite takes none.",
            hint="Leave out the question mark and what follows it.",
        )
    if path == rest:
        raise SettingsError(
            "DATABASE_URL needs three slashes before a file's name, and four before a full path.",
            hint=_EXAMPLES,
        )
    if not path or path.endswith("/"):
        raise SettingsError("DATABASE_URL names no file.", hint=_EXAMPLES)
    return SqliteFile(Path(path).expanduser())


def _postgres(url: str) -> Place:
    try:
        parts = urlsplit(url)
        options = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError:
        raise _unreadable() from None
    hosts = parts.netloc.rpartition("@")[2].split(",")
    if not all(_HOST.fullmatch(host) for host in hosts) or parts.fragment:
        raise _unreadable()
    kept = [(name, value) for name, value in options if name not in _ONLY_FOR_LIBPQ]
    return Postgres(urlunsplit(parts._replace(query=urlencode(kept))))


def _unreadable() -> SettingsError:
    return SettingsError(
        "DATABASE_URL can't be read.",
        hint="Write characters such as @ / : # ? [ in a password as %40 %2F %3A %23 %3F %5B.",
    )
