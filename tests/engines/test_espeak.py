"""Espeak itself, as every caller gets it."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing

import numpy as np
import pytest

from repartee.audio.levels import SILENCE_DBFS, peak_dbfs
from repartee.engines.protocols import Sound, Speech, Synthesizer
from repartee.engines.tts import espeak_library
from repartee.engines.tts.espeak import LONGEST_TEXT, Espeak
from repartee.engines.tts.resampled import Resampled
from repartee.engines.tts.voices import KOKORO_VOICES, is_of
from repartee.errors import BadInput, EngineFailed, EngineMissing, UnknownVoice
from repartee.speaking.sanitize import sanitize

pytestmark = [pytest.mark.engines, pytest.mark.anyio]

FOX = "The quick brown fox jumps over the lazy dog, and nobody minded at all."
SENTENCES = {
    "de": "Guten Morgen, wie geht es dir heute?",
    "fr": "Bonjour, comment allez-vous aujourd'hui ?",
    "es": "Buenos días, ¿cómo estás hoy?",
    "ru": "Доброе утро, как у тебя сегодня дела?",
    "el": "Καλημέρα, πώς είσαι σήμερα;",
    "hi": "सुप्रभात, आज आप कैसे हैं?",
    "ar": "صباح الخير، كيف حالك اليوم؟",
    "zh": "早上好，你今天怎么样？",
}
SAME_MS = 15
"""Espeak's own sounds differ by a few samples each time."""


@pytest.fixture
async def espeak() -> AsyncIterator[Espeak]:
    engine = Espeak()
    await engine.open()
    yield engine
    await engine.close()


async def said(engine: Synthesizer, text: str, speech: Speech | None = None) -> list[Sound]:
    async with aclosing(engine.synthesize(text, speech or Speech())) as pieces:
        return [piece async for piece in pieces]


def seconds(pieces: list[Sound]) -> float:
    return sum(len(piece.samples) / piece.rate_hz for piece in pieces)


def words(text: str, pieces: list[Sound]) -> list[str]:
    return [
        text[word.offset : word.offset + word.length] for piece in pieces for word in piece.words
    ]


class TestSound:
    async def test_it_comes_in_pieces_that_are_neither_silent_nor_clipped(
        self, espeak: Espeak
    ) -> None:
        pieces = await said(espeak, FOX)
        assert len(pieces) > 10
        assert {piece.rate_hz for piece in pieces} == {22_050}
        assert 3 < seconds(pieces) < 6
        assert -8 < peak_dbfs(np.concatenate([piece.samples for piece in pieces])) < -1

    async def test_the_first_piece_does_not_wait_for_the_rest(self, espeak: Espeak) -> None:
        async with aclosing(espeak.synthesize(f"{FOX} " * 100, Speech())) as pieces:
            first = await anext(pieces)
        assert 0 < len(first.samples) <= 22_050 // 4

    async def test_sentences_spoken_one_by_one_last_as_long_as_together(
        self, espeak: Espeak
    ) -> None:
        apart = seconds(await said(espeak, "First this.")) + seconds(await said(espeak, FOX))
        together = seconds(await said(espeak, f"First this. {FOX}"))
        assert abs(apart - together) * 1000 < SAME_MS

    @pytest.mark.parametrize("speed", [0.5, 2.0])
    async def test_speed_is_heard(self, espeak: Espeak, speed: float) -> None:
        normal = seconds(await said(espeak, FOX))
        assert seconds(await said(espeak, FOX, Speech(speed=speed))) == pytest.approx(
            normal / speed, rel=0.25
        )

    async def test_extreme_slowness_has_an_end(self, espeak: Espeak) -> None:
        assert seconds(await said(espeak, "Hello.", Speech(speed=0.001))) < 3

    @pytest.mark.parametrize("speed", [0, -1, 2.01, float("nan"), float("inf")])
    async def test_an_impossible_speed_is_refused(self, espeak: Espeak, speed: float) -> None:
        with pytest.raises(BadInput, match="above 0, up to 2"):
            await said(espeak, FOX, Speech(speed=speed))


class TestLanguages:
    @pytest.mark.parametrize(("language", "sentence"), SENTENCES.items())
    async def test_a_sentence_sounds_as_long_as_it_is(
        self, espeak: Espeak, language: str, sentence: str
    ) -> None:
        speakable = sanitize(sentence, ascii_only=espeak.ascii_only, language=language)
        pieces = await said(espeak, speakable, Speech("af_heart", language))
        sound = np.concatenate([piece.samples for piece in pieces])
        assert peak_dbfs(sound) > -20
        assert 1.0 < seconds(pieces) < 4.0

    async def test_none_is_spelled_in_english(self, espeak: Espeak) -> None:
        russian = await said(espeak, SENTENCES["ru"], Speech("af_heart", "ru"))
        spelled = await said(espeak, SENTENCES["ru"], Speech("af_heart", "en"))
        assert seconds(russian) < seconds(spelled)

    async def test_whoever_names_none_hears_the_voices_own(self, espeak: Espeak) -> None:
        assert espeak.resolve("af_heart", "auto").language == "en-us"
        assert espeak.resolve("de+f2", "auto").language == "de"


class TestText:
    @pytest.mark.parametrize("text", ["", " ", "\n\n", "\0\0"])
    async def test_nothing_to_say_is_no_sound(self, espeak: Espeak, text: str) -> None:
        assert await said(espeak, text) == []

    @pytest.mark.parametrize("text", ["...", "!?", "🙂🎉", "“—”", "<b>&amp;</b>", "[[h@l'oU]]"])
    async def test_odd_text_is_a_little_sound(self, espeak: Espeak, text: str) -> None:
        assert seconds(await said(espeak, text)) < 6

    async def test_what_follows_a_nul_is_spoken(self, espeak: Espeak) -> None:
        assert words("one\0two \x01three", await said(espeak, "one\0two \x01three")) == [
            "one",
            "two",
            "three",
        ]

    async def test_ten_thousand_letters_are_no_trouble(self, espeak: Espeak) -> None:
        assert seconds(await said(espeak, "a" * LONGEST_TEXT, Speech(speed=2))) > 60

    async def test_more_is_refused(self, espeak: Espeak) -> None:
        with pytest.raises(BadInput, match="10001 characters"):
            await said(espeak, "a" * (LONGEST_TEXT + 1))


class TestWords:
    @pytest.mark.parametrize(
        "text",
        [
            FOX,
            "One of the best, in the end: it's 3.14, or “50%” of 1,000,000!",
            f"{FOX} {FOX} {FOX} {FOX}",
            "Grüße an “Zoë” und Ümit.",
        ],
    )
    async def test_every_word_is_timed_in_order(self, espeak: Espeak, text: str) -> None:
        pieces = await said(espeak, text)
        told = [word for piece in pieces for word in piece.words]
        assert words(text, pieces) == [word.strip("“”,.:!") for word in text.split()]
        assert [word.offset for word in told] == sorted({word.offset for word in told})
        assert [word.start_ms for word in told] == sorted(word.start_ms for word in told)
        assert told[0].start_ms == 0
        assert told[-1].start_ms < seconds(pieces) * 1000

    async def test_a_word_travels_with_the_sound_in_which_it_begins(self, espeak: Espeak) -> None:
        begins_at = 0.0
        text = f"{FOX} {FOX} {FOX}"
        for piece in await said(espeak, text):
            ends_at = begins_at + len(piece.samples) * 1000 / piece.rate_hz
            assert all(begins_at - 1 <= word.start_ms <= ends_at for word in piece.words)
            begins_at = ends_at


class TestManyCallers:
    async def test_each_gets_the_sound_of_his_own_text(self, espeak: Espeak) -> None:
        texts = [f"Number {number}. " + "And so it goes. " * (number % 7) for number in range(20)]
        speeches = [Speech(voice=voice) for voice in KOKORO_VOICES] * 2
        alone = [
            await said(espeak, text, speech) for text, speech in zip(texts, speeches, strict=True)
        ]
        at_once = await asyncio.gather(*map(said, [espeak] * 20, texts, speeches))
        for mine, solo, text in zip(at_once, alone, texts, strict=True):
            assert abs(seconds(mine) - seconds(solo)) * 1000 < SAME_MS * (1 + text.count("."))
            assert words(text, mine) == words(text, solo)

    async def test_a_short_text_does_not_wait_for_a_long_one(self, espeak: Espeak) -> None:
        finished: list[str] = []

        async def say(name: str, text: str) -> None:
            await said(espeak, text)
            finished.append(name)

        await asyncio.gather(say("long", f"{FOX} " * 100), say("short", "Hello."))
        assert finished == ["short", "long"]

    async def test_who_leaves_takes_his_work_with_him(self, espeak: Espeak) -> None:
        for _ in range(50):
            async with aclosing(espeak.synthesize(f"{FOX} " * 100, Speech())) as pieces:
                await anext(pieces)
        assert words("Still here.", await said(espeak, "Still here.")) == ["Still", "here"]

    async def test_nothing_of_one_is_heard_by_the_next(self, espeak: Espeak) -> None:
        # This voice has an echo; what it was saying when it was cut off must not be in it.
        async with aclosing(espeak.synthesize("AAAH WONDERFUL NOISE", Speech())) as pieces:
            await anext(pieces)
        silence = await said(espeak, "...")
        assert peak_dbfs(np.concatenate([piece.samples for piece in silence])) == SILENCE_DBFS

    async def test_several_engines_may_be_open_at_once(self, espeak: Espeak) -> None:
        other = Espeak(copies=2)
        await other.open()
        engines = [espeak, other, other]
        everyone = await asyncio.gather(*(said(engine, FOX) for engine in engines))
        assert all(words(FOX, pieces)[-1] == "all" for pieces in everyone)
        await other.close()


class TestVoices:
    async def test_every_voice_it_lists_can_speak(self, espeak: Espeak) -> None:
        assert {"af", "am"}.isdisjoint(voice.name for voice in espeak.voices())
        for voice in espeak.voices():
            assert await said(espeak, "1", Speech(voice.name, language="")) != []

    async def test_it_lists_known_names_and_its_own(self, espeak: Espeak) -> None:
        listed = {voice.name: voice for voice in espeak.voices()}
        assert {"af_heart", "bm_lewis", "en-us", "en-gb", "de", "fr-fr", "cmn"} <= set(listed)
        assert (listed["bf_emma"].language, listed["bf_emma"].gender) == ("en-gb", "female")
        assert len(listed) == len(espeak.voices()) > 140

    async def test_known_names_are_ten_different_speakers(self, espeak: Espeak) -> None:
        speakers = [espeak.resolve(name, "en") for name in KOKORO_VOICES]
        assert len({speaker.name for speaker in speakers}) == 10
        for speaker, known in zip(speakers, KOKORO_VOICES.values(), strict=True):
            assert (speaker.language, speaker.gender) == (known.language, known.gender)

    @pytest.mark.parametrize(
        ("voice", "language", "used"),
        [
            ("af", "en", "en-us+f2"),
            ("af_heart", "", "en-us+f2"),
            ("af_heart", "a", "en-us+f2"),
            ("af_heart", "de", "de+f2"),
            ("am_adam", "fr-CA", "fr-fr+edward"),
            ("bf_emma", "zh", "cmn+f2"),
            ("de", "en", "de"),
            ("FR", "en", "fr-fr"),
            ("en", "en", "en-gb"),
            ("en-us+F3", "en", "en-us+f3"),
            ("en-us+klatt4", "en", "en-us+klatt4"),
        ],
    )
    async def test_a_name_finds_its_speaker(
        self, espeak: Espeak, voice: str, language: str, used: str
    ) -> None:
        speaker = espeak.resolve(voice, language)
        assert speaker.name == used
        assert espeak.resolve(used, language) == speaker

    @pytest.mark.parametrize("language", SENTENCES)
    async def test_a_known_name_keeps_its_gender_in_every_language(
        self, espeak: Espeak, language: str
    ) -> None:
        for name, known in KOKORO_VOICES.items():
            speaker = espeak.resolve(name, language)
            assert speaker.gender == known.gender
            assert is_of(speaker, language)

    @pytest.mark.parametrize("voice", ["", "nobody", "en-us+nobody", "+f2", "\0", "../m1"])
    async def test_any_other_name_is_refused(self, espeak: Espeak, voice: str) -> None:
        with pytest.raises(UnknownVoice, match=r"en-us.*af_heart"):
            await said(espeak, FOX, Speech(voice))

    @pytest.mark.parametrize("voice", ["af_heart", "en-us"])
    async def test_an_unknown_language_is_refused(self, espeak: Espeak, voice: str) -> None:
        with pytest.raises(BadInput, match="doesn't speak the language “xx”"):
            espeak.resolve(voice, "xx")


class TestOpeningAndClosing:
    async def test_closed_it_says_so(self) -> None:
        with pytest.raises(EngineFailed, match="closed"):
            await said(Espeak(), FOX)

    async def test_it_can_be_opened_again(self, espeak: Espeak) -> None:
        await espeak.close()
        await espeak.open()
        assert await said(espeak, FOX)

    async def test_closing_ends_what_is_being_said(self, espeak: Espeak) -> None:
        async def keep_listening() -> None:
            async with aclosing(espeak.synthesize(f"{FOX} " * 100, Speech())) as pieces:
                async for _ in pieces:
                    begun.set()

        begun = asyncio.Event()
        listeners = [asyncio.create_task(keep_listening()) for _ in range(3)]
        await begun.wait()
        await espeak.close()
        for listener in listeners:
            with pytest.raises(EngineFailed, match="closed"):
                await listener

    async def test_without_its_package_it_says_what_to_install(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(espeak_library, "_idle", [])
        monkeypatch.setitem(sys.modules, "espeakng_loader", None)
        with pytest.raises(EngineMissing, match="needs the package espeakng-loader") as missing:
            await Espeak().open()
        assert missing.value.hint == "pip install 'repartee-voice[embedded]'"


class TestResampled:
    @pytest.mark.parametrize("rate_hz", [8_000, 22_050, 24_000, 48_000])
    async def test_duration_and_words_stay_the_same(self, espeak: Espeak, rate_hz: int) -> None:
        resampled = await said(Resampled(espeak, rate_hz), FOX)
        assert {piece.rate_hz for piece in resampled} == {rate_hz}
        assert words(FOX, resampled) == words(FOX, await said(espeak, FOX))
        assert abs(seconds(resampled) - seconds(await said(espeak, FOX))) * 1000 < SAME_MS

    async def test_it_is_the_same_engine_otherwise(self) -> None:
        engine = Resampled(Espeak())
        await engine.open()
        assert (engine.name, engine.ascii_only) == ("espeak", False)
        assert engine.resolve("af_heart", "en").name == "en-us+f2"
        assert len(engine.voices()) > 140
        assert await said(engine, "") == []
        await engine.close()
        with pytest.raises(EngineFailed, match="closed"):
            engine.voices()
