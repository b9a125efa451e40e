"""What opens the door: keys in headers, tokens in addresses and sub-protocols, known hosts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from repartee.server.app import build_app
from repartee.server.house import House
from repartee.server.security.guard import KEY_NEEDED, Guard
from repartee.server.security.tokens import Tokens
from tests.server.open_house import asking, open_house
from tests.server.security.door import KEY, OTHER_KEY, PAGE, WITH_KEY, knock

pytestmark = pytest.mark.anyio


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house(api_keys=f"{KEY},{OTHER_KEY}") as house:
        yield house


async def status(house: House, headers: dict[str, str], path: str = "/config") -> int:
    async with asking(house) as client:
        return (await client.get(path, headers=headers)).status_code


async def token_of(house: House) -> str:
    async with asking(house) as client:
        answer = await client.post("/tokens", headers=WITH_KEY)
    assert answer.status_code == 200
    assert answer.json()["expires_in"] == 60
    return str(answer.json()["token"])


class TestKeys:
    @pytest.mark.parametrize(
        "headers",
        [
            {"Authorization": f"Bearer {KEY}"},
            {"authorization": f"bearer  {OTHER_KEY} "},
            {"X-API-Key": KEY},
            {"Authorization": "Bearer wrong", "X-API-Key": KEY},
            {"Authorization": "Basic eDp5", "X-API-Key": KEY},
        ],
    )
    async def test_each_way_to_show_one_opens(self, house: House, headers: dict[str, str]) -> None:
        assert await status(house, headers) == 200

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Authorization": ""},
            {"Authorization": "Bearer"},
            {"Authorization": KEY},
            {"Authorization": f"Basic {KEY}"},
            {"Authorization": f"Bearer {KEY}x"},
            {"Authorization": f"Bearer {KEY[:-1]}"},
            {"Authorization": f"Bearer {KEY.upper()}"},
            {"X-API-Key": f"{KEY},{OTHER_KEY}"},
            {"X-API-Key": "\xe4\xff"},
            {"Cookie": f"key={KEY}"},
        ],
    )
    async def test_nothing_else_does(self, house: House, headers: dict[str, str]) -> None:
        raw = {name: value.encode("latin-1") for name, value in headers.items()}
        assert await status(house, raw) == 401  # type: ignore[arg-type]

    @pytest.mark.parametrize("query", [f"?key={KEY}", f"?token={KEY}", f"?api_key={KEY}"])
    async def test_a_key_does_not_belong_into_an_address(self, house: House, query: str) -> None:
        assert await status(house, {}, f"/config{query}") == 401

    async def test_pages_elsewhere_can_read_the_refusal(self, house: House) -> None:
        async with asking(house) as client:
            refusal = await client.get("/config", headers={"Origin": PAGE})
            asked_before = await client.options(
                "/config",
                headers={
                    "Origin": PAGE,
                    "Access-Control-Request-Method": "GET",
                    "Access-Control-Request-Headers": "authorization",
                },
            )
        assert refusal.status_code == 401
        assert refusal.headers["access-control-allow-origin"] == PAGE
        assert asked_before.status_code == 200
        assert asked_before.headers["access-control-allow-headers"] == "authorization"


class TestTokens:
    async def test_a_socket_shows_it_in_its_address(self, house: House) -> None:
        query = f"voice=af&token={await token_of(house)}"
        for headers in ({}, {"Origin": PAGE}):
            met = await knock(build_app(house), "/ws", query=query, headers=headers)
            assert (met.status, met.protocol) == (101, None)
            assert met.code != KEY_NEEDED

    async def test_or_as_a_subprotocol_beside_ours(self, house: House) -> None:
        protocols = ("repartee", f"token.{await token_of(house)}")
        for path in ("/ws", "/call", "/api/voice/ws/chat"):
            met = await knock(build_app(house), path, protocols=protocols)
            assert (met.status, met.protocol) == (101, "repartee"), path

    async def test_it_opens_what_belongs_to_a_call(self, house: House) -> None:
        token = await token_of(house)
        assert await status(house, {"Authorization": f"Bearer {token}"}) == 200
        assert await status(house, {}, f"/config?token={token}") == 200
        assert await status(house, {}, f"/stream/none?token={token}") == 404

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/sessions"),
            ("DELETE", "/sessions"),
            ("GET", "/api/messages?conversation_id=kitchen"),
            ("POST", "/tokens"),
            ("GET", "/configuration"),
        ],
    )
    async def test_it_opens_nothing_else(self, house: House, method: str, path: str) -> None:
        headers = {"Authorization": f"Bearer {await token_of(house)}"}
        async with asking(house) as client:
            assert (await client.request(method, path, headers=headers)).status_code == 401

    @pytest.mark.parametrize("query", ["", "token=", "token", "token=nonsense", "token=t1.a.b.c"])
    async def test_nonsense_is_no_token(self, house: House, query: str) -> None:
        assert (await knock(build_app(house), "/ws", query=query)).status == 401

    async def test_another_servers_token_is_none_unless_they_share_a_secret(self) -> None:
        async def meets(**settings: Any) -> int:
            async with (
                open_house(api_keys=KEY, **settings) as one,
                open_house(api_keys=KEY, **settings) as other,
            ):
                query = f"token={await token_of(one)}"
                return (await knock(build_app(other), "/ws", query=query)).status

        assert await meets() == 401
        assert await meets(token_secret="sixteen-characters") == 101

    async def test_it_is_worth_nothing_without_the_key_it_stands_for(self, house: House) -> None:
        forged = house.tokens.issue("0123456789abcdef")
        assert (await knock(build_app(house), "/ws", query=f"token={forged}")).status == 401

    async def test_it_still_opens_after_it_was_shown_at_a_wrong_name_or_by_a_wrong_page(
        self, house: House
    ) -> None:
        token, app = await token_of(house), build_app(house)
        shown: tuple[dict[str, Any], ...] = (
            {"query": f"token={token}"},
            {"protocols": ("repartee", f"token.{token}")},
        )
        for way in shown:
            assert (await knock(app, "/ws", headers={"Host": "evil.example"}, **way)).status == 421
            evil = {"Origin": "https://evil.example"}
            assert (await knock(app, "/ws", headers=evil, **way)).status == 403
            assert (await knock(app, "/ws", headers={"Origin": PAGE}, **way)).status == 101

    async def test_where_nobody_is_asked_it_may_be_shown_all_the_same(self) -> None:
        async with open_house() as house:
            query = f"token={await token_of(house)}"
            assert (await knock(build_app(house), "/ws", query=query)).status == 101

    async def test_behind_the_door_no_address_has_one(self) -> None:
        seen: list[Scope] = []

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            seen.append(scope)

        guard = Guard(app, tokens=Tokens(None, 60))
        scope: Scope = {
            "type": "websocket",
            "path": "/ws",
            "headers": [],
            "query_string": b"a=1&token=t1.x&b=%20&%74oken=t2&tokens=3&token",
        }
        await guard(scope, _nothing, _nowhere)
        assert seen == [scope], "it is the same scope that the server itself writes into its log"
        assert scope["query_string"] == b"a=1&b=%20&tokens=3"


class TestHosts:
    async def test_a_name_that_is_not_ours_is_refused_before_anything_else(self) -> None:
        for keys in ((), KEY):
            async with open_house(api_keys=keys) as house:
                headers = {"Host": "evil.example", **WITH_KEY}
                async with asking(house) as client:
                    for path in ("/", "/health", "/sessions"):
                        answer = await client.get(path, headers=headers)
                        assert answer.status_code == 421
                        assert "TRUSTED_HOSTS" in answer.json()["error"]
                met = await knock(build_app(house), "/ws", headers=headers)
                assert met.status == 421
                assert "TRUSTED_HOSTS" in met.body["error"]

    async def test_one_that_is_trusted_is_let_in(self) -> None:
        async with open_house(trusted_hosts="voice.example") as house:
            assert await status(house, {"Host": "voice.example:443"}) == 200


async def test_what_is_neither_request_nor_socket_passes() -> None:
    passed: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        passed.append(scope)

    await Guard(app)({"type": "lifespan"}, _nothing, _nowhere)
    assert passed == [{"type": "lifespan"}]


async def test_sockets_are_passed_on_as_they_are() -> None:
    """Nothing stands between an application and its frames."""
    given: list[tuple[Receive, Send]] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        given.append((receive, send))

    async with open_house(api_keys=KEY) as house:
        guard = Guard(app, keys=house.keys, tokens=house.tokens)
        headers = [(b"x-api-key", KEY.encode())]
        scope: Scope = {"type": "websocket", "path": "/ws", "headers": headers}
        await guard(scope, _nothing, _nowhere)
    assert given == [(_nothing, _nowhere)]


async def _nothing() -> Message:
    raise AssertionError("nothing is read")


async def _nowhere(message: Message) -> None:
    raise AssertionError("nothing is said")
