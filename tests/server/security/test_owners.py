"""What was said with a key is shown to that key alone, and to an admin's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from repartee.server.house import House
from repartee.server.security.keys import digest_of
from repartee.store.protocol import StoredKey
from tests.calls.fakes import FakeModel
from tests.calls.line import scripted
from tests.server.every_interface import WAV, WAV_BASE64
from tests.server.open_house import asking, open_house
from tests.server.security.door import (
    KEY,
    OTHER_KEY,
    WITH_KEY,
    WITH_OTHER_KEY,
)

pytestmark = pytest.mark.anyio

ADMIN_KEY = "the-key-of-an-admin"
WITH_ADMIN_KEY = {"X-API-Key": ADMIN_KEY}
Headers = dict[str, str]


@pytest.fixture
def model() -> FakeModel:
    return FakeModel("Yes.")


@pytest.fixture
async def house(model: FakeModel) -> AsyncIterator[House]:
    keys = f"{KEY},{OTHER_KEY}"
    async with open_house(engines=scripted(llm=model), api_keys=keys) as house:
        admin = StoredKey(digest=digest_of(ADMIN_KEY), name="boss", admin=True, created_at=1.0)
        await house.store.keep_key(admin)
        await house.keys.look(house.store)
        yield house


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with asking(house) as client:
        yield client


async def say(client: httpx.AsyncClient, headers: Headers) -> str:
    """A spoken message in a conversation named kitchen: gives the id of its session."""
    body = {"audio_base64": WAV_BASE64, "conversation_id": "kitchen"}
    answer = await client.post("/api/voice/message", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["session_id"])


async def listed(client: httpx.AsyncClient, headers: Headers) -> list[str]:
    answer = await client.get("/sessions", headers=headers)
    assert answer.status_code == 200
    return [one["id"] for one in answer.json()]


async def test_each_key_lists_its_own_sessions_and_an_admin_all(client: httpx.AsyncClient) -> None:
    mine, yours = await say(client, WITH_KEY), await say(client, WITH_OTHER_KEY)
    assert mine != yours, "one name, and two conversations"
    assert await listed(client, WITH_KEY) == [mine]
    assert await listed(client, WITH_OTHER_KEY) == [yours]
    assert await listed(client, WITH_ADMIN_KEY) == [yours, mine]


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_anothers_session_is_as_unknown_as_none(
    client: httpx.AsyncClient, method: str
) -> None:
    mine = await say(client, WITH_KEY)
    nobodys = mine[::-1]
    paths: list[Callable[[str], str]] = [lambda one: f"/sessions/{one}"]
    if method == "GET":
        paths += [lambda one: f"/sessions/{one}/turns", lambda one: f"/sessions?before={one}"]
    for path in paths:
        answers = [
            await client.request(method, path(one), headers=WITH_OTHER_KEY)
            for one in (mine, nobodys)
        ]
        assert answers[0].status_code == answers[1].status_code
        assert answers[0].status_code in (404, 422)
        assert answers[0].text == answers[1].text
    assert await listed(client, WITH_KEY) == [mine]


async def test_an_admin_may_read_and_delete_it(client: httpx.AsyncClient) -> None:
    mine = await say(client, WITH_KEY)
    turns = await client.get(f"/sessions/{mine}/turns", headers=WITH_ADMIN_KEY)
    assert len(turns.json()) == 1
    gone = await client.delete(f"/sessions/{mine}", headers=WITH_ADMIN_KEY)
    assert gone.status_code == 204
    assert await listed(client, WITH_KEY) == []


async def test_all_of_ones_own_are_deleted_at_once_and_nobody_elses(
    client: httpx.AsyncClient,
) -> None:
    await say(client, WITH_KEY)
    yours = await say(client, WITH_OTHER_KEY)
    for headers in (WITH_KEY, WITH_ADMIN_KEY):
        assert (await client.delete("/sessions", headers=headers)).status_code == 204
    assert await listed(client, WITH_ADMIN_KEY) == [yours]


async def test_where_nobody_is_asked_all_sessions_are_everybodys() -> None:
    async with open_house() as house, asking(house) as client:
        await say(client, {})
        assert len(await listed(client, {})) == 1
        assert (await client.delete("/sessions")).status_code == 204
        assert await listed(client, {}) == []


async def test_a_conversation_of_one_name_remembers_nothing_of_anothers(
    client: httpx.AsyncClient, model: FakeModel
) -> None:
    for headers in (WITH_KEY, WITH_OTHER_KEY):
        await say(client, headers)
        assert len(model.asked_last()) == 1
    await say(client, WITH_KEY)
    assert len(model.asked_last()) == 3


async def test_nobody_forgets_it_for_others(client: httpx.AsyncClient) -> None:
    await say(client, WITH_KEY)
    path = "/conversations/kitchen"
    others = await client.delete(path, headers=WITH_OTHER_KEY)
    own = await client.delete(path, headers=WITH_KEY)
    assert (others.json()["forgotten"], own.json()["forgotten"]) == (False, True)


async def test_a_browser_with_another_key_is_another_browser(
    client: httpx.AsyncClient, model: FakeModel
) -> None:
    for headers in (WITH_KEY, WITH_OTHER_KEY):  # with one cookie
        upload = await client.post("/upload", content=WAV, headers=headers)
        stream = await client.get(f"/stream/{upload.json()['session_id']}", headers=headers)
        assert '"done"' in stream.text
        assert len(model.asked_last()) == 1


async def test_an_upload_is_answered_to_whoever_made_it(client: httpx.AsyncClient) -> None:
    upload = await client.post("/upload", content=WAV, headers=WITH_KEY)
    path = f"/stream/{upload.json()['session_id']}"
    assert (await client.get(path, headers=WITH_OTHER_KEY)).status_code == 404
    assert (await client.get(path, headers=WITH_ADMIN_KEY)).status_code == 404
    assert (await client.get(path, headers=WITH_KEY)).status_code == 200


async def test_messages_of_one_name_are_two_conversations(client: httpx.AsyncClient) -> None:
    for headers in (WITH_KEY, WITH_OTHER_KEY):
        query = {"conversation_id": "kitchen", "user_id": "ada"}
        file = {"file": ("a.wav", WAV)}
        sent = await client.post("/api/messages/voice", params=query, files=file, headers=headers)
        assert sent.status_code == 200, sent.text
    for headers, count in ((WITH_KEY, 1), (WITH_OTHER_KEY, 1), (WITH_ADMIN_KEY, 2)):
        path = "/api/messages?conversation_id=kitchen"
        assert len((await client.get(path, headers=headers)).json()) == count
