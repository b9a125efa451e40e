"""A conversation may change its language: because somebody chooses another, or speaks it."""

from __future__ import annotations

import pytest

from repartee.conversation import Rules, told
from repartee.conversation import commands as do
from repartee.conversation.events import (
    FinalHeard,
    LanguageChosen,
    PartialHeard,
    ReplyText,
    SpeechPaused,
    SpeechStarted,
    TimePassed,
)
from repartee.conversation.rules import LOW_CONFIDENCE_SENTENCE, SPOKEN_STYLE
from tests.conversation.table import Call, speaking, thinking_ahead

FOLLOWING = Rules(language="auto")
IN_GERMAN = "Answer in German."
OPEN_GERMAN = "schalte das licht an und"


def heard(text: str, language: str | None, *, rules: Rules = FOLLOWING, sure: float = 0.9) -> Call:
    """At 2.15 these words are known."""
    call = Call(rules)
    call.at(1.00, SpeechStarted(0.9), "Listen 1")
    call.at(2.10, SpeechPaused(2.0), "Finalise 1.1")
    call.happens(2.15, FinalHeard(1, 1, text, sure, language))
    return call


def system_prompt(call: Call) -> str:
    return call.thought.messages[0].content


class TestOneThatIsChosen:
    def test_is_the_one_by_which_silences_are_judged(self) -> None:
        call = Call()
        call.at(0.5, LanguageChosen("de"), "Prime")
        call.at(1.00, SpeechStarted(0.9), "Listen 1")
        call.at(2.10, SpeechPaused(2.0), "Finalise 1.1")
        call.at(2.15, FinalHeard(1, 1, OPEN_GERMAN, 0.9), f"Think 1: {OPEN_GERMAN}")
        assert call.conversation.deadline == pytest.approx(3.2)

    def test_is_the_one_by_which_listening_noises_are_judged(self) -> None:
        call = speaking()
        call.at(3.05, LanguageChosen("de"), "Prime: what time is it")
        call.at(3.10, SpeechStarted(3.1), "Listen 2", "Duck 1")
        call.at(3.40, SpeechPaused(3.4), "Finalise 2.1")
        call.at(3.45, FinalHeard(2, 1, "genau stimmt", 0.9), "StopListening 2", "Restore 1")

    def test_ends_what_was_thought_in_another(self) -> None:
        call = thinking_ahead()
        call.at(2.18, LanguageChosen("fr"), "Drop 1", "Prime")
        call.wakes(
            2.25,
            "StopListening 1",
            "final: what time is it",
            "Think 2: what time is it",
            "started 2",
            "Play 2",
        )
        assert "Answer in French." in system_prompt(call)

    def test_changes_how_long_a_silence_lasts_that_has_begun(self) -> None:
        call = Call()
        call.at(1.00, SpeechStarted(0.9), "Listen 1")
        call.at(2.10, SpeechPaused(2.0), "Finalise 1.1")
        call.happens(2.15, FinalHeard(1, 1, OPEN_GERMAN, 0.9))
        assert call.conversation.deadline == pytest.approx(2.25)
        call.at(2.20, LanguageChosen("de"), "Drop 1", "Prime")
        assert call.conversation.deadline == pytest.approx(3.2)

    def test_that_is_spoken_already_changes_nothing(self) -> None:
        call = thinking_ahead()
        call.at(2.18, LanguageChosen("en"))

    def test_is_not_left_for_one_that_is_heard(self) -> None:
        call = heard("wie spät ist es", "de", rules=Rules())
        assert call.conversation.language == "en"
        assert final_told(call).language is None


class TestOneThatIsFollowed:
    def test_begins_with_english(self) -> None:
        assert Call(FOLLOWING).conversation.language == "en"

    def test_is_the_one_that_was_heard_last(self) -> None:
        call = heard("wie spät ist es jetzt", "de")
        assert call.conversation.language == "de"
        call.at(2.20, SpeechStarted(2.2), "Drop 1")
        call.at(3.00, SpeechPaused(3.0), "Finalise 1.2")
        call.happens(3.05, FinalHeard(1, 2, "quelle heure est-il", 0.9, "fr"))
        assert call.conversation.language == "fr"

    def test_judges_the_words_in_which_it_was_heard(self) -> None:
        call = heard(OPEN_GERMAN, "de")
        assert call.conversation.deadline == pytest.approx(3.2)

    def test_is_told_with_the_final_words(self) -> None:
        assert final_told(heard("wie spät ist es jetzt", "de")).language == "de"
        assert final_told(heard("what time is it now", None)).language is None

    def test_is_told_to_the_model_while_it_is_not_the_usual_one(self) -> None:
        assert system_prompt(heard("wie spät ist es jetzt", "de")).endswith(IN_GERMAN)

    def test_is_not_told_to_the_model_where_it_is_the_usual_one(self) -> None:
        for language in ("en", "en-GB", None):
            assert system_prompt(heard("what time is it", language)).endswith(SPOKEN_STYLE)

    def test_needs_no_name(self) -> None:
        prompt = system_prompt(heard("mba'éichapa reime", "gn"))
        assert prompt.endswith("Answer in the language that the user speaks.")

    @pytest.mark.parametrize("word", ["okay", "ja", "no", "hm"])
    def test_is_not_left_because_of_a_word_that_many_languages_have(self, word: str) -> None:
        assert heard(word, "nn").conversation.language == "en"

    @pytest.mark.parametrize(
        ("word", "language"), [("bonjour", "fr"), ("你好", "zh"), ("да", "ru"), ("ναι", "el")]
    )
    def test_is_left_for_one_word_that_shows_its_language(self, word: str, language: str) -> None:
        assert heard(word, language).conversation.language == language

    def test_is_not_left_because_of_words_that_are_not_believed(self) -> None:
        call = heard("wie spät ist es jetzt", "de", sure=0.1)
        assert call.conversation.language == "en"
        assert final_told(call).language is None

    def test_goes_on_when_it_is_to_be_followed_from_now_on(self) -> None:
        call = Call(Rules(language="de"))
        call.at(0.5, LanguageChosen("auto"))
        assert call.conversation.language == "de"

    def test_is_left_when_one_is_chosen(self) -> None:
        call = heard("wie spät ist es jetzt", "de")
        call.happens(2.16, LanguageChosen("en"))
        assert call.conversation.language == "en"

    def test_lets_german_listening_noises_pass_in_a_german_conversation(self) -> None:
        call = heard("erzähl mir eine geschichte", "de")
        call.wakes(
            2.25,
            "StopListening 1",
            "final: erzähl mir eine geschichte",
            "started 1",
            "Play 1",
        )
        call.at(2.30, ReplyText(1, "Es war einmal ein König."), "piece 1: Es war einmal ein König.")
        call.at(3.10, SpeechStarted(3.1), "Listen 2", "Duck 1")
        call.at(3.20, PartialHeard(2, "genau stimmt gut"))
        call.at(3.40, SpeechPaused(3.4), "Finalise 2.1")
        call.at(3.45, FinalHeard(2, 1, "ja genau", 0.9, "de"), "StopListening 2", "Restore 1")


def test_what_is_said_without_the_model_stays_as_it_is() -> None:
    call = heard("wie spät", "de", sure=0.1)
    deadline = call.conversation.deadline
    assert deadline is not None
    call.wakes(
        deadline,
        "StopListening 1",
        "final: wie spät",
        f"Say 1: {LOW_CONFIDENCE_SENTENCE}",
        "started 1",
        "Play 1",
    )


def final_told(call: Call) -> told.UserFinal:
    """What is told when the silence has lasted."""
    call.happens(call.conversation.deadline or 0.0, TimePassed())
    (final,) = (
        wish.told
        for wish in call.commands
        if isinstance(wish, do.Tell) and isinstance(wish.told, told.UserFinal)
    )
    return final
