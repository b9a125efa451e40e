"""How much silence shows that somebody has finished: it depends on what they said."""

from __future__ import annotations

import pytest

from repartee.conversation import Rules
from repartee.conversation.turns import wait_ms

FINISHED = {
    "en": """
        what is the weather like in paris today
        tell me how far away the moon is
        thank you that is all goodbye
        stop
        yes
        no thanks
        I think so
        why not
        I don’t know
        what do you think
        do you know what I mean
        what would you like
        what is it about
        where are you from
        what time is it
        turn the lights on
        set a timer for ten minutes
        Hello.
        Who is that?
        "Is it?"
        I would like to know.
        """,
    "de": """
        wie wird das wetter morgen in berlin
        wie spät ist es
        schalte das licht an
        hör auf
        stopp
        Wo bist du?
        """,
    "fr": """
        quel temps fera-t-il demain à paris
        je ne sais pas
        stop
        Pourquoi pas ?
        """,
    "es": """
        qué tiempo hace hoy en madrid
        para
        por qué
        ¿Qué hora es?
        """,
    "pt": "que horas são agora em lisboa",
    "zh": "今天天气怎么样？",
}
PERHAPS = {
    "en": """
        play some music
        how are you
        stop that
        twenty
        what is two plus two
        I was born in 1984.
        """,
    "de": """
        was ist das
        ich weiß nicht
        """,
    "fr": """
        quelle heure est-il
        pourquoi pas
        """,
    "es": """
        qué hora es
        no sé
        """,
    "zh": "今天天气怎么样",
}
OPEN = {
    "en": """
        and
        um
        the
        well
        I would like to know
        I'd like
        can you tell me
        what's the
        the capital of
        my phone number is
        five five five one
        555 12
        my number is oh seven nine
        I think that
        remind me to
        Well,
        so...
        let me see…
        first –
        """,
    "de": """
        und
        ähm
        ich möchte wissen
        das ist ein
        weil ich
        null eins sieben
        """,
    "fr": """
        et
        euh
        je voudrais savoir
        est-ce que
        c'est très
        zéro six douze
        dis-moi
        """,
    "es": """
        y
        eh
        quiero saber
        la capital de
        cero seis siete
        """,
}


def rows(table: dict[str, str]) -> list[tuple[str, str]]:
    return [(language, text.strip()) for language in table for text in lines(table[language])]


def lines(block: str) -> list[str]:
    return block.strip().splitlines()


@pytest.mark.parametrize(("language", "text"), rows(FINISHED))
def test_a_finished_sentence_waits_little(language: str, text: str) -> None:
    assert wait_ms(text, Rules(), language) == 250


@pytest.mark.parametrize(("language", "text"), rows(PERHAPS))
def test_words_that_could_go_on_wait_a_little_longer(language: str, text: str) -> None:
    assert wait_ms(text, Rules(), language) == 500


@pytest.mark.parametrize(("language", "text"), rows(OPEN))
def test_words_that_ask_for_more_wait_long(language: str, text: str) -> None:
    assert wait_ms(text, Rules(), language) == 1200


def test_no_words_wait_as_long_as_any() -> None:
    assert wait_ms("", Rules(), "en") == wait_ms("…", Rules(), "en") == 500


def test_the_waits_are_settings() -> None:
    rules = Rules(wait_finished_ms=100, wait_default_ms=200, wait_open_ms=300)
    texts = ("stop", "play some music", "and")
    assert [wait_ms(text, rules, "en") for text in texts] == [100, 200, 300]


@pytest.mark.parametrize("language", ["en-GB", "en_US", "EN"])
def test_a_region_does_not_hide_the_language(language: str) -> None:
    assert wait_ms("and", Rules(), language) == 1200


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"wait_finished_ms": 600}, "The waits must not shrink"),
        ({"low_confidence": 1.5}, "low_confidence must be from 0.0 to 1.0"),
        ({"max_turn_ms": 10}, "max_turn_ms must be from 1000 to 600000"),
        ({"reply_within_ms": 0}, "reply_within_ms must be from 500 to 300000"),
    ],
)
def test_a_figure_out_of_bounds_is_named(wrong: dict[str, float], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        Rules(**wrong)  # type: ignore[arg-type]
