"""`hermes/tts/say`: a text that somebody wants to be said at a site."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import anyio
import pytest

from repartee.engines.protocols import Sound, Speech
from repartee.engines.tts.scripted import ScriptedSynthesizer
from repartee.errors import EngineFailed
from tests.bridges.mqtt.bridged import bridged, kitchen
from tests.bridges.mqtt.device import Device, device
from tests.bridges.mqtt.mosquitto import Mosquitto
from tests.calls.fakes import FakeModel, TroubledVoice, raises, writes
from tests.calls.line import scripted

pytestmark = pytest.mark.anyio

PHRASES = "hermes/audioServer/kitchen/playBytes/+"
FINISHED = "hermes/tts/sayFinished"
LONG = "The washing machine has finished. " * 8


async def play(it: Device, count: int) -> float:
    """As a device does: it says when it has played a phrase; how long all of them were."""
    for number in range(1, count + 1):
        phrase = await it.until(PHRASES, number)
        await it.say("audioServer/kitchen/playFinished", id=phrase.topic.rpartition("/")[2])
    return sum(one.sound.seconds for one in it.all(PHRASES))


class Voice(ScriptedSynthesizer):
    """Remembers what it was to say; quick, so that no test waits for its sound."""

    def __init__(self) -> None:
        super().__init__(letter_ms=1)
        self.asked: list[tuple[str, Speech]] = []

    async def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
        self.asked.append((text, speech))
        async for sound in super().synthesize(text, speech):
            yield sound


class TestSaying:
    async def test_it_is_heard_and_then_it_is_said_that_it_was(self, broker: Mosquitto) -> None:
        async with kitchen(broker) as it:
            await it.say("tts/say", text="Dinner is ready.", id="t1", sessionId="s1")
            assert await play(it, 1) > 0.5
            finished = await it.until(FINISHED)
            assert finished.body == {"id": "t1", "siteId": "kitchen", "sessionId": "s1"}
            assert finished.qos == 1
            assert not it.all("repartee/kitchen/#"), "it is no part of a conversation"

    async def test_a_device_that_says_nothing_has_played_it_in_time(
        self, broker: Mosquitto
    ) -> None:
        async with kitchen(broker, scripted(tts=Voice())) as it:
            await it.say("tts/say", text="Dinner is ready.", id="t1")
            await it.until(FINISHED)

    async def test_it_comes_phrase_by_phrase(self, broker: Mosquitto) -> None:
        async with kitchen(broker, scripted(tts=Voice())) as it:
            await it.say("tts/say", text=LONG)
            await it.until(FINISHED)
            assert len(it.all(PHRASES)) > 2

    async def test_one_text_after_the_other(self, broker: Mosquitto) -> None:
        voice = Voice()
        async with kitchen(broker, scripted(tts=voice)) as it:
            for number in range(3):
                await it.say("tts/say", text=f"Number {number}.", id=str(number))
            await it.until(FINISHED, 3)
            assert [one.body["id"] for one in it.all(FINISHED)] == ["0", "1", "2"]
            assert [text for text, _ in voice.asked] == ["Number 0.", "Number 1.", "Number 2."]

    async def test_in_the_voice_of_the_site(self, broker: Mosquitto) -> None:
        voice = Voice()
        async with kitchen(broker, scripted(tts=voice)) as it:
            await it.publish("repartee/kitchen/config", b'{"persona":"astronaut","speed":2}')
            await it.say("tts/say", text="Cena!", lang="it")
            await it.until(FINISHED)
            assert voice.asked == [("Cena!", Speech("am_adam", "it", 2.0))]

    async def test_as_loud_as_it_is_wished(self, broker: Mosquitto) -> None:
        async with kitchen(broker, scripted(tts=Voice())) as it:
            for volume in (1, 0.5):
                await it.say("tts/say", text="Dinner is ready.", volume=volume)
            await it.until(FINISHED, 2)
            loud, quiet = (abs(one.sound.samples).max() for one in it.all(PHRASES))
            assert quiet == pytest.approx(loud / 2, abs=1)

    async def test_nothing_of_it_is_remembered_nor_is_there_a_session(
        self, broker: Mosquitto
    ) -> None:
        model = FakeModel("Yes.")
        engines = scripted(llm=model, tts=Voice())
        async with device(broker.port) as it, bridged(broker, engines) as running:
            await it.until("repartee/status")
            await it.say("tts/say", text="Dinner is ready.")
            await it.until(FINISHED)
            assert len(running.house.roster) == 0
            await it.ask("What did you say?")
            await it.answer()
            assert model.asked_last() == [("user", "What did you say?")]

    async def test_an_answer_that_is_being_given_comes_to_its_end_first(
        self, broker: Mosquitto
    ) -> None:
        may_go_on = anyio.Event()
        model = FakeModel(writes("It is ten past four.", may_go_on.wait, "The end."))
        voice = Voice()
        async with kitchen(broker, scripted(llm=model, tts=voice)) as it:
            await it.ask("What time is it?")
            await it.until(PHRASES)
            await it.say("tts/say", text="Dinner is ready.")
            may_go_on.set()
            await it.until(FINISHED)
            assert [text for text, _ in voice.asked][-1] == "Dinner is ready."
            assert it.all("repartee/kitchen/reply/done")[0].body["status"] == "complete"


class TestGivingUp:
    @pytest.mark.parametrize("what", ["interrupt", "question", "wake word"])
    async def test_whatever_is_begun_is_more_important(self, what: str, broker: Mosquitto) -> None:
        async with kitchen(broker) as it:
            for number in range(2):
                await it.say("tts/say", text=LONG, id=str(number))
            await it.until(PHRASES)
            if what == "interrupt":
                await it.publish("repartee/kitchen/interrupt")
            elif what == "question":
                await it.ask("What time is it?")
            else:
                await it.say("hotword/any/detected")
            await it.until(FINISHED, 2)
            assert [one.body["id"] for one in it.all(FINISHED)] == ["0", "1"]
            await it.publish("repartee/kitchen/interrupt")
            await it.say("tts/say", text="Go on.", id="2")
            assert (await it.until(FINISHED, 3)).body["id"] == "2"

    async def test_another_site_goes_on_speaking(self, broker: Mosquitto) -> None:
        async with kitchen(broker) as it, device(broker.port, "attic") as other:
            await it.say("tts/say", text="Dinner is ready.", id="t1")
            await other.publish("repartee/attic/interrupt")
            await play(it, 1)
            assert (await it.until(FINISHED)).body["id"] == "t1"


class TestTrouble:
    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("", "There is nothing to speak in this text."),
            ("🎉", "There is nothing to speak in this text."),
            ("x" * 5_000, "The text has 5000 characters; at most 4000 are said."),
        ],
    )
    async def test_what_can_not_be_said(self, text: str, sentence: str, broker: Mosquitto) -> None:
        async with kitchen(broker, max_text_chars=4_000) as it:
            await it.say("tts/say", text=text, id="t1", sessionId="s1")
            complaint = await it.until("hermes/error/tts")
            assert complaint.body["error"].startswith(sentence)
            assert complaint.body["siteId"] == "kitchen"
            assert complaint.body["sessionId"] == "s1"
            assert (await it.until(FINISHED)).body["id"] == "t1", "nobody waits for it in vain"

    async def test_a_voice_that_fails(self, broker: Mosquitto) -> None:
        voice = TroubledVoice(raises(EngineFailed("The voice broke.")))
        async with kitchen(broker, scripted(tts=voice)) as it:
            await it.say("tts/say", text="Dinner is ready.")
            assert (await it.until("hermes/error/tts")).body["error"] == "The voice broke."
            await it.until(FINISHED)
            await it.say("tts/say", text="Dinner is still ready.")
            await it.until(PHRASES)

    @pytest.mark.parametrize(
        ("payload", "sentence"),
        [
            (b'{"siteId":"kitchen"}', "missing required field `text`"),
            (b'{"text":"x","volume":2}', "The field 'volume' is wrong"),
            (b'{"text":"x","siteId":"a/b"}', "1 to 64 characters"),
            (b"Dinner is ready.", "not valid JSON"),
        ],
    )
    async def test_messages_that_are_none(
        self, payload: bytes, sentence: str, broker: Mosquitto
    ) -> None:
        async with kitchen(broker) as it:
            await it.publish("hermes/tts/say", payload)
            assert sentence in (await it.until("hermes/error/tts")).body["error"]

    async def test_only_so_many_may_wait(self, broker: Mosquitto) -> None:
        async with device(broker.port) as it, bridged(broker) as running:
            await it.until("repartee/status")
            for _ in range(20):
                running.bridge.arrived("hermes/tts/say", b'{"siteId":"kitchen","text":"Hello."}')
            assert "Too many texts wait" in (await it.until("hermes/error/tts")).body["error"]
