"""What words are worth: artefacts of recognisers, listening noises, and the reply's own echo."""

from __future__ import annotations

import pytest

from repartee.conversation.turns import is_backchannel, is_echo, is_meant, speech_in, words_of

SPEECH = "The Louvre closes at six on Mondays. You should stop at the sign and turn left."


@pytest.mark.parametrize(
    "text", ["", " ", "...", "[BLANK_AUDIO]", "(silence)", "*coughs*", "[noise] …", "(um) ."]
)
def test_what_recognisers_write_for_no_speech_is_no_speech(text: str) -> None:
    assert speech_in(text) == ""


def test_speech_is_kept_and_tidied() -> None:
    assert speech_in("  [noise] hello   there (laughs) ") == "hello there"


def test_both_apostrophes_make_one_word() -> None:
    assert words_of("I don’t") == words_of("I don't") == ["i", "don't"]


@pytest.mark.parametrize("text", ["mm-hm", "Uh-huh.", "yeah okay", "I see", "Right, right!", "oh"])
def test_a_listening_noise_interrupts_nobody(text: str) -> None:
    assert is_backchannel(text, "en")
    assert not is_meant(text, SPEECH, "en")


@pytest.mark.parametrize(
    "text", ["", "no", "stop", "yeah but when", "okay okay okay okay okay", "I see a problem"]
)
def test_anything_else_is_no_listening_noise(text: str) -> None:
    assert not is_backchannel(text, "en")


@pytest.mark.parametrize(
    ("language", "text"), [("de", "ja genau"), ("fr", "d'accord"), ("es", "sí claro")]
)
def test_every_language_listens_in_its_own_way(language: str, text: str) -> None:
    assert is_backchannel(text, language)
    assert not is_backchannel(text, "xx")


@pytest.mark.parametrize(
    "text",
    [
        "The Louvre closes at six",
        "closes at six on mondays you should",
        "the louver closes at six on mondays",  # one word in eight misheard
        "sign and turn left",
    ],
)
def test_the_reply_coming_back_is_an_echo(text: str) -> None:
    assert is_echo(text, SPEECH)
    assert not is_meant(text, SPEECH, "en")


@pytest.mark.parametrize(
    "text",
    [
        "stop",  # one word proves nothing, even if the reply said it
        "when does it open",
        "six at closes",  # the words, but not in their order
        "the louvre is what I asked about",
    ],
)
def test_words_of_ones_own_are_meant(text: str) -> None:
    assert not is_echo(text, SPEECH)
    assert is_meant(text, SPEECH, "en")


def test_nothing_is_echoed_by_silence() -> None:
    assert not is_echo("hello there", "")


def test_the_echo_of_a_long_reply_is_an_echo_to_its_end() -> None:
    long = " ".join(f"word{count}" for count in range(120))
    assert is_echo(" ".join(long.split()[:115]), long)


def test_what_was_said_long_ago_does_not_echo() -> None:
    long = " ".join(f"word{count}" for count in range(120))
    assert not is_echo("word1 word2 word3", long)
