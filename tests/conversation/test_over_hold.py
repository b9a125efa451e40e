"""A voice over the sentence that asks to wait for the words: its echo, or somebody who goes on."""

from __future__ import annotations

from repartee.conversation import Rules
from repartee.conversation.echo import ends_in_echo, without_echo
from repartee.conversation.events import (
    EngineFailed,
    FinalHeard,
    InterruptRequested,
    PartialHeard,
    PlaybackEnded,
    ReplyText,
    ReplyWritten,
    SpeechPaused,
    SpeechStarted,
    TimePassed,
    Voiced,
)
from repartee.conversation.lexicon import holding_sentence
from repartee.conversation.rules import HEARING_FAILED_SENTENCE
from tests.conversation.table import QUESTION, Call

SENTENCE = holding_sentence("en")
OVER = f"completed 1: {SENTENCE}"
ANSWERED = (
    "StopListening 1",
    f"final: {QUESTION}",
    f"Think 2: {QUESTION}",
    "started 2",
    "Play 2",
)


def spoken_over(known: str = "") -> Call:
    """At 4.2 there is a voice over the sentence, which is heard from 3.82 to 5.4."""
    call = Call(Rules(hold_after_ms=1_700))
    call.at(1.00, SpeechStarted(0.9), "Listen 1")
    if known:
        call.happens(1.90, PartialHeard(1, known))
    call.happens(2.10, SpeechPaused(2.0))
    call.wakes(3.80, f"Say 1: {SENTENCE}", "started 1", "Play 1")
    call.at(3.81, ReplyText(1, SENTENCE), f"piece 1: {SENTENCE}")
    call.at(3.81, ReplyWritten(1))
    call.at(3.82, Voiced(1))
    call.at(4.2, SpeechStarted(4.1), "Duck 1")
    return call


class TestItsEcho:
    def test_does_not_cut_it_off_and_is_no_part_of_the_question(self) -> None:
        call = spoken_over()
        call.at(4.3, PartialHeard(1, f"{QUESTION} i'm sorry one"))
        call.at(4.7, SpeechPaused(4.6), "Restore 1")
        call.at(5.4, PlaybackEnded(1), OVER)
        call.at(6.0, FinalHeard(1, 1, f"{QUESTION} i'm sorry one moment", 0.9), *ANSWERED)
        assert call.memory == [("user", QUESTION)]

    def test_is_waited_out_where_the_ears_say_nothing(self) -> None:
        """Nobody can tell what it was, so the words are asked for once more."""
        call = spoken_over()
        call.at(5.4, PlaybackEnded(1), OVER)
        call.at(5.7, SpeechPaused(5.5), "Finalise 1.2")
        call.at(6.8, FinalHeard(1, 2, f"{QUESTION}, I'm sorry, one moment please.", 0.9), *ANSWERED)

    def test_is_none_of_the_words_that_come_meanwhile(self) -> None:
        call = spoken_over(known=QUESTION)
        call.at(4.3, PartialHeard(1, f"{QUESTION} sorry"))  # which may well take the floor
        call.at(4.4, PartialHeard(1, f"{QUESTION} i'm sorry"))
        call.at(4.5, FinalHeard(1, 1, f"{QUESTION} i'm sorry", 0.9), f"Think 2: {QUESTION}")
        call.at(5.4, PlaybackEnded(1), OVER, *ANSWERED[:2], *ANSWERED[3:])

    def test_does_not_end_the_patience_with_the_ears(self) -> None:
        call = spoken_over()
        call.at(4.3, PartialHeard(1, "i'm sorry one"))
        call.at(4.7, SpeechPaused(4.6), "Restore 1")
        call.at(5.4, PlaybackEnded(1), OVER)
        call.wakes(
            10.1,
            "StopListening 1",
            "problem: hearing_failed",
            f"Say 2: {HEARING_FAILED_SENTENCE}",
            "started 2",
            "Play 2",
        )

    def test_is_that_of_the_words_that_were_said(self) -> None:
        call = Call(Rules(hold_after_ms=1_700, language="de"))
        call.happens(1.00, SpeechStarted(0.9))
        call.happens(2.10, SpeechPaused(2.0))
        call.happens(3.80, TimePassed())
        call.happens(3.82, Voiced(1))
        call.at(4.2, SpeechStarted(4.1), "Duck 1")
        call.at(
            4.4,
            FinalHeard(1, 1, "wie spät ist es einen moment bitte", 0.9),
            "Think 2: wie spät ist es",
        )


class TestACough:
    def test_over_it_changes_nothing(self) -> None:
        call = spoken_over()
        call.at(4.3, SpeechPaused(4.15), "Restore 1")
        call.at(5.4, PlaybackEnded(1), OVER)
        call.at(6.0, FinalHeard(1, 1, QUESTION, 0.9), *ANSWERED)


class TestTheCaller:
    def test_goes_on_and_is_not_asked_to_wait_any_longer(self) -> None:
        call = spoken_over(known=QUESTION)
        call.at(4.4, FinalHeard(1, 1, QUESTION, 0.9), f"Think 2: {QUESTION}")
        call.at(
            4.6,
            PartialHeard(1, f"{QUESTION} in paris just now"),
            "Drop 2",
            "Hush 1",
            "interrupted 1: ",
            f"partial: {QUESTION} in paris just now",
            f"Prime: {QUESTION} in paris just",
        )
        call.at(5.0, SpeechPaused(4.9), "Finalise 1.2", f"Prime: {QUESTION} in paris just now")
        assert call.conversation.deadline == 13.0  # nor once more

    def test_says_stop(self) -> None:
        call = spoken_over(known=QUESTION)
        wishes = call.happens(4.4, PartialHeard(1, f"{QUESTION} stop"))
        assert wishes[:2] == ["Hush 1", "interrupted 1: "]

    def test_goes_on_after_its_echo(self) -> None:
        call = spoken_over(known=QUESTION)
        call.at(4.4, PartialHeard(1, f"{QUESTION} one moment please"))
        call.at(
            4.6,
            PartialHeard(1, f"{QUESTION} one moment please i mean in paris"),
            "Hush 1",
            "interrupted 1: ",
            f"partial: {QUESTION} i mean in paris",
            f"Prime: {QUESTION} i mean in",
        )

    def test_says_two_words_and_they_are_asked_for(self) -> None:
        call = spoken_over(known=QUESTION)
        call.at(4.4, PartialHeard(1, f"{QUESTION} in paris"))
        call.at(4.7, SpeechPaused(4.6), "Restore 1", "Finalise 1.2", f"Prime: {QUESTION} in paris")
        call.at(4.9, FinalHeard(1, 2, f"{QUESTION} in paris", 0.9), f"Think 2: {QUESTION} in paris")

    def test_speaks_on_when_the_sentence_is_over(self) -> None:
        """What was thought of their turn was not all of it."""
        call = spoken_over(known=QUESTION)
        call.at(4.4, FinalHeard(1, 1, QUESTION, 0.9), f"Think 2: {QUESTION}")
        call.at(5.4, PlaybackEnded(1), OVER, "Drop 2")
        call.happens(6.0, SpeechPaused(5.9))
        call.at(6.1, FinalHeard(1, 2, f"{QUESTION} in paris", 0.9), f"Think 3: {QUESTION} in paris")

    def test_speaks_on_over_a_sentence_without_an_end(self) -> None:
        call = spoken_over(known=QUESTION)
        call.at(4.4, FinalHeard(1, 1, QUESTION, 0.9), f"Think 2: {QUESTION}")
        call.wakes(7.8, "Drop 2", "Hush 1", "interrupted 1: ")
        assert call.happens(9.0, SpeechPaused(8.9))[0] == "Finalise 1.2"

    def test_wants_no_answer_any_more(self) -> None:
        call = spoken_over()
        call.at(4.4, InterruptRequested(), "Hush 1", "interrupted 1: ", "StopListening 1")

    def test_is_told_that_the_ears_have_died(self) -> None:
        call = spoken_over()
        wishes = call.happens(4.4, EngineFailed("hearing", "It broke.", turn=1))
        assert wishes[:3] == ["Hush 1", "interrupted 1: ", "StopListening 1"]


class TestWhatIsTakenForAnEcho:
    def test_is_what_was_said_however_much_of_it(self) -> None:
        for echo in ("i'm sorry one moment please", "sorry one", "moment please", "I'm sorry, one"):
            assert without_echo(f"{QUESTION} {echo}", SENTENCE) == QUESTION
            assert ends_in_echo(f"{QUESTION} {echo}", SENTENCE)

    def test_may_be_misheard_a_little(self) -> None:
        assert without_echo(f"{QUESTION} i'm sorry one woman please", SENTENCE) == QUESTION

    def test_may_be_all(self) -> None:
        assert without_echo("Sorry, one moment please.", SENTENCE) == ""

    def test_is_not_a_single_word(self) -> None:
        assert without_echo(f"{QUESTION} please", SENTENCE) == f"{QUESTION} please"
        assert not ends_in_echo("please", SENTENCE)

    def test_nor_two_in_the_midst_of_others(self) -> None:
        text = "give me one moment to think"
        assert without_echo(text, SENTENCE) == text

    def test_leaves_the_words_after_it(self) -> None:
        text = "what time is it i'm sorry one moment please in paris"
        assert without_echo(text, SENTENCE) == "what time is it in paris"
        assert not ends_in_echo(text, SENTENCE)

    def test_is_nothing_where_nothing_was_said(self) -> None:
        assert without_echo(QUESTION, "") == QUESTION
