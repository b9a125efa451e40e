"""A call in more than one language: what is heard decides, and the voice follows."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager

import msgspec
import numpy as np
import pytest

from repartee.calls import speech_in as speaking
from repartee.calls.errands import ErrandRules, Errands
from repartee.calls.options import CallOptions
from repartee.calls.single import NothingToSpeak, transcribe
from repartee.calls.speech_in import speech_in
from repartee.conversation import Rules, told
from repartee.conversation.rules import LOW_CONFIDENCE_SENTENCE
from repartee.engines.protocols import (
    LISTENING_RATE_HZ,
    Caller,
    Hearing,
    Sound,
    Speech,
    Synthesizer,
    Transcript,
    Voice,
)
from repartee.engines.stt.scripted import ScriptedHearing, ScriptedRecognizer
from repartee.engines.tts.scripted import ScriptedSynthesizer
from repartee.engines.tts.voices import resolve_among
from repartee.engines.voice.scripted import ScriptedDetector
from repartee.errors import BadInput
from tests.calls.fakes import FakeModel
from tests.calls.line import Line, on_the_line, scripted
from tests.calls.virtual_time import IN_VIRTUAL_TIME, Backend

pytestmark = pytest.mark.anyio

AUTO = CallOptions(rules=Rules(language="auto"), speech=Speech(language="auto"))
SAID = {
    "Wie spät ist es jetzt gerade?": "de",
    "What time is it?": "en",
    "Quelle heure est-il ?": "fr",
}
SECOND = np.full(LISTENING_RATE_HZ, 8_000, np.int16)
PAUSE = np.zeros(3 * LISTENING_RATE_HZ, np.int16)


@pytest.fixture
def anyio_backend() -> Backend:
    return IN_VIRTUAL_TIME


class Polyglot(ScriptedRecognizer):
    """Tells which language it heard, and notes which it was asked for."""

    languages: Sequence[str] = ("en", "de", "fr")
    detects = True

    def __init__(self, *transcripts: str, confidence: float = 0.95) -> None:
        super().__init__(transcripts=transcripts, confidence=confidence)
        self.asked: list[str] = []

    @asynccontextmanager
    async def listen(self, caller: Caller, language: str) -> AsyncIterator[ScriptedHearing]:
        self.asked.append(language)
        async with super().listen(caller, language) as hearing:
            telling: Hearing = Telling(hearing)
            yield telling  # type: ignore[misc]


class Telling:
    def __init__(self, hearing: ScriptedHearing) -> None:
        self.feed, self.partials = hearing.feed, hearing.partials
        self._hearing = hearing

    async def settle(self) -> Transcript:
        transcript = await self._hearing.settle()
        return msgspec.structs.replace(transcript, language=SAID.get(transcript.text))


class Choir(ScriptedSynthesizer):
    """A woman and a man for each of its languages; notes who was to say what."""

    def __init__(self, *languages: str, only: bool = False) -> None:
        super().__init__(letter_ms=20)
        self.said: list[Speech] = []
        self._only = only
        self._own = [
            Voice(f"{language}-{gender}", language, gender)
            for language in languages
            for gender in ("female", "male")
        ]

    def voices(self) -> Sequence[Voice]:
        return self._own

    def resolve(self, voice: str, language: str) -> Voice:
        if self._only and language not in ("", "auto", *(one.language for one in self._own)):
            raise BadInput("There is no such language.")
        return resolve_among(self._own, voice, language)

    async def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
        self.said.append(speech)
        plain = msgspec.structs.replace(speech, voice=self._own[0].name)
        async for sound in super().synthesize(text, plain):
            yield sound


async def answered(line: Line) -> None:
    line.client.log.clear()
    await line.ask_aloud()
    await line.client.until(told.ReplyCompleted)


class TestACallThatFollows:
    async def test_speaks_the_language_that_was_heard_last(self) -> None:
        choir, ears = Choir("en", "de", "fr"), Polyglot(*SAID)
        model = FakeModel("Ten past four.")
        async with on_the_line(scripted(stt=ears, tts=choir, llm=model), AUTO) as line:
            for language in ("de", "en", "fr"):
                choir.said.clear()
                await answered(line)
                assert {speech.language for speech in choir.said} == {language}
        assert ears.asked == ["auto"] * 3

    async def test_tells_the_client_and_the_model(self) -> None:
        model = FakeModel("Ten past four.")
        engines = scripted(stt=Polyglot(*SAID), tts=Choir("en", "de"), llm=model)
        async with on_the_line(engines, AUTO) as line:
            await answered(line)
            (final,) = line.client.all(told.UserFinal)
            assert final.language == "de"
            assert model.asked[-1][0].content.endswith("Answer in German.")
            await answered(line)
            assert "German" not in model.asked[-1][0].content

    async def test_says_the_english_sentences_in_english(self) -> None:
        choir = Choir("de", "en")
        engines = scripted(stt=Polyglot(*SAID, confidence=0.1), tts=choir)
        async with on_the_line(engines, AUTO) as line:
            line.call.set_speech(Speech(language="de"))
            await answered(line)
            assert line.client.all(told.ReplyCompleted)[0].text == LOW_CONFIDENCE_SENTENCE
        assert {speech.language for speech in choir.said} == {"en"}

    async def test_hears_the_usual_language_with_a_recogniser_that_knows_one(self) -> None:
        class English(Polyglot):
            languages: Sequence[str] = ("en",)
            detects = False

        ears = English("What time is it?")
        async with on_the_line(scripted(stt=ears), AUTO) as line:
            await answered(line)
        assert ears.asked == ["en"]


class TestACallWhoseLanguageIsChosen:
    async def test_listens_and_speaks_in_it(self) -> None:
        choir, ears = Choir("en", "de"), Polyglot(*SAID)
        async with on_the_line(scripted(stt=ears, tts=choir)) as line:
            line.call.set_speech(Speech(language="de"))
            assert line.call.conversation.language == line.call.language == "de"
            await answered(line)
        assert ears.asked == ["de"]
        assert {speech.language for speech in choir.said} == {"de"}

    async def test_stays_in_it_whatever_is_heard(self) -> None:
        choir = Choir("en", "de")
        async with on_the_line(scripted(stt=Polyglot(*SAID), tts=choir)) as line:
            await answered(line)
            assert line.client.all(told.UserFinal)[0].language is None
        assert {speech.language for speech in choir.said} == {"en"}


class TestSpeechInAnotherLanguage:
    @pytest.mark.parametrize(
        ("voice", "language", "speaks"),
        [
            ("am_michael", "en-GB", ("am_michael", "en")),
            ("am_michael", "de", ("am_michael", "de")),
            ("en-male", "de", ("am_michael", "de")),
            ("en-female", "fr", ("af_heart", "fr")),
        ],
    )
    def test_is_that_of_somebody_alike(
        self, voice: str, language: str, speaks: tuple[str, str]
    ) -> None:
        speech = speech_in(Choir("en", "de", "fr"), Speech(voice, "en", 1.5), language)
        assert speech == Speech(*speaks, 1.5)

    def test_stays_with_a_voice_whose_engine_has_no_other(self) -> None:
        assert speech_in(Choir("en"), Speech("en-male"), "de") == Speech("en-male", "de")

    def test_is_read_as_its_own_by_an_engine_that_refuses_it(self) -> None:
        tts = Choir("fr", only=True)
        assert speech_in(tts, Speech("af_heart", "auto"), "de") == Speech("af_heart", "fr")
        assert speech_in(tts, Speech("af_heart", "fr"), "de") == Speech("af_heart", "fr")

    def test_is_told_to_be_missing_once(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.INFO, logger=speaking.__name__)
        tts: Synthesizer = Choir("en")
        tts.name = "once"
        for language in ("it", "it-CH", "it"):
            speech_in(tts, Speech(), language)
        (line,) = caplog.messages
        assert line == "The once engine has no voice of its own for the language “it”."


class TestOneRecording:
    async def test_is_in_the_language_in_which_most_of_it_is(self) -> None:
        recording = np.concatenate([SECOND, PAUSE, SECOND, PAUSE, SECOND])
        ears = Polyglot(*SAID)
        heard = await transcribe(ScriptedDetector(), ears, recording, "auto")
        assert heard.language == "de"
        assert ears.asked == ["auto"] * 3

    async def test_that_says_nothing_is_in_the_usual_one(self) -> None:
        heard = await transcribe(ScriptedDetector(), Polyglot(*SAID), PAUSE, "auto", "fr")
        assert (heard.text, heard.language) == ("", "fr")

    async def test_is_in_the_usual_one_for_who_can_not_tell(self) -> None:
        errands = Errands(scripted(), ErrandRules(speech=Speech(language="en-GB")))
        assert (await errands.transcribe(SECOND, "auto")).language == "en-GB"


async def test_a_text_in_no_language_is_spoken_in_the_voices_own() -> None:
    choir = Choir("de", "en")
    errands = Errands(scripted(tts=choir), ErrandRules())
    await errands.synthesize("Zehn nach vier.", Speech("de-male", "auto"))
    await errands.synthesize("Ten past four.", Speech("en-male", "auto"))
    with pytest.raises(NothingToSpeak):
        await errands.synthesize("…", Speech("de-male", "auto"))
    assert [speech.language for speech in choir.said] == ["de", "en"]
