"""Who is on the line, on every interface; and a greeting for whoever is called by name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

from repartee.calls.clock import wall_time
from repartee.dialects.call import CallDialect
from repartee.dialects.protocol import Dialect
from repartee.dialects.ws import WsDialect
from repartee.engines.build import Engines
from repartee.errors import SettingsError
from repartee.server.house import House
from repartee.server.pump import Connection
from tests.calls.fakes import FakeModel
from tests.calls.line import scripted
from tests.server.fake_socket import FakeSocket
from tests.server.open_house import asking, open_house

pytestmark = pytest.mark.anyio

GREETING = "Ciao! Welcome."
MARCO = f"""
[chef_marco]
name = "Chef Marco"
instructions = "You are Chef Marco."
voice = "bm_george"
speed = 2.0
language = "en-GB"
greeting = "{GREETING}"

[quiet]
name = "Quiet"
instructions = "You are quiet."
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "personas.toml"
    write(file, MARCO)
    return file


def write(file: Path, text: str) -> None:
    file.write_text(text)


@asynccontextmanager
async def a_house(file: Path, engines: Engines | None = None) -> AsyncIterator[House]:
    async with open_house(engines=engines, personas_file=str(file)) as house:
        yield house


@asynccontextmanager
async def calling(
    house: House, dialect: Dialect | None = None, /, **query: str
) -> AsyncIterator[FakeSocket]:
    with FakeSocket() as socket:
        over = anyio.Event()

        async def serve() -> None:
            await Connection(socket.server_end, dialect or WsDialect(), house, query).run()
            over.set()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(serve)
            yield socket
            socket.leave()
            await over.wait()


async def typed(socket: FakeSocket, text: str = "hello") -> None:
    since = len(socket.frames)
    socket.say(type="chat", message=text)
    await socket.until(
        lambda frame: frame["type"] == "response_complete" and frame in socket.frames[since:]
    )


def of_type(socket: FakeSocket, *types: str) -> list[dict[str, Any]]:
    return [frame for frame in socket.frames if frame["type"] in types]


class TestAGreeting:
    async def test_on_ws_it_is_the_first_reply_in_time_with_its_playback(self, file: Path) -> None:
        async with a_house(file) as house, calling(house, persona="chef_marco") as socket:
            await socket.until_status("complete")
            words = "".join(frame["data"] for frame in of_type(socket, "text_chunk"))
        assert words == GREETING
        statuses = [frame["data"] for frame in of_type(socket, "status")]
        assert statuses == ["connected", "generating", "complete"]
        assert of_type(socket, "audio")
        assert not of_type(socket, "transcript", "error")

    async def test_on_call_it_is_written_and_spoken(self, file: Path) -> None:
        dialect = CallDialect(wall_time)
        async with a_house(file) as house, calling(house, dialect, persona="chef_marco") as socket:
            await socket.until_type("tts_done")
        chunks = of_type(socket, "tts_audio_chunk")
        assert [chunk["index"] for chunk in chunks] == list(range(len(chunks)))
        assert " ".join(chunk["text"] for chunk in chunks) == GREETING
        assert of_type(socket, "assistant_text")[-1]["full_text"] == GREETING

    async def test_it_can_be_cut_off(self, file: Path) -> None:
        async with a_house(file) as house, calling(house, persona="chef_marco") as socket:
            await socket.until_type("audio")
            socket.say(type="interrupt")
            await socket.until_status("interrupted")
            await typed(socket)

    async def test_the_model_knows_that_it_was_said(self, file: Path) -> None:
        model = FakeModel("Yes.")
        async with (
            a_house(file, scripted(llm=model)) as house,
            calling(house, persona="chef_marco") as socket,
        ):
            await socket.until_status("complete")
            await typed(socket)
        assert GREETING in model.asked[-1][0].content
        assert model.asked_last() == [("user", "hello")]

    async def test_it_is_kept_as_a_turn_of_its_own(self, file: Path) -> None:
        async with a_house(file) as house:
            async with calling(house, persona="chef_marco") as socket:
                await socket.until_status("complete")
            (session,) = await house.store.sessions(10)
            (turn,) = await house.store.turns(session.id)
        assert session.persona == "chef_marco"
        assert (turn.user_text, turn.heard_text, turn.status) == ("", GREETING, "complete")

    @pytest.mark.parametrize("query", [{}, {"persona": "quiet"}, {"persona": ""}, {"voice": "bm"}])
    async def test_nobody_else_hears_one(self, file: Path, query: dict[str, str]) -> None:
        async with a_house(file) as house, calling(house, **query) as socket:
            await typed(socket)
            assert of_type(socket, "response_complete")[0]["reply"] == 1

    async def test_nor_who_chooses_when_the_call_has_begun(self, file: Path) -> None:
        async with a_house(file) as house, calling(house) as socket:
            socket.say(type="config", persona="chef_marco")
            await typed(socket)
            assert of_type(socket, "response_complete")[0]["reply"] == 1


class TestWishesInTheQuery:
    async def test_they_hold_for_the_call(self, file: Path) -> None:
        query = {"persona": "quiet", "voice": "bf_emma", "speed": "1.5"}
        async with a_house(file) as house, calling(house, **query) as socket:
            await typed(socket)
            (call,) = house.roster.calls
            assert (call.persona, call.speech.voice) == ("quiet", "bf_emma")
            assert call.speech.speed == 1.5

    @pytest.mark.parametrize(
        "query", [{"persona": "nobody"}, {"voice": "nobody"}, {"speed": "fast"}]
    )
    async def test_what_can_not_be_done_is_told_and_the_call_lives_on(
        self, file: Path, query: dict[str, str]
    ) -> None:
        async with a_house(file) as house, calling(house, **query) as socket:
            assert (await socket.until_type("error"))["message"].endswith(".")
            await typed(socket)


class TestHowAPersonaSpeaks:
    async def test_in_its_voice_language_and_speed(self, file: Path) -> None:
        async with a_house(file) as house, calling(house) as socket:
            socket.say(type="config", persona="chef_marco")
            await typed(socket)
            (call,) = house.roster.calls
            speech = call.speech
            assert (speech.voice, speech.language, speech.speed) == ("bm_george", "en-GB", 2.0)

            socket.say(type="config", persona="quiet")
            await typed(socket)
            assert call.speech == house.options.speech, "one that says nothing speaks as usual"

    async def test_unless_something_else_is_wished(self, file: Path) -> None:
        async with a_house(file) as house, calling(house) as socket:
            socket.say(type="config", persona="chef_marco", voice="af_sky", speed=0.5)
            await typed(socket)
            (call,) = house.roster.calls
            assert (call.speech.voice, call.speech.speed) == ("af_sky", 0.5)
            assert call.speech.language == "en-GB"

    async def test_the_same_one_again_forgets_nothing(self, file: Path) -> None:
        model = FakeModel("Yes.")
        async with a_house(file, scripted(llm=model)) as house, calling(house) as socket:
            for key, messages in (("quiet", 1), ("quiet", 3), ("chef_marco", 1)):
                socket.say(type="config", persona=key)
                await typed(socket)
                assert len(model.asked_last()) == messages


class TestWhoThereIs:
    async def test_config_lists_them(self, file: Path) -> None:
        async with a_house(file) as house, asking(house) as client:
            listed = (await client.get("/config")).json()["personas"]
        assert [one["key"] for one in listed][-2:] == ["chef_marco", "quiet"]
        assert listed[-2] == {
            "key": "chef_marco",
            "name": "Chef Marco",
            "voice": "bm_george",
            "language": "en-GB",
            "greeting": GREETING,
        }
        assert listed[-1] == {
            "key": "quiet",
            "name": "Quiet",
            "voice": "af_heart",
            "language": "en",
            "greeting": "",
        }

    async def test_uploads_may_be_for_them(self, file: Path) -> None:
        async with a_house(file) as house, asking(house) as client:
            response = await client.post("/set_persona", json={"persona": "chef_marco"})
        assert response.json() == {
            "persona": "chef_marco",
            "name": "Chef Marco",
            "voice": "bm_george",
        }

    async def test_an_edit_counts_from_then_on(self, file: Path) -> None:
        model = FakeModel("Yes.")
        async with a_house(file, scripted(llm=model)) as house:
            write(file, MARCO.replace("You are Chef Marco.", "You are a pastry cook."))
            house.personas.look()
            async with calling(house) as socket:
                socket.say(type="config", persona="chef_marco")
                await typed(socket)
        assert model.asked[-1][0].content.startswith("You are a pastry cook.")


class TestTheSetting:
    async def test_a_file_that_is_named_must_be_there(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError, match=r"PERSONAS_FILE is '.*', but there is no such"):
            async with a_house(tmp_path / "nowhere.toml"):
                pass

    async def test_a_file_that_is_wrong_stops_the_start(self, file: Path) -> None:
        write(file, "[chef]\nname = 'Chef'")
        with pytest.raises(SettingsError, match="the persona 'chef' has no 'instructions'"):
            async with a_house(file):
                pass

    async def test_the_usual_one_is_read_if_it_is_there(
        self, file: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for folder, count in ((file.parent, 6), (tmp_path_factory.mktemp("empty"), 4)):
            monkeypatch.chdir(folder)
            async with open_house() as house:
                assert len(house.personas.all) == count
