"""What a device is told when something is wrong, and that its conversation goes on."""

from __future__ import annotations

import logging
from typing import Any

import anyio
import pytest

from repartee.bridges.mqtt import link
from repartee.engines.stt.scripted import ScriptedRecognizer
from repartee.errors import EngineFailed
from tests.bridges.mqtt.bridged import bridged, kitchen
from tests.bridges.mqtt.device import VOICE, Device, device, wav
from tests.bridges.mqtt.mosquitto import Mosquitto
from tests.calls.fakes import FakeModel, TroubledVoice, raises, writes
from tests.calls.line import scripted

pytestmark = pytest.mark.anyio

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


@pytest.mark.parametrize(
    ("topic", "payload", "service", "sentence"),
    [
        ("repartee/kitchen/recording", PNG, "asr", "a PNG picture, not a sound recording"),
        ("repartee/kitchen/recording", b"", "asr", "The recording is empty"),
        ("repartee/kitchen/recording", b"hello there, bridge", "asr", "not a recording"),
        ("hermes/nlu/query", b"What time is it?", "nlu", "not valid JSON"),
        ("hermes/nlu/query", b'{"siteId":"kitchen"}', "nlu", "missing required field `input`"),
        ("hermes/nlu/query", b'{"siteId":"kitchen","input":5}', "nlu", "'input' is wrong"),
        ("hermes/nlu/query", b'{"siteId":"kitchen","input":"  "}', "nlu", "empty"),
        ("hermes/asr/startListening", b'{"siteId":"a/b"}', "asr", "1 to 64 characters"),
        ("hermes/hotword/w/detected", b"\xff\xfe", "dialogueManager", "not valid JSON"),
    ],
)
async def test_what_can_not_be_used_is_an_error_that_says_why(
    topic: str, payload: bytes, service: str, sentence: str, broker: Mosquitto
) -> None:
    async with kitchen(broker) as it:
        await it.publish(topic, payload)
        complaint = await it.until(f"hermes/error/{service}")
        assert sentence in complaint.body["error"]
        assert complaint.body["context"]
        assert complaint.qos == 1
        await it.ask("Are you still there?")
        assert await it.answer() == "You said: Are you still there?"


async def test_what_is_too_long_is_refused(broker: Mosquitto) -> None:
    async with kitchen(broker, max_frame_bytes=20_000) as it:
        await it.record(wav(VOICE, 1_000))
        complaint = await it.until("hermes/error/asr")
        assert complaint.body["siteId"] == "kitchen"
        assert "32044 bytes; at most 20000 are taken" in complaint.body["error"]


async def test_far_too_long_is_kept_away_by_the_broker(broker: Mosquitto) -> None:
    async with kitchen(broker, max_frame_bytes=20_000) as it:
        await it.record(bytes(200_000))
        await it.ask("Are you still there?")
        assert await it.answer() == "You said: Are you still there?"
        assert not it.all("hermes/error/#")


async def test_a_text_that_is_too_long_ends_its_session(broker: Mosquitto) -> None:
    async with kitchen(broker, max_text_chars=10) as it:
        await it.ask("What is the time in Paris?", sessionId="s1")
        assert "at most 10" in (await it.until("hermes/error/nlu")).body["error"]
        ended = await it.until("hermes/dialogueManager/sessionEnded")
        assert ended.body["termination"] == {"reason": "error"}


async def test_frames_that_are_no_sound_are_mentioned_once(broker: Mosquitto) -> None:
    async with kitchen(broker) as it:
        await it.say("asr/startListening", sessionId="s1", stopOnSilence=False)
        for _ in range(20):
            await it.publish("hermes/audioServer/kitchen/audioFrame", PNG)
        await it.sound(VOICE, 640)
        await it.say("asr/stopListening", sessionId="s1")
        await it.answer()
        (complaint,) = it.all("hermes/error/#")
        assert "not a WAV file" in complaint.body["error"]
        assert complaint.body["sessionId"] == "s1"


async def test_a_flood_is_cut_off_and_the_device_is_told(broker: Mosquitto) -> None:
    async with device(broker.port) as it, bridged(broker, max_frame_bytes=16_384) as running:
        await it.until("repartee/status")
        for _ in range(5):  # four of the longest may wait
            running.bridge.arrived("repartee/kitchen/recording", wav(VOICE, 500))
        complaint = await it.until("hermes/error/asr")
        assert "some was dropped" in complaint.body["error"]
        await it.ask("Are you still there?")
        await it.until("repartee/kitchen/reply/done")


async def test_small_messages_have_a_bound_too(broker: Mosquitto) -> None:
    async with device(broker.port) as it, bridged(broker) as running:
        await it.until("repartee/status")
        for _ in range(1_000):
            running.bridge.arrived("hermes/nlu/query", b'{"siteId":"kitchen","input":"Hello"}')
        complaint = await it.until("hermes/error/asr")
        assert "arrive too fast" in complaint.body["error"]


async def answer_at_last(it: Device, question: str) -> str:
    """As long as the burst goes on, the question may be among what is dropped."""
    while True:
        await it.ask(question)
        with anyio.move_on_after(1):
            return await it.answer()


async def test_a_burst_is_cut_off_and_seldom_mentioned(
    broker: Mosquitto, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(link, "_MOST_WAITING", 10)
    async with kitchen(broker) as it, anyio.create_task_group() as tasks:
        for _ in range(500):
            tasks.start_soon(it.publish, "hermes/audioServer/kitchen/playFinished", b"{}")
        complaint = await it.until("hermes/error/dialogueManager")
        assert "Messages arrive too fast; " in complaint.body["error"]
        assert complaint.body["context"] == "too_much"
        assert await answer_at_last(it, "Are you there?") == "You said: Are you there?"
    told = [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]
    assert not [one for one in told if "queue is full" in one]
    assert 0 < len([one for one in told if "were dropped" in one]) <= 500 / 9


async def test_what_there_is_no_room_for_is_counted_once() -> None:
    arrivals = link.Arrivals(maxsize=2)
    message: Any = object()
    for _ in range(3):
        arrivals.put_nowait(message)
    assert arrivals.lost_in_burst() == 0, "it may go on"
    for _ in range(2):
        arrivals.get_nowait()
    assert arrivals.lost_in_burst() == 1
    assert arrivals.lost_in_burst() == 0
    for _ in range(4):
        arrivals.put_nowait(message)
    assert arrivals.lost_in_burst() == 2, "it is told while a long one lasts"


async def test_a_model_that_fails_is_an_error_and_an_apology(broker: Mosquitto) -> None:
    failing = writes("It is", raises(EngineFailed("The model broke. Try again.")))
    async with kitchen(broker, scripted(llm=FakeModel(failing, "Fine."))) as it:
        await it.ask("How are you?", sessionId="s1")
        complaint = await it.until("hermes/error/nlu")
        assert complaint.body["error"] == "The model broke. Try again."
        assert "lost my train of thought" in await it.answer()
        await it.until("hermes/dialogueManager/sessionEnded")
        await it.ask("How are you?")
        assert await it.answer(2) == "Fine."


async def test_a_voice_that_fails_still_leaves_the_words(broker: Mosquitto) -> None:
    voice = TroubledVoice(raises(EngineFailed("The voice broke.")))
    async with kitchen(broker, scripted(llm=FakeModel("Fine."), tts=voice)) as it:
        await it.ask("How are you?")
        assert (await it.until("hermes/error/tts")).body["error"] == "The voice broke."
        assert await it.answer() == "Fine."


async def test_what_was_said_before_we_came_is_not_answered(broker: Mosquitto) -> None:
    async with device(broker.port) as it:
        await it.publish(
            "hermes/nlu/query", b'{"siteId":"kitchen","input":"An old one."}', retain=True
        )
        async with bridged(broker):
            await it.until("repartee/status")
            await it.ask("A new one.")
            assert await it.answer() == "You said: A new one."
            assert len(it.all("repartee/kitchen/reply/done")) == 1


async def test_a_turn_is_kept_before_it_is_told_complete(broker: Mosquitto) -> None:
    heard = ScriptedRecognizer(transcripts=["What time is it?"])
    async with device(broker.port) as it, bridged(broker, scripted(stt=heard)) as running:
        await it.until("repartee/status")
        await it.record(wav(VOICE, 640))
        await it.answer()
        (turn,) = running.notebook.turns
        assert (turn.user_text, turn.mode, turn.status) == (
            "What time is it?",
            "spoken",
            "complete",
        )
