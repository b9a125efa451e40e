"""One recording written down, one text spoken, with no call around them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import numpy as np
import pytest

from repartee.calls.single import (
    NothingToSpeak,
    Transcription,
    line_of,
    synthesize,
    transcribe,
)
from repartee.engines.protocols import (
    LISTENING_RATE_HZ,
    Caller,
    Recognizer,
    Samples,
    Speech,
    Transcript,
)
from repartee.engines.stt.scripted import ScriptedHearing, ScriptedRecognizer
from repartee.engines.tts.scripted import ScriptedSynthesizer
from repartee.engines.voice.scripted import ScriptedDetector
from repartee.errors import BadInput, UnknownVoice

pytestmark = pytest.mark.anyio

SECOND = np.full(LISTENING_RATE_HZ, 8_000, np.int16)
PAUSE = np.zeros(3 * LISTENING_RATE_HZ, np.int16)
TTS = ScriptedSynthesizer()


async def written(
    samples: Samples, *transcripts: str, stt: Recognizer | None = None, language: str = "en"
) -> Transcription:
    recognizer = stt or ScriptedRecognizer(transcripts=transcripts or ("Hello there.",))
    return await transcribe(ScriptedDetector(), recognizer, samples, language)


class TestTranscribing:
    async def test_what_is_known_of_it(self) -> None:
        assert await written(SECOND) == Transcription("Hello there.", "en", 0.95, 1.0, "scripted")

    async def test_passages_are_put_together_in_order(self) -> None:
        recording = np.concatenate([SECOND, PAUSE, SECOND, PAUSE])
        heard = await written(recording, "First this.", "Then that.")
        assert heard.text == "First this. Then that."
        assert heard.duration_seconds == 8.0

    async def test_the_confidence_is_that_of_the_words(self) -> None:
        class Doubtful(ScriptedRecognizer):
            @asynccontextmanager
            async def listen(self, caller: Caller, language: str) -> AsyncIterator[ScriptedHearing]:
                answers = {0: ("one two three", 0.8), 1: ("four", 0.4), 2: ("[MUSIC]", 0.9)}
                count = caller.notes["count"] = caller.notes.get("count", -1) + 1

                async with super().listen(caller, language) as hearing:

                    async def settle() -> Transcript:
                        return Transcript(*answers[count])

                    hearing.settle = settle  # type: ignore[method-assign]
                    yield hearing

        recording = np.concatenate([SECOND, PAUSE, SECOND, PAUSE, SECOND])
        heard = await written(recording, stt=Doubtful())
        assert heard.text == "one two three four"
        assert heard.confidence == pytest.approx(0.7)

    async def test_silence_says_nothing_and_no_recogniser_is_asked(self) -> None:
        heard = await written(PAUSE, "Thank you for watching.")
        assert (heard.text, heard.confidence, heard.duration_seconds) == ("", 0.0, 3.0)

    @pytest.mark.parametrize("note", ["[BLANK_AUDIO]", "(silence)", "[MUSIC PLAYING]", ". . ."])
    async def test_what_recognisers_write_for_no_words_is_no_words(self, note: str) -> None:
        heard = await written(SECOND, note)
        assert (heard.text, heard.confidence) == ("", 0.0)

    async def test_nobody_carries_over_to_the_next(self) -> None:
        stt = ScriptedRecognizer(transcripts=("First.", "Second."))
        assert [(await written(SECOND, stt=stt)).text for _ in range(2)] == ["First.", "First."]

    @pytest.mark.parametrize("language", ["en", "EN", "en-GB", "en_US", " en "])
    async def test_a_language_may_name_its_region(self, language: str) -> None:
        assert (await written(SECOND, language=language)).language == language

    @pytest.mark.parametrize("language", ["xx", "de", "", "english"])
    async def test_a_language_that_the_engine_does_not_know(self, language: str) -> None:
        with pytest.raises(BadInput, match=r"does not understand the language .* understands en\."):
            await written(SECOND, language=language)

    async def test_of_very_many_languages_only_some_are_named(self) -> None:
        class Polyglot(ScriptedRecognizer):
            languages: Sequence[str] = tuple(f"{a}{b}" for a in "abcdef" for b in "abcdef")

        with pytest.raises(BadInput, match=r"understands aa, ab, .* and 24 more\."):
            await written(SECOND, stt=Polyglot(), language="xx")


class TestSpeaking:
    async def test_in_one_piece_and_who_speaks(self) -> None:
        spoken = await synthesize(TTS, "Hello there.", Speech(voice="bm"))
        assert spoken.seconds == pytest.approx(11 * 0.06, abs=0.01)
        assert spoken.voice.name == "bm_george"

    async def test_piece_by_piece_it_is_the_same(self) -> None:
        whole = (await synthesize(TTS, "Hello there.", Speech())).sound
        line = await line_of(TTS, "Hello there.", Speech())
        pieces = [sound async for sound in TTS.synthesize(line.words, line.speech)]
        assert len(pieces) > 1
        assert np.array_equal(np.concatenate([one.samples for one in pieces]), whole.samples)

    async def test_markdown_is_spoken_as_its_words(self) -> None:
        assert (await line_of(TTS, "**Very** _good_, `x = 1`!", Speech())).words == "Very good!"

    @pytest.mark.parametrize("text", ["```code```", "🎉 🎉", "**", "...", "# ", "  ", "---\n***"])
    async def test_a_text_of_nothing_but_markup_and_symbols(self, text: str) -> None:
        for speak in (synthesize, line_of):
            with pytest.raises(NothingToSpeak, match=r"^There is nothing to speak in this text\."):
                await speak(TTS, text, Speech())

    @pytest.mark.parametrize("text", ["你好", "Привет", "नमस्ते", "7"])
    async def test_words_of_every_script_are_words(self, text: str) -> None:
        assert (await line_of(TTS, text, Speech(language="zh"))).words

    async def test_kokoros_letter_for_english_is_english(self) -> None:
        assert (await line_of(TTS, "5 %", Speech(language="a"))).words == "5 percent"

    async def test_a_voice_that_is_nobodys_is_refused_before_anything_is_spoken(self) -> None:
        for speak in (synthesize, line_of):
            with pytest.raises(UnknownVoice):
                await speak(TTS, "Hello.", Speech(voice="nobody"))
