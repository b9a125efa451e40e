"""A device writes or speaks to a real broker, and hears the answer."""

from __future__ import annotations

import anyio
import pytest

from repartee.conversation.rules import LOW_CONFIDENCE_SENTENCE
from repartee.engines.build import Engines
from repartee.engines.stt.scripted import ScriptedRecognizer
from tests.bridges.mqtt.bridged import bridged, kitchen
from tests.bridges.mqtt.device import QUIET, VOICE, device, wav
from tests.bridges.mqtt.mosquitto import Mosquitto
from tests.calls.fakes import FakeModel, tokens
from tests.calls.line import scripted
from tests.recordings import FOLDER

pytestmark = pytest.mark.anyio

ANSWER = "It is ten past four. Do you want to know more?"
PHRASES = "hermes/audioServer/kitchen/playBytes/+"


def answering(*replies: str, transcript: str = "What time is it?") -> Engines:
    heard = ScriptedRecognizer(transcripts=[transcript])
    return scripted(stt=heard, llm=FakeModel(*(replies or (ANSWER,))))


class TestWriting:
    async def test_a_question_is_answered_in_text_and_in_sound(self, broker: Mosquitto) -> None:
        async with kitchen(broker, answering()) as device:
            await device.ask("What time is it?")
            assert await device.answer() == ANSWER
            assert sum(one.sound.seconds for one in device.all(PHRASES)) > 1

    async def test_the_text_comes_word_by_word_before_it_is_whole(self, broker: Mosquitto) -> None:
        async with kitchen(broker, answering()) as device:
            await device.ask("What time is it?")
            await device.answer()
            pieces = device.all("repartee/kitchen/reply/delta")
            assert "".join(piece.body["text"] for piece in pieces).strip() == ANSWER

    async def test_what_is_final_must_arrive_and_what_is_fleeting_need_not(
        self, broker: Mosquitto
    ) -> None:
        async with kitchen(broker, answering()) as device:
            await device.ask("What time is it?")
            await device.answer()
            assert {m.qos for m in device.all("repartee/kitchen/reply/done")} == {1}
            assert {m.qos for m in device.all("repartee/kitchen/reply/delta")} == {0}
            assert {m.qos for m in device.all(PHRASES)} == {0}

    async def test_the_conversation_goes_on_from_one_question_to_the_next(
        self, broker: Mosquitto
    ) -> None:
        model = FakeModel("Ten past four.", "In Paris.")
        async with kitchen(broker, scripted(llm=model)) as device:
            await device.ask("What time is it?")
            await device.answer()
            await device.ask("Where?")
            assert await device.answer(2) == "In Paris."
            assert model.asked_last() == [
                ("user", "What time is it?"),
                ("assistant", "Ten past four."),
                ("user", "Where?"),
            ]

    async def test_a_device_without_a_name_is_the_usual_one(self, broker: Mosquitto) -> None:
        async with kitchen(broker, answering()) as device:
            await device.publish("hermes/nlu/query", b'{"input": "What time is it?"}')
            assert (await device.until("repartee/default/reply/done")).body["text"] == ANSWER


class TestARecording:
    async def test_a_wav_file_is_heard_and_answered(self, broker: Mosquitto) -> None:
        async with kitchen(broker, answering()) as device:
            await device.record(wav(VOICE, 900))
            captured = await device.until("hermes/asr/textCaptured")
            assert captured.body["text"] == "What time is it?"
            assert captured.body["siteId"] == "kitchen"
            assert captured.body["likelihood"] == 0.95
            assert captured.qos == 1
            assert await device.answer() == ANSWER
            assert device.all(PHRASES)

    @pytest.mark.parametrize("name", ["chromium.webm", "firefox.ogg", "chromium.mp4"])
    async def test_any_container_will_do(self, name: str, broker: Mosquitto) -> None:
        async with kitchen(broker, answering()) as device:
            await device.record((FOLDER / "browser" / name).read_bytes())
            assert await device.answer() == ANSWER

    async def test_its_session_is_named_in_all_that_follows(self, broker: Mosquitto) -> None:
        async with kitchen(broker, answering()) as device:
            await device.record(wav(VOICE, 900), session="s1")
            await device.until("hermes/dialogueManager/sessionEnded")
            told = [m for m in device.messages if m.topic.startswith(("hermes/asr", "hermes/dia"))]
            told += device.all("repartee/kitchen/reply/+")
            assert {message.body["sessionId"] for message in told} == {"s1"}

    async def test_silence_is_answered_with_a_request_to_repeat(self, broker: Mosquitto) -> None:
        async with kitchen(broker, answering(transcript="")) as device:
            await device.record(wav(QUIET, 900))
            assert await device.answer() == LOW_CONFIDENCE_SENTENCE
            assert device.all("hermes/asr/textCaptured")[0].body["text"] == ""


class TestAButton:
    async def test_frames_between_start_and_stop_are_one_turn(self, broker: Mosquitto) -> None:
        async with kitchen(broker, answering()) as device:
            await device.say("asr/startListening", sessionId="s1", stopOnSilence=False)
            await device.sound(VOICE, 640)
            await device.sound(QUIET, 2_000)  # long enough to be the end, were it not held
            await device.sound(VOICE, 640)
            assert not device.all("hermes/asr/textCaptured")
            await device.say("asr/stopListening", sessionId="s1")
            assert (await device.until("hermes/asr/textCaptured")).body["sessionId"] == "s1"
            assert await device.answer() == ANSWER

    async def test_words_show_while_they_are_spoken(self, broker: Mosquitto) -> None:
        async with kitchen(broker, answering()) as device:
            await device.say("asr/startListening", stopOnSilence=False)
            await device.sound(VOICE, 960)
            partial = await device.until("repartee/kitchen/transcript/partial")
            assert "What time is it?".startswith(partial.body["text"])

    async def test_frames_of_another_rate_are_heard_too(self, broker: Mosquitto) -> None:
        async with kitchen(broker, answering()) as device:
            await device.say("asr/startListening", stopOnSilence=False)
            await device.sound(VOICE, 960, rate_hz=44_100)
            await device.say("asr/stopListening")
            assert await device.answer() == ANSWER

    async def test_frames_may_name_their_session(self, broker: Mosquitto) -> None:
        topic = "hermes/audioServer/kitchen/{}/audioSessionFrame"
        async with kitchen(broker, answering()) as device:
            await device.say("asr/startListening", sessionId="mine", stopOnSilence=False)
            await device.publish(topic.format("another"), b"no sound, but not mine either")
            await device.publish(topic.format("mine"), wav(VOICE, 640))
            await device.say("asr/stopListening", sessionId="another")
            await device.say("asr/stopListening", sessionId="mine")
            assert await device.answer() == ANSWER
            assert not device.all("hermes/error/#")

    async def test_sound_that_nobody_asked_for_is_not_heard(self, broker: Mosquitto) -> None:
        async with device(broker.port) as it, bridged(broker, answering()) as running:
            await it.until("repartee/status")
            await it.sound(VOICE, 320)
            await it.say("asr/startListening", sessionId="s1", stopOnSilence=False)
            await it.say("asr/stopListening", sessionId="s1")
            complaint = await it.until("hermes/error/asr")
            assert complaint.body["error"].startswith("No audio received.")
            assert complaint.body["sessionId"] == "s1"
            ended = await it.until("hermes/dialogueManager/sessionEnded")
            assert ended.body["termination"] == {"reason": "error"}
            assert not running.notebook.turns


class TestAWakeWord:
    async def test_after_it_a_turn_ends_with_silence(self, broker: Mosquitto) -> None:
        async with kitchen(broker, answering()) as device:
            await device.say("hotword/porcupine/detected")
            started = await device.until("hermes/asr/startListening")
            await device.sound(VOICE, 640)
            await device.sound(QUIET, 640)
            assert await device.answer() == ANSWER
            ended = await device.until("hermes/dialogueManager/sessionEnded")
            assert ended.body["termination"] == {"reason": "nominal"}
            order = [
                message.topic.removeprefix("hermes/")
                for message in device.messages
                if message.topic.startswith("hermes/") and "audioServer" not in message.topic
            ]
            assert order == [
                "hotword/porcupine/detected",
                "dialogueManager/sessionStarted",
                "asr/startListening",
                "asr/stopListening",
                "asr/textCaptured",
                "dialogueManager/sessionEnded",
            ]
            session = started.body["sessionId"]
            assert session
            assert ended.body["sessionId"] == session

    async def test_after_it_nobody_may_speak(self, broker: Mosquitto) -> None:
        async with kitchen(broker, answering(), mqtt_listen_seconds=0.5) as device:
            await device.say("hotword/porcupine/detected", sessionId="s1")
            await device.sound(QUIET, 320)
            ended = await device.until("hermes/dialogueManager/sessionEnded")
            assert ended.body["termination"] == {"reason": "timeout"}
            assert device.all("hermes/asr/textCaptured")[0].body["text"] == ""
            assert not device.all(PHRASES)

    async def test_whoever_is_speaking_is_heard_out(self, broker: Mosquitto) -> None:
        async with kitchen(broker, answering(), mqtt_listen_seconds=0.5) as device:
            await device.say("hotword/porcupine/detected")
            for _ in range(30):
                await device.frame(VOICE)
                await anyio.sleep(0.03)
            await device.sound(QUIET, 640)
            assert await device.answer() == ANSWER

    async def test_a_device_that_falls_silent_has_finished(self, broker: Mosquitto) -> None:
        async with kitchen(broker, answering()) as device:
            await device.say("asr/startListening", sessionId="s1")
            await device.sound(VOICE, 640)
            await device.say("asr/stopListening", sessionId="s1")
            assert await device.answer() == ANSWER

    async def test_listening_can_be_called_off(self, broker: Mosquitto) -> None:
        async with kitchen(broker, answering()) as device:
            await device.say("asr/startListening", sessionId="s1")
            await device.say("asr/stopListening", sessionId="s1")
            ended = await device.until("hermes/dialogueManager/sessionEnded")
            assert ended.body["termination"] == {"reason": "abortedByUser"}


LONG = " ".join(["Over and over it goes, and then it goes over and over again."] * 12)


def talkative() -> Engines:
    return answering_slowly(LONG)


def answering_slowly(text: str) -> Engines:
    return scripted(
        stt=ScriptedRecognizer(transcripts=["What time is it?"]),
        llm=FakeModel(lambda: tokens(text, every_seconds=0.05), ANSWER),
    )


class TestInterrupting:
    async def test_a_word_stops_the_reply(self, broker: Mosquitto) -> None:
        async with kitchen(broker, talkative()) as device:
            await device.ask("What time is it?", sessionId="s1")
            await device.until(PHRASES)
            await device.publish("repartee/kitchen/interrupt")
            done = await device.until("repartee/kitchen/reply/done")
            assert done.body["status"] == "interrupted"
            assert len(done.body["text"]) < len(LONG)
            ended = await device.until("hermes/dialogueManager/sessionEnded")
            assert ended.body["termination"] == {"reason": "abortedByUser"}

    async def test_no_sound_of_it_comes_after_that(self, broker: Mosquitto) -> None:
        async with kitchen(broker, talkative()) as device:
            await device.ask("What time is it?")
            await device.until(PHRASES)
            await device.publish("repartee/kitchen/interrupt")
            await device.until("repartee/kitchen/reply/done")
            phrases = len(device.all(PHRASES))
            await device.ask("And now?")
            assert await device.answer(2) == ANSWER
            done = device.all("repartee/kitchen/reply/done")[0]
            after = device.messages[device.messages.index(done) :]
            new = [m for m in after if m.topic.startswith("hermes/audioServer")]
            assert len(new) == len(device.all(PHRASES)) - phrases

    async def test_the_wake_word_over_a_reply_takes_the_floor(self, broker: Mosquitto) -> None:
        async with kitchen(broker, talkative()) as device:
            await device.ask("What time is it?", sessionId="s1")
            await device.until(PHRASES)
            await device.say("hotword/porcupine/detected", sessionId="s2")
            done = await device.until("repartee/kitchen/reply/done")
            assert (done.body["status"], done.body["sessionId"]) == ("interrupted", "s1")
            await device.sound(VOICE, 640)
            await device.sound(QUIET, 640)
            assert await device.answer(2) == ANSWER

    async def test_a_reply_is_done_once(self, broker: Mosquitto) -> None:
        """All of it was sent; whether it was played to its end only the device knows."""
        async with kitchen(broker, answering()) as device:
            await device.ask("What time is it?")
            await device.answer()
            await device.publish("repartee/kitchen/interrupt")
            await device.ask("And now?")
            done = await device.until("repartee/kitchen/reply/done", 2)
            assert (done.body["text"], done.body["status"]) == (ANSWER, "complete")

    async def test_what_was_played_is_what_is_remembered(self, broker: Mosquitto) -> None:
        async with kitchen(broker, talkative()) as device:
            await device.ask("What time is it?")
            phrase = await device.until(PHRASES)
            played = phrase.topic.rpartition("/")[2]
            await device.publish(
                "hermes/audioServer/kitchen/playFinished", f'{{"id": "{played}"}}'.encode()
            )
            await device.publish("repartee/kitchen/interrupt")
            done = await device.until("repartee/kitchen/reply/done")
            spoken = round(phrase.sound.seconds * 1000 / 60)  # a letter takes 60 ms
            heard = len(done.body["text"].replace(" ", ""))
            assert heard >= spoken - 1
