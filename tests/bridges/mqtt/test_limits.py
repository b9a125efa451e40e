"""What one device may have; and whoever has had it all is told, and keeps nobody else out."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from repartee.calls.shares import payer
from repartee.engines.stt.scripted import ScriptedRecognizer
from repartee.server.limits.allowances import Kind
from tests.bridges.mqtt.bridged import Running, bridged
from tests.bridges.mqtt.device import VOICE, Device, device, wav
from tests.bridges.mqtt.mosquitto import Mosquitto
from tests.calls.line import scripted

pytestmark = pytest.mark.anyio

ERRORS = "hermes/error/dialogueManager"
TURNS: dict[str, Any] = {"limits": "on", "limit_requests_per_minute": 2}
SOUND: dict[str, Any] = {"limits": "on", "limit_audio_minutes_per_hour": 1}


async def has_had(running: Running, kind: Kind, amount: float) -> None:
    """As if the kitchen had had so much already."""
    before = payer.set("device kitchen")
    await running.house.limits.spend(kind, amount)
    payer.reset(before)


async def refused(it: Device, limit: str, topic: str = ERRORS) -> dict[str, Any]:
    error = (await it.until(topic)).body
    assert error["context"] == "limit_reached"
    assert error["siteId"] == "kitchen"
    assert error["error"].startswith(f"The limit of {limit} is reached. Try again in ")
    return error


class TestTurns:
    async def test_one_that_is_too_many_is_refused_and_others_are_answered(
        self, broker: Mosquitto
    ) -> None:
        async with (
            device(broker.port) as it,
            device(broker.port, "attic") as other,
            bridged(broker, **TURNS) as running,
        ):
            await it.until("repartee/status")
            for number in (1, 2):
                await it.ask("Are you there?")
                await it.answer(number)
            await it.ask("And now?", sessionId="s3")
            error = await refused(it, "2 requests per minute")
            assert error["sessionId"] == "s3"
            await other.ask("Am I too late?")
            assert await other.answer() == "You said: Am I too late?"
            assert len(running.notebook.turns) == 3

    @pytest.mark.parametrize("begun", ["asr/startListening", "hotword/porcupine/detected"])
    async def test_to_be_listened_to_is_one(self, begun: str, broker: Mosquitto) -> None:
        async with device(broker.port) as it, bridged(broker, **TURNS) as running:
            await it.until("repartee/status")
            await has_had(running, "requests", 2)
            await it.say(begun, sessionId="s1")
            assert (await refused(it, "2 requests per minute"))["sessionId"] == "s1"
            assert not it.all("hermes/dialogueManager/sessionStarted")

    async def test_so_is_a_text_that_is_to_be_said(self, broker: Mosquitto) -> None:
        async with device(broker.port) as it, bridged(broker, **TURNS) as running:
            await it.until("repartee/status")
            await has_had(running, "requests", 2)
            await it.say("tts/say", text="Dinner is ready.", id="dinner")
            await refused(it, "2 requests per minute", "hermes/error/tts")
            assert (await it.until("hermes/tts/sayFinished")).body["id"] == "dinner"
            assert not it.all("hermes/audioServer/kitchen/playBytes/+")

    async def test_and_its_letters_are_counted(self, broker: Mosquitto) -> None:
        given: dict[str, Any] = {"limits": "on", "limit_characters_per_hour": 10}
        async with device(broker.port) as it, bridged(broker, **given):
            await it.until("repartee/status")
            await it.say("tts/say", text="Dinner is ready.")
            await refused(it, "10 characters to be spoken per hour", "hermes/error/tts")

    async def test_where_nobody_is_counted_devices_are_not(self, broker: Mosquitto) -> None:
        given: dict[str, Any] = {**TURNS, "limits": "off"}
        async with device(broker.port) as it, bridged(broker, **given):
            await it.until("repartee/status")
            for number in (1, 2, 3):
                await it.ask("Are you there?")
                await it.answer(number)
            assert not it.all("hermes/error/#")


class TestSound:
    async def test_a_recording_that_is_more_than_is_left_is_refused(
        self, broker: Mosquitto
    ) -> None:
        async with device(broker.port) as it, bridged(broker, **SOUND) as running:
            await it.until("repartee/status")
            await has_had(running, "audio", 58)
            await it.record(wav(VOICE, 4_000), session="s1")
            error = await refused(it, "1 minutes of sound per hour")
            assert error["sessionId"] == "s1"
            await it.record(wav(VOICE, 1_000))
            await it.answer()
            assert len(running.notebook.turns) == 1, "what was refused was not heard"

    @pytest.mark.parametrize("until_silence", [True, False])
    async def test_whoever_is_listened_to_is_cut_off(
        self, until_silence: bool, broker: Mosquitto
    ) -> None:
        heard = ScriptedRecognizer(transcripts=["What time is it?"])
        async with (
            device(broker.port) as it,
            bridged(broker, scripted(stt=heard), **SOUND) as running,
        ):
            await it.until("repartee/status")
            await has_had(running, "audio", 58)
            await it.say("asr/startListening", sessionId="s1", stopOnSilence=until_silence)
            await it.sound(VOICE, 4_000)
            assert (await refused(it, "1 minutes of sound per hour"))["sessionId"] == "s1"
            await it.until("hermes/asr/stopListening")
            ended = await it.until("hermes/dialogueManager/sessionEnded")
            assert ended.body["termination"] == {"reason": "error"}
            with anyio.fail_after(10):
                while running.bridge.is_busy:  # with what was being said
                    await anyio.sleep(0.01)
            await it.ask("Do you still hear me?")
            assert await it.answer() == "You said: Do you still hear me?"
            assert not it.all("hermes/asr/textCaptured")
            assert len(running.notebook.turns) == 1
            assert len(it.all(ERRORS)) == 1, "of many frames, it is said once"
