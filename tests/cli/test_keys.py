"""`repartee keys`: made, shown by name, and taken back."""

from __future__ import annotations

import json
import re
from pathlib import Path

import anyio
import pytest

from repartee.cli import keys
from repartee.server.security.keys import KeyRing, digest_of
from repartee.store.opening import visited
from repartee.store.protocol import Session, StoredKey
from repartee.testing.checks.store import a_session
from tests.cli.conftest import Run

URL = "sqlite:///./repartee.db"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "_CALLS_END_SECONDS", 0)


async def stored() -> list[StoredKey]:
    async with visited(URL) as store:
        return await store.keys()


async def kept(*sessions: Session) -> list[str]:
    """The ids of all sessions, with these among them."""
    async with visited(URL) as store:
        await store.keep(sessions, [])
        return [session.id for session in await store.sessions(10)]


def test_a_key_is_printed_once_and_only_its_hash_is_kept(run: Run, tmp_path: Path) -> None:
    made = run("keys", "create", "laptop")
    key = made.stdout.strip()
    assert re.fullmatch(r"rk_[A-Za-z0-9_\-]{43}", key)
    assert "laptop" in made.stderr
    assert key not in made.stderr
    (found,) = anyio.run(stored)
    assert (found.name, found.digest, found.admin) == ("laptop", digest_of(key), False)
    assert all(key.encode() not in file.read_bytes() for file in tmp_path.glob("repartee.db*"))


def test_it_opens_a_server_with_that_database(run: Run) -> None:
    key = run("keys", "create", "laptop", "--admin").stdout.strip()

    async def found() -> StoredKey | None:
        ring = KeyRing()
        async with visited(URL) as store:
            await ring.look(store)
        return ring.find(key)

    opened = anyio.run(found)
    assert opened is not None
    assert opened.admin


def test_names_are_listed_and_keys_are_not(run: Run) -> None:
    assert "There is no key yet" in run("keys", "list").stdout
    printed = [run("keys", "create", name).stdout.strip() for name in ("laptop", "desk")]
    listed = run("keys", "list").stdout
    assert [line.split()[0] for line in listed.splitlines()] == ["desk", "laptop"]
    told = json.loads(run("keys", "list", "--json").stdout)
    assert [one["name"] for one in told] == ["desk", "laptop"]
    assert set(told[0]) == {"name", "admin", "created_at"}
    for key in printed:
        assert key not in listed
        assert digest_of(key) not in json.dumps(told)


def test_a_name_is_taken_once(run: Run) -> None:
    run("keys", "create", "laptop")
    again = run("keys", "create", "laptop")
    assert again.exit_code == 1
    assert again.stderr == "There is a key named laptop already. Choose another name.\n"
    assert again.stdout == ""


@pytest.mark.parametrize("name", ["", "../x", "a\nb", "x" * 65, "-"])
def test_a_name_is_a_word_or_two(run: Run, name: str) -> None:
    assert run("keys", "create", "--", name).exit_code == 1
    assert "There is no key yet" in run("keys", "list").stdout


def test_a_key_is_taken_back_and_what_was_said_stays(run: Run) -> None:
    run("keys", "create", "laptop")
    (key,) = anyio.run(stored)
    said = a_session(owner=key.id)
    anyio.run(kept, said)
    taken = run("keys", "revoke", "laptop")
    assert taken.stdout == "laptop opens nothing any more.\n"
    assert anyio.run(stored) == []
    assert anyio.run(kept) == [said.id]
    again = run("keys", "revoke", "laptop")
    assert again.exit_code == 1
    assert "There is no key named laptop." in again.stderr


def test_or_it_is_forgotten_too(run: Run) -> None:
    run("keys", "create", "laptop")
    (key,) = anyio.run(stored)
    others = a_session(owner="somebody else")
    anyio.run(kept, a_session(owner=key.id), others)
    taken = run("keys", "revoke", "laptop", "--forget")
    assert taken.stdout.endswith("and what was said is forgotten.\n")
    assert anyio.run(kept) == [others.id]


def test_with_what_was_recorded(run: Run, tmp_path: Path) -> None:
    """What can't be deleted is told, and nothing of it passes for forgotten."""
    run("keys", "create", "laptop")
    (key,) = anyio.run(stored)
    said, stuck, others = (a_session(owner=owner) for owner in (key.id, key.id, "somebody else"))
    anyio.run(kept, said, stuck, others)
    folder = tmp_path / "kept"
    folder.mkdir()
    files = [folder / f"2026-01-02T03-04-05_{one.id}.jsonl" for one in (said, stuck, others)]
    files[0].touch()
    files[1].mkdir()
    files[2].touch()
    taken = run("keys", "revoke", "laptop", "--forget", RECORD_DIR=str(folder))
    assert taken.exit_code == 1
    assert f"not these files of its recording: {files[1].name}." in taken.stderr
    assert [file.exists() for file in files] == [False, True, True]
    assert anyio.run(kept) == [others.id]


def test_a_running_servers_sessions_are_left_alone(run: Run) -> None:
    """A start closes what a killed server left; this is no start."""
    anyio.run(kept, a_session())
    run("keys", "list")

    async def statuses() -> list[str]:
        async with visited(URL) as store:
            return [session.status for session in await store.sessions(10)]

    assert anyio.run(statuses) == ["active"]


def test_a_database_that_keeps_nothing_keeps_no_keys(run: Run) -> None:
    made = run("keys", "create", "laptop", DATABASE_URL="sqlite:///:memory:")
    assert made.exit_code == 2
    assert "API_KEYS" in made.stderr
    assert made.stdout == ""
