"""A service elsewhere, whatever happens to it: every trouble has its error, and no secret leaks."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

import pytest

from repartee.engines.remote.address import Address
from repartee.engines.remote.patience import Patience
from repartee.engines.remote.request import Request, json_request
from repartee.engines.remote.service import Answer, Service
from repartee.errors import (
    EngineBusy,
    EngineError,
    EngineFailed,
    EngineLocked,
    EngineNonsense,
    EngineTimeout,
    EngineUnreachable,
    SettingsError,
)
from repartee.testing.standins import Heard, Reply, StandIn, Trouble
from repartee.testing.standins.wire import json_reply, repeating
from tests.engines.remote.impatience import CALM, IMPATIENT

pytestmark = pytest.mark.anyio

KEY = "sk-nobody-may-see-this"
SAID = "nobody may see what was said"
ASK = json_request("/thing", {"said": SAID})


class Counting:
    """Answers "one", "two", "three", and complains with all that it should keep to itself."""

    def answer(self, heard: Heard) -> Reply:
        if heard.headers.get("authorization") != f"Bearer {KEY}":
            return self.complaint(401, heard)
        return Reply("text/plain", [b"one", b"two", b"three"])

    def complaint(self, status: int, heard: Heard) -> Reply:
        secret = repeating(heard)
        return json_reply({"error": {"message": secret, "type": secret, "code": secret}}, status)


@pytest.fixture
async def server() -> AsyncIterator[StandIn]:
    async with StandIn(Counting()) as server:
        yield server


def service(server: StandIn, patience: Patience = CALM, key: str = KEY) -> Service:
    address = Address(server.url, url_setting="THING_URL", key=key, key_setting="THING_KEY")
    return Service(address, patience)


async def pieces(answer: Answer) -> AsyncGenerator[bytes]:
    async with aclosing(answer.pieces()) as stream:
        async for piece in stream:
            yield piece


async def answered(asked: Service, request: Request = ASK) -> list[bytes]:
    await asked.open()
    try:
        async with aclosing(asked.ask(request, pieces)) as stream:
            return [piece async for piece in stream]
    finally:
        await asked.close()


async def failure(asked: Service) -> EngineError:
    with pytest.raises(EngineError) as raised:
        await answered(asked)
    return raised.value


class TestAnswers:
    async def test_they_come_piece_by_piece(self, server: StandIn) -> None:
        assert b"".join(await answered(service(server))) == b"onetwothree"
        assert server.asked[0].json() == {"said": SAID}

    async def test_one_connection_serves_one_after_another(self, server: StandIn) -> None:
        asked = service(server)
        await asked.open()
        for _ in range(3):
            assert await asked.fetch(ASK, 100) == b"onetwothree"
        await asked.close()
        assert [heard.connection for heard in server.heard] == [1, 1, 1]

    async def test_many_at_once_do_not_mix(self, server: StandIn) -> None:
        asked = service(server)
        await asked.open()
        bodies = await asyncio.gather(*(asked.fetch(ASK, 100) for _ in range(20)))
        await asked.close()
        assert set(bodies) == {b"onetwothree"}

    async def test_a_connection_that_was_closed_meanwhile_is_not_used_again(
        self, server: StandIn
    ) -> None:
        server.usual = Trouble(lose_after=3)
        asked = service(server)
        await asked.open()
        for _ in range(3):
            assert await asked.fetch(ASK, 100) == b"onetwothree"
        await asked.close()

    async def test_one_that_is_too_long_is_nonsense(self, server: StandIn) -> None:
        asked = service(server)
        await asked.open()
        with pytest.raises(EngineNonsense):
            await asked.fetch(ASK, 10)
        await asked.close()

    async def test_a_warm_connection_is_used(self, server: StandIn) -> None:
        asked = service(server)
        await asked.open()
        asked.warm()
        await asked.connected()
        assert await asked.fetch(ASK, 100) == b"onetwothree"
        await asked.close()
        assert [(heard.method, heard.connection) for heard in server.heard] == [
            ("HEAD", 1),
            ("POST", 1),
        ]
        assert "authorization" not in server.heard[0].headers

    async def test_warming_what_is_not_there_harms_nobody(self, server: StandIn) -> None:
        asked = service(server)
        server.usual = Trouble(reset=True)
        await asked.open()
        asked.warm()
        await asked.close()


class TestTroubles:
    """What is raised; `tests` of the engines see these through their own wires."""

    async def test_nobody_is_there(self) -> None:
        async with StandIn(Counting()) as server:
            asked = service(server)
        error = await failure(asked)
        assert isinstance(error, EngineUnreachable)
        assert str(error) == (
            f"127.0.0.1:{server.port} can't be reached."
            " Is it running? If it is elsewhere, set THING_URL."
        )

    async def test_a_wrong_key(self, server: StandIn) -> None:
        error = await failure(service(server, key="wrong"))
        assert isinstance(error, EngineLocked)
        assert str(error) == f"THING_KEY is not accepted by 127.0.0.1:{server.port}."
        assert len(server.heard) == 1, "A wrong key is not tried twice."

    async def test_no_key(self, server: StandIn) -> None:
        error = await failure(service(server, key=""))
        assert isinstance(error, EngineLocked)
        assert str(error).endswith("needs a key. Please set THING_KEY.")

    @pytest.mark.parametrize("hang_after", [-1, 0])
    async def test_silence_before_the_first_byte(self, server: StandIn, hang_after: int) -> None:
        server.troubles.append(Trouble(hang_after=hang_after))
        error = await failure(service(server, IMPATIENT))
        assert isinstance(error, EngineTimeout)
        assert "took too long" in str(error)
        await server.until_left()
        assert len(server.heard) == 1, "Who was waited for in vain is not asked again."

    async def test_silence_in_the_middle(self, server: StandIn) -> None:
        server.troubles.append(Trouble(hang_after=2))
        assert isinstance(await failure(service(server, IMPATIENT)), EngineTimeout)

    @pytest.mark.parametrize("pieces", [0, 2])
    async def test_the_connection_is_lost_after_the_status_line(
        self, server: StandIn, pieces: int
    ) -> None:
        server.troubles.append(Trouble(lose_after=pieces))
        error = await failure(service(server))
        assert isinstance(error, EngineNonsense)
        assert str(error) == f"127.0.0.1:{server.port} broke off in the middle of its answer."
        assert len(server.heard) == 1, "What has begun is not begun again."

    async def test_the_connection_is_lost_before_it(self, server: StandIn) -> None:
        server.usual = Trouble(reset=True)
        error = await failure(service(server))
        assert isinstance(error, EngineUnreachable)
        assert str(error) == f"The connection to 127.0.0.1:{server.port} was lost."

    @pytest.mark.parametrize(
        ("status", "kind", "words"),
        [
            (301, EngineNonsense, "pointed elsewhere"),
            (400, EngineNonsense, "refused the request"),
            (402, EngineBusy, "no credit left"),
            (403, EngineLocked, "THING_KEY is not accepted"),
            (404, EngineNonsense, "Check THING_URL and the name of the model"),
            (429, EngineBusy, "too many requests"),
            (500, EngineNonsense, "status 500"),
            (503, EngineBusy, "overloaded or still loading"),
            (504, EngineTimeout, "took too long"),
        ],
    )
    async def test_a_status_that_stays(
        self, server: StandIn, status: int, kind: type[EngineError], words: str
    ) -> None:
        server.usual = Trouble(status=status)
        error = await failure(service(server))
        assert isinstance(error, kind)
        assert words in str(error)

    @pytest.mark.parametrize("kind", [EngineBusy, EngineNonsense, EngineUnreachable])
    async def test_trying_again_may_help(self, kind: type[EngineError]) -> None:
        assert kind.retryable
        assert not EngineLocked.retryable


class TestTryingAgain:
    @pytest.mark.parametrize(
        "trouble",
        [
            Trouble(reset=True),
            Trouble(status=500),
            Trouble(status=503),
            Trouble(status=429, retry_after="0.004"),
        ],
    )
    async def test_a_passing_trouble_is_not_noticed(
        self, server: StandIn, trouble: Trouble
    ) -> None:
        server.troubles += [trouble, trouble]
        assert b"".join(await answered(service(server))) == b"onetwothree"
        assert len(server.heard) == 3

    async def test_it_has_an_end(self, server: StandIn) -> None:
        server.usual = Trouble(status=500)
        await failure(service(server))
        assert len(server.heard) == 3

    async def test_who_wants_to_be_left_alone_is(self, server: StandIn) -> None:
        server.usual = Trouble(status=429, retry_after="30")
        assert isinstance(await failure(service(server)), EngineBusy)
        assert len(server.heard) == 1

    @pytest.mark.parametrize("status", [400, 401, 404, 422])
    async def test_a_refusal_is_final(self, server: StandIn, status: int) -> None:
        server.usual = Trouble(status=status)
        await failure(service(server))
        assert len(server.heard) == 1


class TestLeaving:
    async def test_the_generator_is_left(self, server: StandIn) -> None:
        server.usual = Trouble(hang_after=1)
        asked = service(server)
        await asked.open()
        stream = asked.ask(ASK, pieces)
        assert await anext(stream) == b"one"
        await stream.aclose()
        await server.until_left()
        await asked.close()

    @pytest.mark.parametrize("hang_after", [-1, 0, 2])
    async def test_the_task_is_cancelled(self, server: StandIn, hang_after: int) -> None:
        server.usual = Trouble(hang_after=hang_after)
        asked = service(server)
        await asked.open()
        task = asyncio.ensure_future(asked.fetch(ASK, 100))
        async with asyncio.timeout(2):
            while not server.heard:
                await asyncio.sleep(0)
        task.cancel()
        await server.until_left()
        await asyncio.wait([task])
        assert task.cancelled()
        await asked.close()

    async def test_closing_ends_what_is_under_way(self, server: StandIn) -> None:
        server.usual = Trouble(hang_after=2)
        asked = service(server)
        await asked.open()
        fetching = asyncio.ensure_future(asked.fetch(ASK, 100))
        async with asyncio.timeout(2):
            while not server.heard:
                await asyncio.sleep(0)
        await asked.close()
        async with asyncio.timeout(2):
            with pytest.raises(EngineError):
                await fetching

    async def test_closing_leaves_no_connection(self, server: StandIn) -> None:
        asked = service(server)
        await asked.open()
        await asked.fetch(ASK, 100)
        await asked.close()
        async with asyncio.timeout(2):
            while server.open_connections:
                await asyncio.sleep(0)

    async def test_a_closed_service_says_so_and_closes_twice(self, server: StandIn) -> None:
        asked = service(server)
        await asked.close()
        with pytest.raises(EngineFailed, match="not open"):
            await asked.fetch(ASK, 100)


class TestSecrets:
    @pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 503])
    async def test_nothing_of_a_complaint_is_repeated(
        self, server: StandIn, status: int, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.WARNING)
        server.usual = Trouble(status=status)
        asked = service(server)
        error = await failure(asked)
        for text in (str(error), repr(error), repr(asked), repr(asked.address), caplog.text):
            assert KEY not in text
            assert SAID not in text

    async def test_what_stands_in_an_address_stays_there(self, server: StandIn) -> None:
        url = f"http://ann:pa%20ss@127.0.0.1:{server.port}"
        address = Address(url, url_setting="THING_URL", key_setting="THING_KEY")
        asked = Service(address, CALM)
        error = await failure(asked)
        assert "pa" not in str(error) + repr(asked) + repr(address) + str(address.url("/x"))
        assert server.heard[0].headers["authorization"] == "Basic YW5uOnBhIHNz"

    @pytest.mark.parametrize("key", ["two words", "line\nbreak", "ключ"])
    async def test_what_can_be_no_key_is_refused_without_showing_it(self, key: str) -> None:
        address = Address("http://x", url_setting="U", key=key, key_setting="THING_KEY")
        with pytest.raises(EngineLocked, match="THING_KEY holds") as raised:
            await Service(address, CALM).open()
        assert key not in str(raised.value)

    @pytest.mark.parametrize(
        "url", ["", "localhost:8080", "ftp://x/", "http://", "http://x/v1?key=1", "http://[", "\n"]
    )
    async def test_what_can_be_no_address_is_refused_without_showing_it(self, url: str) -> None:
        address = Address(url, url_setting="THING_URL", key_setting="THING_KEY")
        with pytest.raises(SettingsError, match="THING_URL must be a web address"):
            await Service(address, CALM).open()
