"""Devices beside each other: what one says is never told to another, and each has its turn."""

from __future__ import annotations

import anyio
import pytest

from repartee.engines.stt.scripted import ScriptedRecognizer
from tests.bridges.mqtt.bridged import Running, bridged, kitchen
from tests.bridges.mqtt.device import VOICE, device, wav
from tests.bridges.mqtt.mosquitto import Mosquitto
from tests.calls.fakes import FakeModel, tokens, writes
from tests.calls.line import scripted

pytestmark = pytest.mark.anyio


async def _all_is_said(running: Running) -> None:
    """Until the site that spoke last has nothing left to tell, so that it may be forgotten."""
    with anyio.fail_after(10):
        while running.bridge.is_busy:
            await anyio.sleep(0.01)


class TestTwoDevices:
    async def test_each_has_a_conversation_of_its_own(self, broker: Mosquitto) -> None:
        async with (
            kitchen(broker) as one,
            device(broker.port, "attic") as other,
        ):
            await one.ask("I am in the kitchen.")
            await other.ask("I am in the attic.")
            assert await one.answer() == "You said: I am in the kitchen."
            assert await other.answer() == "You said: I am in the attic."
            heard = [m for m in one.messages if m.topic.startswith("repartee/kitchen")]
            assert not any(b"attic" in message.payload for message in heard)

    async def test_neither_remembers_what_was_said_to_the_other(self, broker: Mosquitto) -> None:
        model = FakeModel("Indeed.")
        async with (
            kitchen(broker, scripted(llm=model)) as one,
            device(broker.port, "attic") as other,
        ):
            await one.ask("My name is Ada.")
            await one.answer()
            await other.ask("What is my name?")
            await other.answer()
            assert model.asked_last() == [("user", "What is my name?")]

    async def test_their_turns_are_kept_apart(self, broker: Mosquitto) -> None:
        async with (
            device(broker.port) as one,
            device(broker.port, "attic") as other,
            bridged(broker) as running,
        ):
            await one.until("repartee/status")
            await one.ask("I am in the kitchen.")
            await other.ask("I am in the attic.")
            await one.answer()
            await other.answer()
            sessions = {turn.session_id for turn in running.notebook.turns}
            assert len(sessions) == len(running.house.roster) == 2

    async def test_more_than_there_is_room_for_are_turned_away(self, broker: Mosquitto) -> None:
        said_it_all = anyio.Event()
        model = FakeModel(writes("One moment, please. It is", said_it_all.wait, "five."))
        async with (
            kitchen(broker, scripted(llm=model), max_calls=1) as one,
            device(broker.port, "attic") as other,
        ):
            await one.ask("I am in the kitchen.")
            await one.until("repartee/kitchen/reply/delta")
            await other.ask("I am in the attic.")
            refusal = await other.until("hermes/error/dialogueManager")
            assert refusal.body["siteId"] == "attic"
            assert "All 1 places are taken" in refusal.body["error"]
            said_it_all.set()
            assert (await one.answer()).startswith("One moment, please.")

    async def test_of_many_who_come_in_the_same_moment_as_many_as_there_is_room_for(
        self, broker: Mosquitto
    ) -> None:
        async with device(broker.port) as it, bridged(broker, max_calls=2) as running:
            await it.until("repartee/status")
            for number in range(5):
                body = f'{{"siteId": "site{number}", "input": "Hello?"}}'.encode()
                running.bridge.arrived("hermes/nlu/query", body)
            await it.until("hermes/error/dialogueManager", 3)
            refused = {m.body["siteId"] for m in it.all("hermes/error/dialogueManager")}
            assert refused == {"site2", "site3", "site4"}
            assert running.house.roster.refused["full"] == 3
            assert len(running.house.roster) == 2

    async def test_whoever_was_silent_for_longest_makes_room(self, broker: Mosquitto) -> None:
        model = FakeModel("Indeed.")
        async with (
            device(broker.port) as it,
            bridged(broker, scripted(llm=model), max_calls=2) as running,
        ):
            await it.until("repartee/status")
            for name in ("kitchen", "attic", "kitchen", "cellar"):
                it.site = name
                await it.ask(f"I am in the {name}.")
                await it.answer(2 if it.all(f"repartee/{name}/reply/done") else 1)
                await _all_is_said(running)
            assert not it.all("hermes/error/#")
            assert len(running.house.roster) == 2
            it.site = "kitchen"
            await it.ask("Where am I?")
            await it.answer(3)
            assert ("user", "I am in the kitchen.") in model.asked_last()

    async def test_a_publisher_of_many_names_shuts_nobody_out(self, broker: Mosquitto) -> None:
        engines = scripted(llm=FakeModel("Indeed."))
        async with device(broker.port) as it, bridged(broker, engines, max_calls=3) as running:
            await it.until("repartee/status")
            for number in range(30):
                it.site = f"site{number}"
                await it.ask("Hello?")
                await it.answer()
                await _all_is_said(running)
            assert len(running.house.roster) == 3
            assert not it.all("hermes/error/#")


class TestOneNameForTwoDevices:
    async def test_the_latest_has_the_floor_and_the_other_is_told(self, broker: Mosquitto) -> None:
        heard = ScriptedRecognizer(transcripts=["What time is it?"])
        async with kitchen(broker, scripted(stt=heard)) as one, device(broker.port) as other:
            await one.say("asr/startListening", sessionId="first", stopOnSilence=False)
            await one.sound(VOICE, 320)
            await other.say("asr/startListening", sessionId="second", stopOnSilence=False)
            complaint = await one.until("hermes/error/asr")
            assert complaint.body["sessionId"] == "first"
            assert "Give every device a siteId of its own." in complaint.body["error"]
            await one.say("asr/stopListening", sessionId="first")  # it has nothing to stop
            topic = "hermes/audioServer/kitchen/second/audioSessionFrame"
            await other.publish(topic, wav(VOICE, 640))
            await other.say("asr/stopListening", sessionId="second")
            captured = await other.until("hermes/asr/textCaptured")
            assert captured.body["sessionId"] == "second"
            await other.answer()
            assert len(one.all("hermes/asr/textCaptured")) == 1

    async def test_of_two_recordings_at_once_the_first_is_dropped_and_told_so(
        self, broker: Mosquitto
    ) -> None:
        heard = ScriptedRecognizer(transcripts=["What time is it?"], settle_ms=300)
        async with kitchen(broker, scripted(stt=heard)) as one, device(broker.port) as other:
            await one.record(wav(VOICE, 640), session="s1")
            await one.until("hermes/dialogueManager/sessionStarted")
            await other.record(wav(VOICE, 640), session="s2")
            complaint = await one.until("hermes/error/asr")
            assert (complaint.body["context"], complaint.body["sessionId"]) == ("replaced", "s1")
            assert "Give every device a siteId of its own." in complaint.body["error"]
            ended = await one.until("hermes/dialogueManager/sessionEnded")
            assert ended.body["sessionId"] == "s1"
            assert ended.body["termination"] == {"reason": "abortedByUser"}
            done = await other.until("repartee/kitchen/reply/done")
            assert done.body["sessionId"] == "s2"

    async def test_a_question_over_an_answer_replaces_nothing(self, broker: Mosquitto) -> None:
        model = FakeModel(lambda: tokens("Over and over it goes. " * 100), "Fine.")
        async with kitchen(broker, scripted(llm=model)) as one:
            await one.ask("How are you?", sessionId="s1")
            await one.until("hermes/audioServer/kitchen/playBytes/+")
            await one.ask("And now?", sessionId="s2")
            await one.until("repartee/kitchen/reply/done", 2)
            assert not one.all("hermes/error/#")

    async def test_a_start_that_is_said_twice_is_one_start(self, broker: Mosquitto) -> None:
        async with kitchen(broker) as one:
            for _ in range(2):
                await one.say("asr/startListening", sessionId="s1", stopOnSilence=False)
            await one.sound(VOICE, 640)
            await one.say("asr/stopListening", sessionId="s1")
            await one.answer()
            assert not one.all("hermes/error/#")
            assert len(one.all("hermes/dialogueManager/sessionStarted")) == 1


class TestForgetting:
    async def test_a_device_that_stays_away_is_forgotten(self, broker: Mosquitto) -> None:
        model = FakeModel("Yes.")  # soon said
        engines = scripted(llm=model)
        async with (
            device(broker.port) as it,
            bridged(broker, engines, mqtt_idle_seconds=1) as running,
        ):
            await it.until("repartee/status")
            await it.ask("My name is Ada.")
            await it.answer()
            assert len(running.house.roster) == 1
            while len(running.house.roster):
                await anyio.sleep(0.05)
            await it.ask("What is my name?")
            await it.answer(2)
            assert model.asked_last() == [("user", "What is my name?")]
