"""Engines that play a script: exact, with delays on a clock of the test's own."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import numpy as np
import pytest

from repartee.engines.llm.scripted import ScriptedResponder
from repartee.engines.protocols import (
    Caller,
    Message,
    Samples,
    Sampling,
    Sound,
    Speech,
    Transcript,
    WordTime,
)
from repartee.engines.stt.scripted import FIRST_TONE_HZ, TONE_STEP_HZ, ScriptedRecognizer
from repartee.engines.tts.scripted import ScriptedSynthesizer
from repartee.engines.voice.scripted import ScriptedDetector
from repartee.errors import EngineFailed, SettingsError, UnknownVoice

pytestmark = pytest.mark.anyio


class Slept:
    """A sleep that takes no time and keeps count."""

    def __init__(self) -> None:
        self.ms: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.ms.append(round(seconds * 1000, 6))


def sound(ms: int, level: int = 5_000) -> Samples:
    return np.full(16 * ms, level, np.int16)


def tone(number: int, ms: int = 1_280) -> Samples:
    """The tone that says this transcript."""
    hz = FIRST_TONE_HZ + number * TONE_STEP_HZ
    wave = np.sin(np.arange(16 * ms) * 2 * np.pi * hz / 16_000) * 5_000
    return wave.astype(np.int16)


def said(*texts: str) -> list[Message]:
    """An exchange that begins and ends with the user."""
    return [Message("assistant" if at % 2 else "user", text) for at, text in enumerate(texts)]


async def everything(pieces: AsyncIterator[str]) -> str:
    return "".join([piece async for piece in pieces])


class TestDetector:
    async def test_loud_is_speech_and_quiet_is_none(self) -> None:
        stream = ScriptedDetector(speech_dbfs=-40).stream()
        assert await stream.probability(sound(32, level=328)) == 1.0
        assert await stream.probability(sound(32, level=327)) == 0.0


class TestRecogniser:
    async def test_each_turn_of_a_caller_is_the_next_transcript(self) -> None:
        recognizer = ScriptedRecognizer(transcripts=["One.", "Two."], confidence=0.7)
        heard = []
        caller = Caller("a")
        for _ in range(3):
            async with recognizer.listen(caller, "en") as hearing:
                hearing.feed(sound(100))
                heard.append(await hearing.settle())
        assert [(h.text, h.confidence) for h in heard] == [
            ("One.", 0.7),
            ("Two.", 0.7),
            ("One.", 0.7),
        ]

    async def test_a_turn_that_goes_on_or_was_abandoned_stays_the_same_one(self) -> None:
        recognizer, caller = ScriptedRecognizer(transcripts=["One.", "Two."]), Caller("a")
        async with recognizer.listen(caller, "en") as hearing:
            hearing.feed(sound(100))
        async with recognizer.listen(caller, "en") as hearing:
            hearing.feed(sound(100))
            assert (await hearing.settle()).text == "One."
            hearing.feed(sound(100))
            assert (await hearing.settle()).text == "One."

    async def test_partials_grow_by_a_word_every_300_ms(self) -> None:
        recognizer = ScriptedRecognizer(transcripts=["what a fine day"])
        async with recognizer.listen(Caller("a"), "en") as hearing:
            partials = hearing.partials()
            told = []
            for ms in (300, 600, 3_000):
                hearing.feed(sound(ms))
                told.append(await anext(partials))
        assert told == ["what", "what a fine", "what a fine day"]

    async def test_the_final_transcript_takes_as_long_as_the_script_says(self) -> None:
        slept = Slept()
        recognizer = ScriptedRecognizer(settle_ms=80, sleep=slept)
        async with recognizer.listen(Caller("a"), "en") as hearing:
            await hearing.settle()
        assert slept.ms == [80]

    @pytest.mark.parametrize("number", [0, 1, 7, 19])
    async def test_it_can_tell_callers_apart_by_their_tone(self, number: int) -> None:
        words = [f"word {number}" for number in range(20)]
        recognizer = ScriptedRecognizer(transcripts=words, by_tone=True)
        for _ in range(2):
            async with recognizer.listen(Caller("a"), "en") as hearing:
                for window in np.split(np.concatenate((tone(number), sound(320, 0))), 10):
                    hearing.feed(window)
                assert (await hearing.settle()).text == words[number]

    async def test_two_tones_at_once_or_in_turn_are_neither_of_them(self) -> None:
        recognizer = ScriptedRecognizer(transcripts=["One.", "", "", "", "Five."], by_tone=True)
        for mixture in (tone(0) + tone(4), np.concatenate((tone(0), tone(4)))):
            async with recognizer.listen(Caller("a"), "en") as hearing:
                hearing.feed(mixture)
                assert (await hearing.settle()).text == ""

    async def test_without_a_tone_there_are_no_words(self) -> None:
        recognizer = ScriptedRecognizer(transcripts=["One."], by_tone=True)
        async with recognizer.listen(Caller("a"), "en") as hearing:
            hearing.feed(sound(1_000, 0))
            assert await hearing.settle() == Transcript("", 0.0)


class TestResponder:
    async def test_it_says_back_what_was_said(self) -> None:
        reply = ScriptedResponder().respond(Caller("a"), said("Hello, {history}!"), Sampling())
        assert await everything(reply) == "You said: Hello, {history}!"

    async def test_it_knows_the_history(self) -> None:
        responder = ScriptedResponder(replies=["{history}"])
        messages = [Message("system", "Be brief."), *said("Hi.", "Hello.", "Bye.")]
        reply = await everything(responder.respond(Caller("a"), messages, Sampling()))
        assert reply == "user: Hi.\nassistant: Hello.\nuser: Bye."

    async def test_each_turn_gets_the_next_reply_and_each_caller_begins_anew(self) -> None:
        responder = ScriptedResponder(replies=["One.", "Two."])
        anna, bert = Caller("a"), Caller("b")
        first, second = said("Hi."), said("Hi.", "One.", "And?")
        for caller, messages, reply in (
            (anna, first, "One."),
            (anna, said("Hi. Wait"), "One."),  # the same turn, asked again when more was heard
            (anna, second, "Two."),
            (bert, first, "One."),
        ):
            assert await everything(responder.respond(caller, messages, Sampling())) == reply

    async def test_the_first_token_and_the_others_take_their_time(self) -> None:
        slept = Slept()
        responder = ScriptedResponder(
            replies=["a b c"], first_token_ms=150, token_ms=20, sleep=slept
        )
        await everything(responder.respond(Caller("a"), said("Hi."), Sampling()))
        assert slept.ms == [150, 20, 20]

    async def test_it_stops_at_the_limit(self) -> None:
        reply = ScriptedResponder(replies=["a b c"]).respond(
            Caller("a"), said("Hi."), Sampling(max_tokens=2)
        )
        assert await everything(reply) == "a b"

    async def test_it_fails_where_it_is_told_to_and_counts_how_replies_end(self) -> None:
        responder = ScriptedResponder(replies=["a b c d"], fail_after_tokens=3)
        failing = responder.respond(Caller("a"), said("Hi."), Sampling())
        assert [await anext(failing) for _ in range(3)] == ["a", " b", " c"]
        with pytest.raises(EngineFailed):
            await anext(failing)
        async with aclosing(responder.respond(Caller("a"), said("Hi."), Sampling())) as reply:
            await anext(reply)
        await everything(responder.respond(Caller("a"), said("Hi."), Sampling(max_tokens=2)))
        assert responder.outcomes == {"failed": 1, "aborted": 1, "finished": 1}


async def spoken(synthesizer: ScriptedSynthesizer, text: str, **speech: float) -> list[Sound]:
    return [piece async for piece in synthesizer.synthesize(text, Speech(**speech))]  # type: ignore[arg-type]


class TestSynthesiser:
    async def test_a_letter_takes_60_ms_and_words_stand_exactly(self) -> None:
        pieces = await spoken(ScriptedSynthesizer(), "Hi, you")
        assert {piece.rate_hz for piece in pieces} == {24_000}
        assert sum(len(piece.samples) for piece in pieces) == 6 * 60 * 24
        assert [piece.words for piece in pieces] == [
            (WordTime(0, 3, 0),),
            (WordTime(4, 3, 180),),
            (),
            (),
        ]

    async def test_speed_divides_the_time(self) -> None:
        (first, *_), slow = (
            await spoken(ScriptedSynthesizer(), "abcde", speed=2.0),
            await spoken(ScriptedSynthesizer(), "abcde", speed=0.5),
        )
        assert len(first.samples) == 100 * 24
        assert sum(len(piece.samples) for piece in slow) == 600 * 24

    async def test_pieces_join_into_one_quiet_tone(self) -> None:
        whole = np.concatenate([p.samples for p in await spoken(ScriptedSynthesizer(), "a" * 9)])
        steps = np.abs(np.diff(whole.astype(int)))
        assert 900 <= whole.max() <= 1_000
        assert steps.max() < 70

    async def test_only_the_first_piece_takes_time(self) -> None:
        slept = Slept()
        await spoken(ScriptedSynthesizer(first_piece_ms=90, sleep=slept), "abcd")
        assert slept.ms == [90, 0, 0]

    async def test_no_letters_no_sound(self) -> None:
        assert await spoken(ScriptedSynthesizer(), "  \n ") == []

    async def test_it_fails_where_it_is_told_to(self) -> None:
        failing = ScriptedSynthesizer(fail_after_pieces=1).synthesize("abc", Speech())
        assert len((await anext(failing)).samples) == 2_400
        with pytest.raises(EngineFailed):
            await anext(failing)

    async def test_every_name_that_clients_know_is_a_voice_and_no_other(self) -> None:
        synthesizer = ScriptedSynthesizer()
        assert len(synthesizer.voices()) == 10
        assert synthesizer.resolve("bm", "en").name == "bm_george"
        with pytest.raises(UnknownVoice):
            synthesizer.resolve("hal", "en")


class TestScript:
    async def test_each_engine_reads_its_own_table(self, tmp_path: Path) -> None:
        path = tmp_path / "script.toml"
        path.write_text(
            "[voice]\nspeech_dbfs = -20\n[stt]\ntranscripts = ['Yes.']\nconfidence = 0.2\n"
            "[llm]\nreplies = ['No.']\n[tts]\nletter_ms = 10\n"
        )
        detector = ScriptedDetector(script=str(path))
        recognizer = ScriptedRecognizer(script=str(path))
        responder = ScriptedResponder(script=str(path))
        synthesizer = ScriptedSynthesizer(script=str(path))
        for engine in (detector, recognizer, responder, synthesizer):
            await engine.open()
        assert await detector.stream().probability(sound(32, level=3_000)) == 0.0
        async with recognizer.listen(Caller("a"), "en") as hearing:
            hearing.feed(sound(20))
            assert await hearing.settle() == Transcript("Yes.", 0.2)
        assert await everything(responder.respond(Caller("a"), said("Hi."), Sampling())) == "No."
        assert sum(len(p.samples) for p in await spoken(synthesizer, "abc")) == 30 * 24

    async def test_without_a_script_nothing_needs_to_be_set(self) -> None:
        for engine in (
            ScriptedDetector(),
            ScriptedRecognizer(script=""),
            ScriptedResponder(script=None),
            ScriptedSynthesizer(),
        ):
            await engine.open()

    @pytest.mark.parametrize(
        ("script", "sentence"),
        [
            ("[stt]\ntranscripts = 'one'", r"scripted stt engine is wrong: .*transcripts"),
            ("[stt]\ntranscripts = []", r"length >= 1.*transcripts"),
            ("[stt]\nconfidence = 2", r"confidence"),
            ("[stt]\ncolour = 1", r"unknown field `colour`"),
            ("[sst]\n", r"has sst where only the tables voice, stt, llm, tts belong"),
            ("stt = 1", r"has stt where only the tables"),
            ("[stt", r"no TOML"),
        ],
    )
    async def test_a_mistake_in_it_is_named(
        self, tmp_path: Path, script: str, sentence: str
    ) -> None:
        path = tmp_path / "script.toml"
        path.write_text(script)
        with pytest.raises(SettingsError, match=sentence):
            await ScriptedRecognizer(script=str(path)).open()

    async def test_a_file_that_is_not_there_is_said_to_be_so(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError, match="cannot be read"):
            await ScriptedRecognizer(script=str(tmp_path / "none.toml")).open()

    async def test_settings_given_as_keywords_are_checked_alike(self) -> None:
        with pytest.raises(SettingsError, match="confidence"):
            await ScriptedRecognizer(confidence=7).open()
