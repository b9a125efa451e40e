"""The names that clients give voices, on engines that have other ones."""

import pytest

from repartee.engines.protocols import Voice
from repartee.engines.tts.voices import (
    KOKORO_VOICES,
    kokoro_voice,
    language_tag,
    language_wanted,
    resolve_among,
)
from repartee.errors import UnknownVoice

THALIA = Voice("aura-thalia", "en-US", "female")
ASTERIA = Voice("aura-asteria", "en-US", "female")
ORION = Voice("aura-orion", "en-US", "male")
ATHENA = Voice("aura-athena", "en-GB", "female")
VIKTORIA = Voice("aura-viktoria", "de-DE", "female")
OWN = [THALIA, ORION, ATHENA, ASTERIA, VIKTORIA]


@pytest.mark.parametrize(
    ("short", "full"),
    [("af", "af_heart"), ("am", "am_michael"), ("bf", "bf_emma"), ("bm", "bm_george")],
)
def test_short_names_stand_for_full_ones(short: str, full: str) -> None:
    assert kokoro_voice(short) == KOKORO_VOICES[full]


@pytest.mark.parametrize("name", ["AF_Heart", " af_heart "])
def test_names_are_taken_as_people_write_them(name: str) -> None:
    assert kokoro_voice(name) == KOKORO_VOICES["af_heart"]


def test_the_first_letters_of_a_name_say_accent_and_gender() -> None:
    for name, voice in KOKORO_VOICES.items():
        assert voice.language == {"a": "en-us", "b": "en-gb"}[name[0]]
        assert voice.gender == {"f": "female", "m": "male"}[name[1]]


@pytest.mark.parametrize(
    ("language", "tag"),
    [("a", "en-us"), ("b", "en-gb"), ("z", "zh"), ("en_US", "en-us"), ("DE", "de"), ("", "")],
)
def test_languages_are_taken_as_clients_write_them(language: str, tag: str) -> None:
    assert language_tag(language) == tag


@pytest.mark.parametrize(
    ("language", "tag"), [("", "en-gb"), ("en", "en-gb"), ("en-us", "en-gb"), ("de", "de")]
)
def test_an_accent_belongs_to_the_voice_and_a_language_to_the_text(language: str, tag: str) -> None:
    assert language_wanted(KOKORO_VOICES["bf_emma"], language) == tag


class TestResolving:
    def test_an_own_name_means_itself_in_any_language(self) -> None:
        assert resolve_among(OWN, "Aura-Orion", "de") == ORION

    def test_a_short_name_is_never_the_own_name_of_somebody_else(self) -> None:
        own = (Voice("af", "af", "male"), Voice("jane", "en-us", "female"))
        assert resolve_among(own, "af", "en") == own[1]

    @pytest.mark.parametrize(
        ("name", "language", "voice"),
        [
            ("am_adam", "en", ORION),
            ("bf_emma", "en", ATHENA),
            ("bm_george", "en", ATHENA),  # the accent before the gender
            ("af_heart", "de", VIKTORIA),
            ("af_heart", "de-AT", VIKTORIA),
            ("am_adam", "de", VIKTORIA),
        ],
    )
    def test_a_known_name_means_the_nearest(self, name: str, language: str, voice: Voice) -> None:
        assert resolve_among(OWN, name, language) == voice

    def test_different_names_are_different_voices_as_long_as_there_are_enough(self) -> None:
        speakers = [resolve_among(OWN, name, "en") for name in ("af_heart", "af_bella")]
        assert speakers == [THALIA, ASTERIA]
        assert resolve_among(OWN, "af_nicole", "en") == THALIA

    def test_a_language_nobody_speaks_does_not_silence_a_known_name(self) -> None:
        assert resolve_among(OWN, "am_adam", "tlh") == ORION

    @pytest.mark.parametrize("name", ["", "zz_nobody", "x" * 10_000])
    def test_any_other_name_is_refused_with_some_that_are_not(self, name: str) -> None:
        with pytest.raises(UnknownVoice) as refusal:
            resolve_among(OWN, name, "en")
        assert "aura-thalia" in refusal.value.sentence
        assert "af_heart" in refusal.value.sentence
        assert len(refusal.value.sentence) < 300
