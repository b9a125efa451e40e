"""One WebSocket, one call: what a client says and gets, and what becomes of one in trouble."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest

from repartee.calls.clock import now
from repartee.calls.decoding import DecodingRoom
from repartee.calls.resuming import Resumable
from repartee.conversation import events as ev
from repartee.conversation.memory import Message
from repartee.dialects.ws import WsDialect
from repartee.engines.build import Engines
from repartee.server.house import House, build_house
from repartee.server.pump import Connection
from repartee.settings import Settings
from repartee.store.protocol import Session
from tests.calls.fakes import FakeModel, Trouble, TroubledRecognizer, hangs, raises, tokens
from tests.calls.line import QUIET, VOICE, Notebook, pcm, scripted
from tests.calls.virtual_time import IN_VIRTUAL_TIME, Backend
from tests.server.fake_socket import FakeSocket

pytestmark = pytest.mark.anyio

ANSWER = "It is ten past four."
ENDLESS = FakeModel(lambda: tokens("Over and over it goes. " * 500, every_seconds=0.2))


@pytest.fixture
def anyio_backend() -> Backend:
    return IN_VIRTUAL_TIME


def a_house(engines: Engines | None = None, **settings: Any) -> House:
    notebook: Any = Notebook()
    engines = engines or scripted(llm=FakeModel(ANSWER))
    return build_house(Settings(**settings), engines, DecodingRoom(), notebook, notebook)


class Connected:
    """A client's end, and the server's end beside it."""

    def __init__(
        self,
        house: House,
        socket: FakeSocket,
        query: dict[str, str],
        resumed: Resumable | None,
    ) -> None:
        self.house = house
        self.socket = socket
        self.query = query
        self.resumed = resumed
        self.over = anyio.Event()

    async def serve(self) -> None:
        end = self.socket.server_end
        await Connection(end, WsDialect(), self.house, self.query, self.resumed).run()
        self.over.set()

    async def ask(self, text: str) -> str:
        """The whole answer to a typed message."""
        so_far = sum(frame["type"] == "response_complete" for frame in self.socket.frames)
        self.socket.say(type="chat", message=text)
        while True:
            answers = [f for f in self.socket.frames if f["type"] == "response_complete"]
            if len(answers) > so_far:
                return str(answers[-1]["full_text"])
            await anyio.sleep(0.01)


@asynccontextmanager
async def connected(
    house: House | None = None,
    socket: FakeSocket | None = None,
    resumed: Resumable | None = None,
    query: dict[str, str] | None = None,
) -> AsyncIterator[Connected]:
    with socket or FakeSocket() as client:
        it = Connected(house or a_house(), client, query or {}, resumed)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(it.serve)
            yield it
            client.leave()
            await it.over.wait()


class TestACall:
    async def test_it_is_greeted_with_its_own_name(self) -> None:
        house = a_house()
        async with connected(house) as one, connected(house) as other:
            greetings = [await it.socket.until_status("connected") for it in (one, other)]
            assert len({greeting["session_id"] for greeting in greetings}) == 2

    async def test_it_is_on_the_roster_as_long_as_it_lives(self) -> None:
        async with connected() as it:
            await it.socket.until_status("connected")
            assert len(it.house.roster) == 1
            it.socket.leave()
            await it.over.wait()
            assert len(it.house.roster) == 0

    async def test_what_is_typed_is_answered(self) -> None:
        async with connected() as it:
            assert await it.ask("What time is it?") == ANSWER

    async def test_what_is_spoken_is_answered_aloud(self) -> None:
        async with connected() as it:
            for level in (VOICE, QUIET):
                for _ in range(40):
                    await anyio.sleep(0.032)
                    it.socket.say_raw(pcm(level, 32))
            await it.socket.until_status("complete")
            types = [frame["type"] for frame in it.socket.frames]
            assert types.index("transcript") < types.index("text_chunk") < types.index("audio")

    async def test_a_ping_is_answered_whatever_else_goes_on(self) -> None:
        house = a_house(scripted(stt=TroubledRecognizer("opening", hangs), llm=ENDLESS))
        async with connected(house) as it:
            it.socket.say_raw(pcm(VOICE, 640))
            it.socket.say(type="chat", message="hello")
            it.socket.say(type="ping")
            await it.socket.until_type("pong")

    async def test_a_report_of_what_was_played_counts(self) -> None:
        async with connected(a_house(scripted(llm=ENDLESS))) as it:
            it.socket.say(type="chat", message="hello")
            await it.socket.until(lambda f: f["type"] == "chunk" and f["data"]["type"] == "audio")
            it.socket.say(type="played", reply=1, ms=600)
            it.socket.say(type="interrupt")
            assert (await it.socket.until_status("interrupted"))["heard"] == "Over and"

    async def test_it_ends_when_its_client_leaves(self) -> None:
        model = FakeModel(lambda: tokens("Over and over it goes. " * 500, every_seconds=0.2))
        async with connected(a_house(scripted(llm=model))) as it:
            it.socket.say(type="chat", message="hello")
            await it.socket.until_type("response_start")
            it.socket.leave()
            await it.over.wait()
            assert model.left == 1
            assert it.socket.farewell is None


def sounds(socket: FakeSocket) -> int:
    chunks = (frame["data"] for frame in socket.frames if frame["type"] == "chunk")
    return sum(chunk["type"] == "audio" for chunk in chunks)


class TestHushing:
    async def test_sound_that_waits_for_a_slow_client_is_not_sent_any_more(self) -> None:
        async def slowly() -> None:
            await anyio.sleep(0.5)

        async with connected(a_house(scripted(llm=ENDLESS)), FakeSocket(slowly)) as it:
            it.socket.say(type="chat", message="hello")
            await it.socket.until(lambda f: f["type"] == "chunk" and f["data"]["type"] == "audio")
            await anyio.sleep(60)
            it.socket.say(type="interrupt")
            sent = sounds(it.socket)
            await it.socket.until_status("interrupted")
            assert sounds(it.socket) <= sent + 1, "only the one that was on its way"
            await anyio.sleep(60)
            assert it.socket.frames[-1]["data"] == "interrupted"


class TestWhatCannotBeUnderstood:
    @pytest.mark.parametrize("frame", ["not json", "[]", '{"type":"dance"}', '{"type":"chat"}'])
    async def test_it_is_answered_with_a_sentence_and_the_call_goes_on(self, frame: str) -> None:
        async with connected() as it:
            it.socket.say_raw(frame)
            error = await it.socket.until_type("error")
            assert error["code"] == "bad_message"
            assert error["data"].endswith(".")
            assert await it.ask("hello") == ANSWER

    @pytest.mark.parametrize("frame", ["x" * 20_000, b"\0" * 20_000])
    async def test_a_frame_that_is_too_long_is_not_even_read(self, frame: str | bytes) -> None:
        async with connected(a_house(max_frame_bytes=16_384)) as it:
            it.socket.say_raw(frame)
            error = await it.socket.until_type("error")
            assert error["code"] == "frame_too_long"
            assert "16384" in error["data"]
            assert await it.ask("hello") == ANSWER

    async def test_an_empty_frame_is_nothing(self) -> None:
        async with connected() as it:
            it.socket.say_raw(b"")
            assert await it.ask("hello") == ANSWER
            assert [frame for frame in it.socket.frames if frame["type"] == "error"] == []


def cut_off(persona: str) -> Resumable:
    """What is known of a call whose line was lost."""
    past = ev.Resumed((Message("user", "marmalade"), Message("assistant", ANSWER)), 1)
    session = Session(id=str(uuid.uuid4()), interface="ws", created_at=0.0, persona=persona)
    return Resumable(session, past)


class TestGoingOn:
    @pytest.mark.parametrize(
        ("before", "query", "remembered"),
        [
            ("", {}, True),
            ("astronaut", {}, True),
            ("astronaut", {"persona": "astronaut"}, True),
            ("astronaut", {"persona": "casual_chat"}, False),
            ("", {"persona": "astronaut"}, False),
        ],
    )
    async def test_the_past_belongs_to_a_persona(
        self, before: str, query: dict[str, str], remembered: bool
    ) -> None:
        model = FakeModel(ANSWER)
        house = a_house(scripted(llm=model))
        async with connected(house, resumed=cut_off(before), query=query) as it:
            await it.ask("and toast")
            assert (("user", "marmalade") in model.asked_last()) is remembered

    async def test_with_a_persona_that_is_gone_nothing_is_forgotten(self) -> None:
        model = FakeModel(ANSWER)
        async with connected(a_house(scripted(llm=model)), resumed=cut_off("a pirate")) as it:
            error = await it.socket.until_type("error")
            assert "a pirate" in error["message"]
            await it.ask("and toast")
            assert ("user", "marmalade") in model.asked_last()


class TestWishes:
    async def test_a_persona_brings_its_manner_and_forgets_what_was_said(self) -> None:
        model = FakeModel(ANSWER)
        async with connected(a_house(scripted(llm=model))) as it:
            await it.ask("marmalade")
            it.socket.say(type="config", persona="astronaut")
            await it.ask("and toast")
            system, *rest = model.asked[-1]
            assert "Captain Alex" in system.content
            assert [message.content for message in rest] == ["and toast"]

    async def test_own_instructions_change_the_manner_and_nothing_is_forgotten(self) -> None:
        model = FakeModel(ANSWER)
        async with connected(a_house(scripted(llm=model))) as it:
            await it.ask("marmalade")
            it.socket.say(type="config", instructions="You are a pirate.")
            await it.ask("and toast")
            system, *rest = model.asked[-1]
            assert system.content.startswith("You are a pirate.")
            assert "marmalade" in [message.content for message in rest]

    @pytest.mark.parametrize(
        ("wish", "code", "hint"),
        [
            ({"persona": "nobody"}, "unknown_persona", "astronaut"),
            ({"voice": "nobody"}, "unknown_voice", "nobody"),
        ],
    )
    async def test_all_of_it_is_done_or_nothing(
        self, wish: dict[str, str], code: str, hint: str
    ) -> None:
        model = FakeModel(ANSWER)
        async with connected(a_house(scripted(llm=model))) as it:
            it.socket.say(type="config", instructions="You are a pirate.", **wish)
            error = await it.socket.until_type("error")
            assert error["code"] == code
            assert hint in error["data"]
            await it.ask("hello")
            assert "pirate" not in model.asked[-1][0].content


class TestAClientInTrouble:
    async def test_one_that_takes_nothing_is_given_up(self) -> None:
        house = a_house(scripted(llm=ENDLESS), send_timeout_seconds=5)
        async with connected(house, FakeSocket(hangs)) as it:
            began = now()
            it.socket.say(type="chat", message="hello")
            await it.over.wait()
            assert now() - began == pytest.approx(5, abs=1.1)
            assert len(house.roster) == 0

    async def test_one_that_is_slow_but_keeps_up_is_kept(self) -> None:
        async def slowly() -> None:
            await anyio.sleep(0.5)

        async with connected(a_house(send_timeout_seconds=1), FakeSocket(slowly)) as it:
            assert await it.ask("hello") == ANSWER

    @pytest.mark.parametrize("error", [OSError("gone"), RuntimeError("closed")])
    async def test_one_whose_line_is_dead_is_forgotten(self, error: Exception) -> None:
        async with connected(socket=FakeSocket(raises(error))) as it:
            await it.over.wait()
            assert len(it.house.roster) == 0

    async def test_nobody_else_waits_for_it(self) -> None:
        house = a_house()
        async with connected(house, FakeSocket(hangs)), connected(house) as other:
            began = now()
            assert await other.ask("hello") == ANSWER
            assert now() - began < 1


class TestAFullHouse:
    async def test_one_too_many_is_told_so_and_turned_away(self) -> None:
        house = a_house(max_calls=1)
        async with connected(house) as one:
            await one.socket.until_status("connected")
            async with connected(house) as it:
                await it.over.wait()
                (error,) = it.socket.frames
                assert (error["type"], error["code"]) == ("error", "refused")
                assert error["retry_after_ms"] == 10_000
                assert it.socket.farewell is not None
                code, reason = it.socket.farewell
                assert code == 1013
                assert "places are taken" in reason
            assert len(house.roster) == 1
            assert await one.ask("hello") == ANSWER

    @pytest.mark.parametrize("trouble", [raises(OSError("gone")), hangs])
    async def test_one_that_does_not_take_the_answer_is_left(self, trouble: Trouble) -> None:
        house = a_house(max_calls=1)
        async with connected(house), connected(house, FakeSocket(trouble)) as it:
            began = now()
            await it.over.wait()
            assert now() - began < 2
            assert it.socket.frames == []

    async def test_its_place_is_free_for_the_next(self) -> None:
        house = a_house(max_calls=1)
        for _ in range(3):
            async with connected(house) as it:
                assert await it.ask("hello") == ANSWER


class TestTheEnd:
    async def test_a_server_that_goes_says_so(self) -> None:
        async with connected() as it:
            await it.socket.until_status("connected")
            await it.house.roster.drain(10)
            await it.over.wait()
            assert it.socket.farewell is not None
            code, reason = it.socket.farewell
            assert code == 1001
            assert reason.endswith(".")

    @pytest.mark.parametrize(("others", "soonest_ms"), [(True, 1_000), (False, 15_000)])
    async def test_and_when_to_come_back(self, others: bool, soonest_ms: int) -> None:
        """Not before the server is there again, unless there are others."""
        async with connected() as it:
            it.house.roster.others_go_on = others
            session_id = (await it.socket.until_status("connected"))["session_id"]
            assert await it.ask("hello") == ANSWER
            await it.house.roster.drain(10)
            await it.over.wait()
            last = it.socket.frames[-1]
            assert (last["type"], last["data"]) == ("status", "going_away")
            assert last["session_id"] == session_id
            a_moment_has_passed_ms = 1_000
            earliest = soonest_ms - a_moment_has_passed_ms
            assert earliest <= last["resume_after_ms"] < soonest_ms + 2_000

    async def test_a_call_that_ends_by_itself_is_not_sent_away(self) -> None:
        async with connected(a_house(idle_seconds=1)) as it:
            await it.over.wait()
            assert all(frame.get("data") != "going_away" for frame in it.socket.frames)

    async def test_a_client_that_does_not_take_the_farewell_is_left(self) -> None:
        async with connected(socket=FakeSocket(hangs)) as it:
            await anyio.sleep(0.1)
            began = now()
            await it.house.roster.drain(10)
            await it.over.wait()
            assert now() - began < 2
