"""Sessions that were recorded: what is deleted of one is deleted of its files, too."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import httpx
import pytest

from repartee.server.house import House
from repartee.store.protocol import Session
from repartee.testing.checks.store import a_session
from tests.server.open_house import asking, on_the_phone, open_house
from tests.server.test_sessions import A_STRANGER, greeted, refused, typed

pytestmark = pytest.mark.anyio

JOURNAL = ".jsonl"


def recorded(folder: Path, session: Session | str) -> Path:
    session_id = session if isinstance(session, str) else session.id
    file = folder / f"2026-01-02T03-04-05_{session_id}{JOURNAL}"
    file.write_text("What was said.")
    return file


def names_in(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(record_dir=str(tmp_path)) as house:
        yield house


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with asking(house) as client:
        yield client


async def test_a_recording_goes_with_its_session(
    house: House, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    gone, stays = a_session(), a_session()
    await house.store.keep([gone, stays], [])
    recorded(tmp_path, gone)
    other = recorded(tmp_path, stays)
    assert (await client.delete(f"/sessions/{gone.id}")).status_code == 204
    assert names_in(tmp_path) == [other.name]


async def test_all_go_with_all_sessions_and_those_of_others_stay(
    house: House, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    sessions = [a_session() for _ in range(450)]
    await house.store.keep(sessions, [])
    for session in sessions:
        recorded(tmp_path, session)
    other = recorded(tmp_path, A_STRANGER)
    assert (await client.delete("/sessions")).status_code == 204
    assert names_in(tmp_path) == [other.name]


@pytest.mark.parametrize("all_of_them", [False, True])
async def test_what_can_not_be_deleted_is_told(
    house: House, client: httpx.AsyncClient, tmp_path: Path, all_of_them: bool
) -> None:
    session = a_session()
    await house.store.keep([session], [])
    name = f"2026-01-02T03-04-05_{session.id}{JOURNAL}"
    (tmp_path / name).mkdir()
    path = "/sessions" if all_of_them else f"/sessions/{session.id}"
    sentence = await refused(client, "DELETE", path, 500)
    assert f"not these files of its recording: {name}." in sentence
    assert str(tmp_path) not in sentence
    await refused(client, "GET", f"/sessions/{session.id}", 404)


async def test_a_live_call_is_not_recorded_any_further(tmp_path: Path) -> None:
    async with (
        open_house(record_dir=str(tmp_path), record_calls=True) as house,
        asking(house) as client,
    ):
        async with on_the_phone(house) as socket:
            session_id = await greeted(socket)
            await typed(socket, "marmalade")
            while not names_in(tmp_path):
                await anyio.sleep(0.01)
            assert (await client.delete(f"/sessions/{session_id}")).status_code == 204
            await typed(socket, "and toast")
        assert names_in(tmp_path) == []
