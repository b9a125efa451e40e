"""Keys that are guessed: counted at every door, and after so many one waits."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from repartee.server.app import build_app
from repartee.server.house import House
from repartee.server.security.tokens import Tokens
from tests.server.open_house import asking, open_house
from tests.server.security.door import KEY, OTHER_KEY, PAGE, WITH_KEY, WITH_OTHER_KEY, knock

pytestmark = pytest.mark.anyio

WRONG = {"X-API-Key": "a-key-that-nobody-has"}
METRICS_TOKEN = "a-token-of-prometheus"
SECRET = "sixteen-characters"
CLIENT = ("203.0.113.7", 50_000)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house(
        limits="on",
        api_keys=f"{KEY},{OTHER_KEY}",
        limit_refused_keys_per_minute=2,
        metrics_token=METRICS_TOKEN,
        token_secret=SECRET,
    ) as house:
        yield house


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with asking(house) as client:
        yield client


async def statuses(client: httpx.AsyncClient, path: str, *shown: dict[str, str]) -> list[int]:
    return [(await client.get(path, headers=headers)).status_code for headers in shown]


async def test_after_so_many_guesses_one_waits(client: httpx.AsyncClient) -> None:
    assert await statuses(client, "/config", WRONG, WRONG, WRONG) == [401, 401, 429]
    refusal = await client.get("/sessions", headers={"Authorization": "Bearer another-guess"})
    assert refusal.status_code == 429
    assert int(refusal.headers["Retry-After"]) >= 1
    sentence = refusal.json()["error"]
    assert sentence.startswith("The limit of 2 unknown keys per minute is reached. Try again in")


async def test_a_guess_that_is_right_is_not_told_from_others_then(
    client: httpx.AsyncClient,
) -> None:
    await statuses(client, "/config", WRONG, WRONG)
    right, wrong = [await client.get("/config", headers=shown) for shown in (WITH_KEY, WRONG)]
    assert (right.status_code, wrong.status_code) == (429, 429)
    assert right.headers.keys() == wrong.headers.keys()
    assert right.json().keys() == wrong.json().keys()


class TestOthersBehindTheSameAddress:
    async def test_lock_out_nobody_whose_key_opened_from_there_lately(
        self, house: House, client: httpx.AsyncClient
    ) -> None:
        assert await statuses(client, "/config", WITH_KEY, WRONG, WRONG) == [200, 401, 401]
        assert await statuses(client, "/config", WRONG, WITH_KEY) == [429, 200]
        assert await statuses(client, "/config", WITH_OTHER_KEY) == [429], "it never opened before"

    async def test_nor_the_pages_that_show_tokens_of_that_key(
        self, house: House, client: httpx.AsyncClient
    ) -> None:
        token = (await client.post("/tokens", headers=WITH_KEY)).json()["token"]
        await statuses(client, "/config", WRONG, WRONG)
        assert await statuses(client, f"/config?token={token}", {}) == [200]

    async def test_but_elsewhere_that_key_waits_like_others(self, house: House) -> None:
        one, other = _seen_from(house, CLIENT), _seen_from(house, ("203.0.113.8", 1))
        assert (await knock(one, "/ws", headers=WITH_KEY)).status == 101
        for _ in range(2):
            await knock(other, "/ws", headers=WRONG)
        assert (await knock(other, "/ws", headers=WITH_KEY)).status == 429


class TestTokensThatOpenNothing:
    async def test_are_no_guesses_if_they_are_ours_and_too_old(
        self, house: House, client: httpx.AsyncClient
    ) -> None:
        (key_id, *_) = house.keys._given
        token = Tokens(SECRET, 60, lambda: 1_000.0).issue(key_id)
        assert await statuses(client, f"/config?token={token}", *[{}] * 5) == [401] * 5
        as_header = {"Authorization": f"Bearer {token}"}
        assert await statuses(client, "/config", *[as_header] * 5) == [401] * 5
        assert await statuses(client, "/config", WITH_KEY) == [200]

    async def test_nor_where_no_token_opens_anything(
        self, house: House, client: httpx.AsyncClient
    ) -> None:
        assert await statuses(client, "/sessions?token=x", *[{}] * 5) == [401] * 5
        assert await statuses(client, "/config", WITH_KEY) == [200]

    async def test_nor_if_a_page_of_another_site_had_a_browser_show_them(
        self, house: House, client: httpx.AsyncClient
    ) -> None:
        picture = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
        assert await statuses(client, "/config?token=x", *[picture] * 5) == [401] * 5
        assert await statuses(client, "/config", WITH_KEY) == [200]

    async def test_a_key_is_guessed_whatever_is_said_beside_it(
        self, house: House, client: httpx.AsyncClient
    ) -> None:
        guess = {**WRONG, "Sec-Fetch-Site": "cross-site"}
        assert await statuses(client, "/config", guess, guess, guess) == [401, 401, 429]

    async def test_one_that_holds_opens_though_many_came_with_nothing(self) -> None:
        async with (
            open_house(limits="on", api_keys=KEY, limit_requests_per_minute=2) as house,
            asking(house) as client,
        ):
            (key_id,) = house.keys._given
            assert await statuses(client, "/config", {}, {}, {}) == [401, 401, 429]
            token = house.tokens.issue(key_id)
            assert await statuses(client, f"/config?token={token}", {}) == [200]


async def test_so_it_is_for_sockets_of_programs_and_of_pages(house: House) -> None:
    app = _seen_from(house, CLIENT)
    for _ in range(2):
        assert (await knock(app, "/ws", query="token=t1.guess")).status == 401
    program = await knock(app, "/ws", headers=WRONG)
    assert program.status == 429
    assert int(program.headers["retry-after"]) >= 1
    assert program.body["error"].startswith("The limit of 2 unknown keys per minute is reached.")
    page = await knock(app, "/ws", protocols=("repartee", "token.t1.x"), headers={"Origin": PAGE})
    assert (page.status, page.code, page.protocol) == (101, 1013, "repartee")
    assert page.reason.startswith("The limit of 2 unknown keys per minute is reached.")


async def test_elsewhere_nobody_waits(house: House) -> None:
    one, other = _seen_from(house, CLIENT), _seen_from(house, ("203.0.113.8", 1))
    for _ in range(3):
        await knock(one, "/ws", headers=WRONG)
    assert (await knock(other, "/ws", headers=WITH_KEY)).status == 101
    assert (await knock(one, "/ws", headers=WITH_KEY)).status == 429


async def test_a_right_key_costs_nothing(client: httpx.AsyncClient) -> None:
    assert await statuses(client, "/config", *[WITH_KEY] * 5) == [200] * 5


class TestWhoShowsNothing:
    async def test_is_counted_apart_and_locks_out_nobody_with_a_key(
        self, house: House, client: httpx.AsyncClient
    ) -> None:
        assert await statuses(client, "/config", *[{}] * 5) == [401] * 5
        assert await statuses(client, "/config", WITH_KEY) == [200]
        assert house.limits.refusals.counted == {"nothing": 5}

    async def test_has_so_many_requests_and_no_more(self) -> None:
        async with (
            open_house(limits="on", api_keys=KEY, limit_requests_per_minute=2) as house,
            asking(house) as client,
        ):
            assert await statuses(client, "/config", {}, {}, {}) == [401, 401, 429]
            refusal = await client.get("/config")
            assert refusal.json()["error"].startswith(
                "The limit of 2 requests without a key per minute is reached."
            )
            assert await statuses(client, "/config", WITH_KEY) == [200]


class TestOpenDoors:
    async def test_are_open_however_much_was_guessed(
        self, house: House, client: httpx.AsyncClient
    ) -> None:
        await statuses(client, "/config", WRONG, WRONG, WRONG)
        before = dict(house.limits.refusals.counted)
        for path in ("/", "/page/index.html", "/docs", "/ready", "/openapi.json"):
            assert await statuses(client, path, {}, WRONG) == [200, 200], path
        assert house.limits.refusals.counted == before

    async def test_what_tells_more_with_a_key_counts_guesses_and_then_looks_no_more(
        self, house: House, client: httpx.AsyncClient
    ) -> None:
        assert await statuses(client, "/health", {}, WRONG, WRONG, WRONG) == [200] * 4
        assert house.limits.refusals.counted == {"wrong": 2}
        brief = (await client.get("/health", headers=WITH_KEY)).json()
        assert brief.keys() == {"status", "places"}

    async def test_a_lock_of_their_own_is_no_easier_to_guess(
        self, house: House, client: httpx.AsyncClient
    ) -> None:
        right = {"Authorization": f"Bearer {METRICS_TOKEN}"}
        assert await statuses(client, "/metrics", *[right] * 5) == [200] * 5
        assert house.limits.refusals.counted == {}
        assert await statuses(client, "/metrics", WRONG, WRONG, WRONG, right) == [
            401,
            401,
            429,
            429,
        ]


async def test_what_was_refused_is_told_to_prometheus() -> None:
    async with (
        open_house(limits="on", api_keys=KEY, limit_refused_keys_per_minute=3) as house,
        asking(house) as client,
    ):
        await statuses(client, "/config", {}, WRONG, WRONG)
        page = (await client.get("/metrics", headers=WITH_KEY)).text
    assert 'repartee_keys_refused_total{shown="wrong"} 2.0' in page
    assert 'repartee_keys_refused_total{shown="nothing"} 1.0' in page
    assert 'repartee_limits_reached_total{limit="keys"} 0.0' in page


async def test_where_only_this_machine_comes_one_may_err_as_often_as_one_likes() -> None:
    async with open_house(api_keys=KEY) as house, asking(house) as client:
        assert await statuses(client, "/config", *[WRONG] * 30) == [401] * 30
        assert house.limits.refusals.counted == {"wrong": 30}


def _seen_from(house: House, client: tuple[str, int]) -> Any:
    """The application, as somebody at this address meets it."""
    app = build_app(house)

    async def seen(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "client": client}, receive, send)

    return seen
