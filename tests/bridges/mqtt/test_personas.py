"""Who answers at a site, and how: said on its `config`, once and for all."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from repartee.engines.protocols import Speech
from tests.bridges.mqtt.bridged import bridged, kitchen
from tests.bridges.mqtt.device import VOICE, Device, device, wav
from tests.bridges.mqtt.mosquitto import Mosquitto
from tests.bridges.mqtt.test_run import a_process
from tests.calls.fakes import FakeModel
from tests.calls.line import scripted

pytestmark = pytest.mark.anyio

MARCO = """
[chef_marco]
name = "Chef Marco"
instructions = "You are Chef Marco."
voice = "bm_george"
speed = 2.0
"""


async def wish(it: Device, *, retain: bool = False, **wishes: Any) -> None:
    await it.publish(f"repartee/{it.site}/config", json.dumps(wishes).encode(), retain)


async def ask(it: Device, count: int = 1) -> None:
    await it.ask("What time is it?")
    await it.answer(count)


class TestWhoAnswers:
    async def test_the_persona_that_was_chosen(self, broker: Mosquitto) -> None:
        model = FakeModel("Yes.")
        async with kitchen(broker, scripted(llm=model)) as it:
            await wish(it, persona="astronaut")
            await ask(it)
            assert "Captain Alex" in model.asked[-1][0].content

    async def test_also_when_it_is_chosen_in_the_midst_of_a_conversation(
        self, broker: Mosquitto
    ) -> None:
        model = FakeModel("Yes.")
        async with kitchen(broker, scripted(llm=model)) as it:
            persons = ("astronaut", 1), ("astronaut", 3), ("casual_chat", 1)
            for count, (persona, messages) in enumerate(persons, 1):
                await wish(it, persona=persona)
                await ask(it, count)
                assert len(model.asked_last()) == messages, "another one knows nothing of before"

    async def test_in_its_own_voice_and_as_it_is_wished(
        self, broker: Mosquitto, tmp_path: Path
    ) -> None:
        file = tmp_path / "personas.toml"
        file.write_text(MARCO)
        async with (
            device(broker.port) as it,
            bridged(broker, personas_file=str(file)) as running,
        ):
            await it.until("repartee/status")
            await wish(it, persona="chef_marco", language="en-GB")
            await wish(it, voice="af_sky")
            await ask(it)
            (call,) = running.house.roster.calls
            assert call.speech == Speech("af_sky", "en-GB", 2.0)

    async def test_instructions_of_ones_own(self, broker: Mosquitto) -> None:
        model = FakeModel("Yes.")
        async with kitchen(broker, scripted(llm=model)) as it:
            await wish(it, persona="astronaut", instructions="You are a parrot.")
            await ask(it)
            assert model.asked[-1][0].content.startswith("You are a parrot.")

    async def test_nobody_in_particular_again_when_it_says_nothing(self, broker: Mosquitto) -> None:
        model = FakeModel("Yes.")
        async with kitchen(broker, scripted(llm=model)) as it:
            await wish(it, persona="astronaut")
            await ask(it)
            await it.publish("repartee/kitchen/config")
            await ask(it, 2)
            assert "Captain Alex" not in model.asked[-1][0].content
            assert len(model.asked_last()) == 1

    async def test_at_one_site_and_no_other(self, broker: Mosquitto) -> None:
        model = FakeModel("Yes.")
        async with (
            kitchen(broker, scripted(llm=model)) as one,
            device(broker.port, "attic") as other,
        ):
            await wish(one, persona="astronaut")
            await ask(other)
            assert "Captain Alex" not in model.asked[-1][0].content

    async def test_it_is_kept_with_the_session(self, broker: Mosquitto) -> None:
        async with device(broker.port) as it, bridged(broker) as running:
            await it.until("repartee/status")
            await wish(it, persona="astronaut")
            await ask(it)
            (call,) = running.house.roster.calls
            assert call.persona == "astronaut"


class TestItLasts:
    async def test_until_another_is_chosen_even_if_the_device_is_forgotten(
        self, broker: Mosquitto
    ) -> None:
        model = FakeModel("Yes.")
        async with (
            device(broker.port) as it,
            bridged(broker, scripted(llm=model)) as running,
        ):
            await it.until("repartee/status")
            await wish(it, persona="astronaut")
            await ask(it)
            (call,) = running.house.roster.calls
            await running.house.roster.hang_up(call.id)
            await ask(it, 2)
            assert "Captain Alex" in model.asked[-1][0].content

    async def test_beyond_the_bridge_when_the_broker_keeps_it(self, broker: Mosquitto) -> None:
        model = FakeModel("Yes.")
        async with device(broker.port) as it:
            await wish(it, retain=True, persona="astronaut")
            async with bridged(broker, scripted(llm=model)):
                await it.until("repartee/status")
                await ask(it)
            assert "Captain Alex" in model.asked[-1][0].content


class TestWhatCanNotBeDone:
    @pytest.mark.parametrize(
        ("payload", "sentence"),
        [
            (b'{"persona":"nobody"}', "There is no persona 'nobody'. Known personas are: wild"),
            (b'{"voice":"nobody"}', "There is no voice named “nobody”."),
            (b'{"language":"it"}', "does not understand the language 'it'"),
            (b'{"speed":3}', "The field 'speed' is wrong"),
            (b'{"speed":"fast"}', "The field 'speed' is wrong"),
            (b"astronaut", "The message is not valid JSON"),
        ],
    )
    @pytest.mark.parametrize("begun", [True, False])
    async def test_is_an_error_and_all_stays_as_it_was(
        self, payload: bytes, sentence: str, begun: bool, broker: Mosquitto
    ) -> None:
        model = FakeModel("Yes.")
        async with kitchen(broker, scripted(llm=model)) as it:
            await wish(it, persona="astronaut")
            if begun:
                await ask(it)
            await it.publish("repartee/kitchen/config", payload)
            complaint = await it.until("hermes/error/dialogueManager")
            assert sentence in complaint.body["error"]
            assert complaint.body["siteId"] == "kitchen"
            await ask(it, 1 + begun)
            assert "Captain Alex" in model.asked[-1][0].content
            assert len(it.all("hermes/error/#")) == 1

    async def test_a_language_that_nobody_understands_is_not_listened_to(
        self, broker: Mosquitto
    ) -> None:
        async with kitchen(broker) as it:
            await it.say("asr/startListening", sessionId="s1", lang="it")
            complaint = await it.until("hermes/error/asr")
            assert "does not understand the language 'it'" in complaint.body["error"]
            assert complaint.body["sessionId"] == "s1"
            await it.record(wav(VOICE, 640))
            await it.answer()


async def test_the_file_is_read_again_while_the_bridge_runs(
    broker: Mosquitto, tmp_path: Path
) -> None:
    async with device(broker.port) as it:
        with a_process(broker.url, tmp_path):
            await it.until("repartee/status", seconds=30)
            await wish(it, persona="chef_marco")
            await it.until("hermes/error/dialogueManager")
            new = tmp_path / "new"
            new.write_text(MARCO)
            os.replace(new, tmp_path / "personas.toml")
            for tries in range(2, 200):
                await wish(it, persona="chef_marco")
                await ask(it, tries - 1)
                if len(it.all("hermes/error/dialogueManager")) < tries:
                    return
    pytest.fail("the new persona was never known")
