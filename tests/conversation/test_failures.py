"""When something fails the call says so aloud and goes on; what comes late changes nothing."""

from __future__ import annotations

import pytest

from repartee.conversation import Conversation, Rules
from repartee.conversation.events import (
    AllSent,
    ClientGone,
    EngineFailed,
    FinalHeard,
    InterruptRequested,
    PartialHeard,
    PlaybackEnded,
    Played,
    ReplyText,
    ReplyWritten,
    SpeechPaused,
    SpeechStarted,
    TimePassed,
    Typed,
)
from repartee.conversation.reply import Asked, ImpossibleStep, Reply
from repartee.conversation.rules import HEARING_FAILED_SENTENCE, THINKING_FAILED_SENTENCE
from tests.conversation.table import ANSWER, QUESTION, Call, speaking, thinking_ahead, typed

SORRY_EARS = HEARING_FAILED_SENTENCE
SORRY_HEAD = THINKING_FAILED_SENTENCE
COMMITTED = ("StopListening 1", f"final: {QUESTION}")


class TestHearingFails:
    def test_and_it_says_so_aloud(self) -> None:
        call = Call()
        call.at(1.0, SpeechStarted(1.0), "Listen 1")
        call.at(
            1.5,
            EngineFailed("hearing", "The recogniser is not there.", turn=1),
            "StopListening 1",
            "problem: hearing_failed",
            f"Say 1: {SORRY_EARS}",
            "started 1",
            "Play 1",
        )
        call.at(1.6, SpeechPaused(1.6))
        call.at(1.7, ReplyText(1, SORRY_EARS), f"piece 1: {SORRY_EARS}")
        call.at(1.7, ReplyWritten(1))
        call.at(
            4.0,
            PlaybackEnded(1),
            f"Remember 1 complete: {SORRY_EARS}",
            f"completed 1: {SORRY_EARS}",
        )
        call.at(5.0, SpeechStarted(5.0), "Listen 2")
        assert call.memory == []

    def test_when_it_takes_too_long(self) -> None:
        call = Call(Rules(final_within_ms=1_000))
        call.at(1.0, SpeechStarted(1.0), "Listen 1")
        call.at(2.0, SpeechPaused(1.9), "Finalise 1.1")
        call.wakes(
            3.0,
            "StopListening 1",
            "problem: hearing_failed",
            f"Say 1: {SORRY_EARS}",
            "started 1",
            "Play 1",
        )
        call.at(3.1, FinalHeard(1, 1, QUESTION, 0.9))

    def test_and_the_reply_that_is_heard_goes_on(self) -> None:
        call = speaking()
        call.at(3.1, SpeechStarted(3.1), "Listen 2", "Duck 1")
        call.at(
            3.2,
            EngineFailed("hearing", "It broke.", turn=2),
            "StopListening 2",
            "Restore 1",
            "problem: hearing_failed",
        )

    def test_for_a_turn_that_is_over_it_does_not_matter(self) -> None:
        speaking().at(3.1, EngineFailed("hearing", "It broke.", turn=1))


class TestThinkingFails:
    APOLOGY = (
        "Hush 1",
        "Remember 1 failed: ",
        "problem: thinking_failed",
        f"Say 2: {SORRY_HEAD}",
        "started 2",
        "Play 2",
    )

    def test_and_it_says_so_aloud(self) -> None:
        call = Call()
        call.at(1.0, Typed(QUESTION), f"Think 1: {QUESTION}", "started 1", "Play 1")
        call.at(1.1, EngineFailed("thinking", "It broke.", reply=1), *self.APOLOGY)
        assert call.memory == [("user", QUESTION)]

    def test_in_mid_sentence_and_what_was_heard_stays_true(self) -> None:
        call = speaking()
        call.at(
            3.1,
            EngineFailed("thinking", "It broke.", reply=1),
            "Hush 1",
            "Remember 1 failed: It is ten",
            "problem: thinking_failed",
            f"Say 2: {SORRY_HEAD}",
            "started 2",
            "Play 2",
        )
        assert call.memory == [("user", QUESTION), ("assistant", "It is ten")]

    def test_ahead_of_time_and_is_tried_again_aloud(self) -> None:
        call = thinking_ahead()
        call.at(2.2, EngineFailed("thinking", "It broke.", reply=1), "Drop 1")
        call.wakes(2.25, *COMMITTED, f"Think 2: {QUESTION}", "started 2", "Play 2")

    def test_when_nothing_comes_for_too_long(self) -> None:
        call = Call(Rules(reply_within_ms=2_000))
        call.at(1.0, Typed(QUESTION), f"Think 1: {QUESTION}", "started 1", "Play 1")
        call.wakes(3.0, *self.APOLOGY)

    def test_not_while_words_keep_coming(self) -> None:
        call = Call(Rules(reply_within_ms=2_000))
        call.at(1.0, Typed(QUESTION), f"Think 1: {QUESTION}", "started 1", "Play 1")
        call.at(2.5, ReplyText(1, "It"), "piece 1: It")
        assert call.conversation.deadline == 4.5
        call.at(3.0, ReplyWritten(1))
        call.quiet_from(60.0)

    @pytest.mark.parametrize("written", ["", "  \n"])
    def test_when_the_answer_is_empty(self, written: str) -> None:
        call = Call()
        call.at(1.0, Typed(QUESTION), f"Think 1: {QUESTION}", "started 1", "Play 1")
        call.happens(1.1, ReplyText(1, written))
        call.at(1.2, ReplyWritten(1), *self.APOLOGY)

    def test_when_the_answer_thought_of_ahead_is_empty(self) -> None:
        call = thinking_ahead()
        call.at(2.2, ReplyWritten(1), "Drop 1")
        call.wakes(2.25, *COMMITTED, f"Think 2: {QUESTION}", "started 2", "Play 2")

    def test_while_somebody_speaks_and_the_apology_is_lowered_for_them(self) -> None:
        call = speaking()
        call.at(3.1, SpeechStarted(3.1), "Listen 2", "Duck 1")
        call.at(
            3.2,
            EngineFailed("thinking", "It broke.", reply=1),
            "Hush 1",
            "Remember 1 failed: It is ten",
            "problem: thinking_failed",
            f"Say 2: {SORRY_HEAD}",
            "started 2",
            "Play 2",
            "Duck 2",
        )
        call.at(
            3.5,
            PartialHeard(2, "hello"),
            "Hush 2",
            "Remember 2 interrupted: ",
            "interrupted 2: ",
            "partial: hello",
        )


class TestSpeakingFails:
    def test_and_the_written_words_stand(self) -> None:
        call = speaking()
        call.at(
            3.1,
            EngineFailed("speaking", "There is no voice.", reply=1),
            "Hush 1",
            "Remember 1 failed: It is ten",
            "problem: speaking_failed",
            f"completed 1: {ANSWER}",
        )
        call.quiet_from(60.0)

    def test_for_an_apology_and_there_is_no_end_of_apologies(self) -> None:
        call = Call()
        call.at(1.0, Typed(QUESTION), f"Think 1: {QUESTION}", "started 1", "Play 1")
        call.at(1.1, EngineFailed("thinking", "It broke.", reply=1), *TestThinkingFails.APOLOGY)
        call.at(
            1.2,
            EngineFailed("thinking", "It broke again.", reply=2),
            "Hush 2",
            "Remember 2 failed: ",
            "problem: speaking_failed",
            "completed 2: ",
        )
        call.at(1.3, EngineFailed("speaking", "It broke again.", reply=2))
        call.quiet_from(60.0)


class TestTheClientGoes:
    def test_and_everything_ends_untold(self) -> None:
        call = speaking()
        call.at(3.1, SpeechStarted(3.1), "Listen 2", "Duck 1")
        call.at(
            3.2,
            ClientGone(),
            "Hush 1",
            "Remember 1 interrupted: It is ten",
            "StopListening 2",
        )
        assert call.conversation.over
        for event in (Typed("hello"), SpeechStarted(4.0), ClientGone(), TimePassed()):
            call.at(4.0, event)

    def test_and_a_reply_nobody_knows_of_is_dropped(self) -> None:
        thinking_ahead().at(2.2, ClientGone(), "Drop 1", "StopListening 1")

    def test_and_what_could_be_read_to_its_end_stays_whole(self) -> None:
        call = typed()
        call.at(1.5, AllSent(1), f"Remember 1 complete: {ANSWER}", f"completed 1: {ANSWER}")
        call.at(1.6, ClientGone(), "Hush 1")
        assert call.memory == [("user", QUESTION), ("assistant", ANSWER)]


class TestLateEvents:
    @pytest.mark.parametrize(
        "late",
        [
            ReplyText(1, "more"),
            ReplyWritten(1),
            Played(1, 9_000, "It is ten past"),
            AllSent(1),
            PlaybackEnded(1),
            EngineFailed("thinking", "It broke.", reply=1),
            EngineFailed("speaking", "It broke.", reply=1),
            EngineFailed("thinking", "It broke."),
        ],
    )
    def test_of_a_hushed_reply_are_dropped_by_its_number(self, late: ReplyText) -> None:
        call = speaking()
        call.happens(3.1, InterruptRequested())
        call.happens(3.2, Typed("and in rome"))
        before = call.memory
        call.at(3.3, late)
        assert call.memory == before

    def test_progress_never_goes_back(self) -> None:
        call = speaking()
        call.at(3.05, Played(1, 500, "It is"))
        call.happens(3.1, InterruptRequested())
        assert call.record.heard_text == "It is ten"

    def test_nothing_is_heard_of_a_reply_before_it_plays(self) -> None:
        call = thinking_ahead()
        call.at(2.2, ReplyText(1, ANSWER))
        for event in (Played(1, 500, "It is"), AllSent(1), PlaybackEnded(1)):
            call.at(2.2, event)

    def test_the_clock_never_goes_back(self) -> None:
        call = speaking()
        call.happens(2.0, InterruptRequested())
        assert call.record.ended_at == 3.0


class TestAnImpossibleStep:
    def test_names_the_step_the_reply_and_its_phase(self) -> None:
        reply = Reply(7, Asked("spoken"), 0.0, None)
        with pytest.raises(
            ImpossibleStep, match="'restore' is impossible for <Reply 7 tentative, heard 0 ms>"
        ):
            reply.step("restore")

    def test_is_a_second_reply(self) -> None:
        call = Conversation(Rules())
        call.handle(Typed("hello"), 1.0)
        with pytest.raises(ImpossibleStep, match="a second reply while there is <Reply 1 playing"):
            call.replies.think(Asked("typed"), (), 1.0)
