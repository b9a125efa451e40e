"""Personas mean the same on every interface: who answers, how, and what is remembered."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from repartee.conversation.rules import SPOKEN_STYLE
from repartee.dialects.ws import WsDialect
from repartee.engines.protocols import Sound, Speech
from repartee.engines.stt.scripted import ScriptedRecognizer
from repartee.engines.tts.scripted import ScriptedSynthesizer
from repartee.server.house import House
from repartee.server.pump import Connection
from repartee.server.voice_socket import VoiceSocket
from tests.calls.fakes import FakeModel
from tests.calls.line import scripted
from tests.server.every_interface import EVERY_INTERFACE, WAV, WAV_BASE64, Ask, next_of, served
from tests.server.open_house import asking, open_house

pytestmark = pytest.mark.anyio

PERSONAS = """
[captain]
name = "Captain"
instructions = "You are a captain."
voice = "bm_george"
speed = 2.0
language = "en-GB"

[ghost]
name = "Ghost"
instructions = "You are a ghost."
voice = "nobody_at_all"

[maria]
name = "Maria"
instructions = "You are Maria."
language = "it"
"""
on_every_interface = pytest.mark.parametrize("ask", EVERY_INTERFACE.values(), ids=EVERY_INTERFACE)


class Voice(ScriptedSynthesizer):
    """Remembers how it was to speak."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Speech] = []

    async def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
        self.asked.append(speech)
        async for sound in super().synthesize(text, speech):
            yield sound


class Cast:
    """A house, and what its model and its voice were asked for."""

    def __init__(self, house: House, model: FakeModel, voice: Voice) -> None:
        self.house = house
        self.model = model
        self.voice = voice

    @property
    def instructions(self) -> str:
        return self.model.asked[-1][0].content


@asynccontextmanager
async def cast(folder: Path) -> AsyncIterator[Cast]:
    file = folder / "personas.toml"
    file.write_text(PERSONAS)
    model, voice = FakeModel("Yes."), Voice()
    heard = ScriptedRecognizer(transcripts=["What time is it?"])
    engines = scripted(stt=heard, llm=model, tts=voice)
    async with open_house(engines=engines, personas_file=str(file)) as house:
        yield Cast(house, model, voice)


@on_every_interface
class TestOnEveryInterface:
    async def test_a_persona_answers_in_its_own_manner_and_voice(
        self, ask: Ask, tmp_path: Path
    ) -> None:
        async with cast(tmp_path) as them:
            assert await ask(them.house, persona="captain") is None
            assert them.instructions.startswith("You are a captain.")
            assert SPOKEN_STYLE in them.instructions
            assert them.voice.asked[-1] == Speech("bm_george", "en-GB", 2.0)

    async def test_what_is_wished_beside_it_counts_more(self, ask: Ask, tmp_path: Path) -> None:
        async with cast(tmp_path) as them:
            wishes = {"voice": "af_sky", "language": "en-US", "speed": "0.5"}
            assert await ask(them.house, persona="captain", **wishes) is None
            assert them.instructions.startswith("You are a captain.")
            assert them.voice.asked[-1] == Speech("af_sky", "en-US", 0.5)

    async def test_without_one_nobody_in_particular_answers(self, ask: Ask, tmp_path: Path) -> None:
        async with cast(tmp_path) as them:
            assert await ask(them.house) is None
            assert them.instructions.startswith(them.house.settings.instructions)
            assert them.voice.asked[-1] == them.house.options.speech

    async def test_an_unknown_one_is_an_error_that_names_the_known(
        self, ask: Ask, tmp_path: Path
    ) -> None:
        async with cast(tmp_path) as them:
            assert await ask(them.house, persona="nobody") == (
                "There is no persona 'nobody'. Known personas are: wildlife_expert, "
                "friendly_teacher, casual_chat, astronaut, captain, ghost, maria."
            )
            assert not them.house.uploads

    async def test_one_whose_voice_is_not_there_is_refused(self, ask: Ask, tmp_path: Path) -> None:
        async with cast(tmp_path) as them:
            wrong = await ask(them.house, persona="ghost")
            assert wrong is not None
            assert wrong.startswith(
                "The persona 'ghost' can't be chosen on this server. There is no voice named "
                "“nobody_at_all”."
            )

    async def test_unless_another_voice_is_wished_for_it(self, ask: Ask, tmp_path: Path) -> None:
        async with cast(tmp_path) as them:
            assert await ask(them.house, persona="ghost", voice="af_sky") is None
            assert them.instructions.startswith("You are a ghost.")

    async def test_one_whose_language_is_not_understood_is_refused(
        self, ask: Ask, tmp_path: Path
    ) -> None:
        async with cast(tmp_path) as them:
            assert await ask(them.house, persona="maria") == (
                "The persona 'maria' can't be chosen on this server. The scripted engine does not "
                "understand the language 'it'. It understands en."
            )

    async def test_a_language_alone_is_refused_in_the_same_way(
        self, ask: Ask, tmp_path: Path
    ) -> None:
        async with cast(tmp_path) as them:
            assert await ask(them.house, language="it") == (
                "The scripted engine does not understand the language 'it'. It understands en."
            )


class TestAnotherPersona:
    """It knows nothing of what was said to the one before."""

    async def ask_thrice(self, cast: Cast, path: str, **request: object) -> None:
        conversation = {"conversation_id": "kitchen", "user_id": "ada"}
        for key, messages in (("captain", 1), ("captain", 3), ("astronaut", 1), ("", 3)):
            async with asking(cast.house) as client:
                form = {"json": {**conversation, "audio_base64": WAV_BASE64}}
                query = {"persona": key} | (conversation if "messages" in path else {})
                sent = request or form
                response = await client.post(path, params=query, **sent)
            assert response.status_code == 200, response.text
            assert len(cast.model.asked_last()) == messages, key

    async def test_of_spoken_messages(self, tmp_path: Path) -> None:
        async with cast(tmp_path) as them:
            await self.ask_thrice(them, "/api/voice/message")

    async def test_of_messages_that_are_kept(self, tmp_path: Path) -> None:
        async with cast(tmp_path) as them:
            await self.ask_thrice(them, "/api/messages/voice", files={"file": ("a.wav", WAV)})

    async def test_of_the_voice_socket(self, tmp_path: Path) -> None:
        async with (
            cast(tmp_path) as them,
            served(lambda socket: VoiceSocket(socket.server_end, them.house)) as socket,
        ):
            for key, messages in (("captain", 1), ("captain", 3), (None, 5), ("", 1)):
                socket.say(type="voice_message", audio_base64=WAV_BASE64, persona=key)
                await next_of(socket, "audio")
                assert len(them.model.asked_last()) == messages, key

    async def test_of_a_call_and_back_to_nobody_in_particular(self, tmp_path: Path) -> None:
        async with (
            cast(tmp_path) as them,
            served(lambda socket: Connection(socket.server_end, WsDialect(), them.house)) as socket,
        ):
            for key, messages in (("captain", 1), ("captain", 3), ("", 1), ("", 3)):
                socket.say(type="config", persona=key)
                socket.say(type="chat", message="What time is it?")
                await next_of(socket, "response_complete")
                assert len(them.model.asked_last()) == messages, key
            assert them.voice.asked[-1] == them.house.options.speech
            assert them.instructions.startswith(them.house.settings.instructions)

    async def test_who_answered_is_kept_with_the_session(self, tmp_path: Path) -> None:
        async with cast(tmp_path) as them:
            for ask in EVERY_INTERFACE.values():
                assert await ask(them.house, persona="captain") is None
            async with asking(them.house) as client:
                sessions = (await client.get("/sessions?limit=100")).json()
            assert {one["interface"] for one in sessions} == {
                "ws",
                "call",
                "upload",
                "voice",
                "messages",
            }
            assert {one["persona"] for one in sessions} == {"captain"}


class TestAtTheStart:
    async def test_each_that_can_not_be_chosen_is_one_sentence_in_the_log(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        async with cast(tmp_path):
            pass
        told = [one.getMessage() for one in caplog.records if one.levelno == logging.WARNING]
        assert [sentence.split(" can't")[0] for sentence in told] == [
            "The persona 'ghost'",
            "The persona 'maria'",
        ]
        assert told[1].endswith("understand the language 'it'. It understands en.")

    async def test_and_again_when_an_edit_brings_one(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        async with cast(tmp_path) as them:
            caplog.clear()
            (tmp_path / "personas.toml").write_text(PERSONAS.replace('"af_', '"') + "\n")
            them.house.personas.look()
        assert any("'ghost' can't be chosen" in one.getMessage() for one in caplog.records)
