"""`repartee keys`: who may come in, where the server asks for keys."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from repartee.cli import flags
from repartee.cli.failing import politely
from repartee.cli.starting import settings_of
from repartee.errors import BadInput, SettingsError

if TYPE_CHECKING:
    from repartee.store.protocol import Store, StoredKey

app = typer.Typer(help="The keys that open the server to others.", no_args_is_help=True)

T = TypeVar("T")

_NAME = re.compile(r"[\w][\w .@\-]{0,63}")
_ROWS_AT_ONCE = 200
_CALLS_END_SECONDS = 4.0
"""By then every server has seen that the key is gone, and its calls have had their last word."""

Name = Annotated[str, typer.Argument(help="Whose key it is, such as laptop.")]


def create(
    name: Name,
    admin: Annotated[
        bool, typer.Option("--admin", help="It also shows and deletes what others said.")
    ] = False,
) -> None:
    """Make a key. It is printed once, and can't be shown again."""
    from repartee.calls.clock import wall_time
    from repartee.server.security.keys import digest_of, new_key
    from repartee.store.protocol import StoredKey

    if not _NAME.fullmatch(name):
        raise BadInput(f"{name[:80]!r} is no name for a key.", hint="Take a word or two.")
    key = new_key()
    stored = StoredKey(digest=digest_of(key), name=name, admin=admin, created_at=wall_time())
    _with_store(lambda store: store.keep_key(stored))
    print(key)
    print(f"This is the key named {name}. Only its hash is kept, so note it now.", file=sys.stderr)


def list_keys(as_json: flags.AsJson = False) -> None:
    """Show the names of the keys."""
    keys = _with_store(lambda store: store.keys())
    print(_as_json(keys) if as_json else _as_text(keys))


def revoke(
    name: Name,
    forget: Annotated[
        bool, typer.Option("--forget", help="Delete all that was said with it, recordings too.")
    ] = False,
) -> None:
    """Take a key back. What is done with it ends within a few seconds."""
    from repartee.calls.erasing import RecordingsLeft

    folder = Path(settings_of(quiet=True).record_dir)
    left = _with_store(lambda store: _revoke(store, name, folder if forget else None))
    print(f"{name} opens nothing any more{', and what was said is forgotten' * forget}.")
    if left:
        raise RecordingsLeft(left)


async def _revoke(store: Store, name: str, folder: Path | None) -> list[str]:
    """With a `folder` of recordings all that was said is forgotten; gives the files left in it."""
    from repartee.calls.erasing import erase_recordings_of

    key = await store.delete_key(name)
    left: list[str] = []
    if folder is not None:
        await asyncio.sleep(_CALLS_END_SECONDS)
        rows = _ROWS_AT_ONCE
        while rows == _ROWS_AT_ONCE:
            deleted = await store.delete_of(key.id, _ROWS_AT_ONCE)
            left += await erase_recordings_of(folder, deleted.sessions)
            rows = deleted.rows
    return left


def _with_store(do: Callable[[Store], Awaitable[T]]) -> T:
    from repartee.store.opening import visited
    from repartee.store.urls import SqliteMemory, read_url

    settings = settings_of(quiet=True)
    if isinstance(read_url(settings.database_url), SqliteMemory):
        raise SettingsError(
            "DATABASE_URL keeps nothing, so it keeps no keys.",
            hint="Name another database, or write keys into API_KEYS.",
        )

    async def visit() -> T:
        async with visited(settings.database_url) as store:
            return await do(store)

    return asyncio.run(visit())


def _as_text(keys: list[StoredKey]) -> str:
    if not keys:
        return "There is no key yet: repartee keys create NAME makes one."
    width = max(len(key.name) for key in keys)
    return "\n".join(
        f"{key.name:<{width}}  {_day(key):%Y-%m-%d}{'  admin' * key.admin}" for key in keys
    )


def _as_json(keys: list[StoredKey]) -> str:
    told = [
        {"name": key.name, "admin": key.admin, "created_at": _day(key).isoformat()} for key in keys
    ]
    return json.dumps(told, ensure_ascii=False, indent=2)


def _day(key: StoredKey) -> datetime:
    return datetime.fromtimestamp(key.created_at, UTC)


app.command("list")(politely(list_keys))
for verb in (create, revoke):
    app.command()(politely(verb))
