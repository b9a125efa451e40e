"""A machine that looks for counter-examples: anything may happen, at any moment, in any order.

The moves below are a world outside that mostly keeps to its part and sometimes does not: finals
for turns long gone, sound of dropped replies, wake-ups that nobody asked for. Whatever it does,
the witness must have nothing to say, and the journal must lead to the same calls again.
"""

from __future__ import annotations

from typing import Literal

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from repartee.conversation import Conversation, Rules
from repartee.conversation import commands as do
from repartee.conversation import events as ev
from repartee.conversation.lexicon import holding_sentence
from tests.conversation.journal import from_line, to_line
from tests.conversation.witness import Witness

HOLDING_SENTENCE = holding_sentence("en")
ANSWER = "It is ten past four in the afternoon. The sun will set at half past eight."
SAID = (
    "what is the weather like in paris today",
    "i would like to know",
    "stop",
    "no wait that is not what i meant",
    "mm-hm",
    "call five five five one",
    "It is ten past four in the afternoon",
    "",
    "[BLANK_AUDIO]",
    "what is the weather like in paris today i'm sorry one",
    "what is the weather like in paris today i'm sorry one moment please and tomorrow",
    "sorry one moment please",
)
words = st.sampled_from(SAID)
moments = st.sampled_from([0.0, 0.0, 0.02, 0.1, 0.25, 0.3, 0.6, 1.3, 1.8, 3.0, 9.0, 20.0])
numbers = st.sampled_from([0, 0, 0, 0, 0, 0, -1, -2, 1])
"""How far a number is off: mostly right, sometimes late, sometimes from nowhere."""
rule_books = st.builds(
    Rules,
    speculate=st.sampled_from([True, True, False]),
    memory_messages=st.sampled_from([12, 3, 2, 1, 0]),
    max_turn_ms=st.sampled_from([60_000, 1_000]),
    barge_in_after_ms=st.sampled_from([600, 3_000]),
    low_confidence=st.sampled_from([0.3, 0.0]),
    sent_at_once=st.booleans(),
    hold_after_ms=st.sampled_from([0, 1_700, 1_700, 500]),
    final_within_ms=st.sampled_from([8_000, 1_000]),
    language=st.sampled_from(["en", "de", "auto"]),
)


class AnyOrder(RuleBasedStateMachine):
    @initialize(rules=rule_books)
    def call_begins(self, rules: Rules) -> None:
        self.rule_book = rules
        self.call = Conversation(rules)
        self.witness = Witness(rules)
        self.now = 0.0
        self.journal: list[bytes] = []
        self.commands: list[list[do.Command]] = []
        self.turn = self.attempt = self.reply = self.heard = self.holding = 0

    def happens(self, event: ev.Event) -> None:
        commands = self.call.handle(event, self.now)
        self.journal.append(to_line(self.now, event))
        self.commands.append(commands)
        self.witness.see(event, self.now, commands, self.call)
        for command in commands:
            match command:
                case do.Finalise(turn, attempt):
                    self.turn, self.attempt = turn, attempt
                case do.Listen(turn):
                    self.turn, self.attempt = turn, 0
                case do.Say(reply, holds=True):
                    self.holding = reply
                case do.Think(reply) | do.Say(reply):
                    self.reply, self.heard = reply, 0

    # ------------------------------------------------------------ time

    @rule(seconds=moments)
    def time_goes_by(self, seconds: float) -> None:
        until = self.now + seconds
        for _ in range(20):
            deadline = self.call.deadline
            if deadline is None or deadline > until:
                break
            self.now = max(deadline, self.now)
            self.happens(ev.TimePassed())
        else:
            raise AssertionError("it asks to be woken without end")
        self.now = max(until, self.now)

    @rule()
    def somebody_wakes_it_for_nothing(self) -> None:
        self.happens(ev.TimePassed())

    @rule()
    def it_is_woken_under_pressure(self) -> None:
        self.now = max(self.call.deadline or 0.0, self.now)
        self.happens(ev.TimePassed(at_limit=True))

    # ------------------------------------------------------------ the ear

    @rule(ago=moments)
    def a_voice_begins(self, ago: float) -> None:
        self.happens(ev.SpeechStarted(self.now - ago))

    @rule(ago=moments)
    def the_voice_pauses(self, ago: float) -> None:
        self.happens(ev.SpeechPaused(self.now - ago))

    @rule(text=words, off=numbers)
    def words_are_heard(self, text: str, off: int) -> None:
        self.happens(ev.PartialHeard(self.turn + off, text))

    @rule(
        text=words,
        confidence=st.sampled_from([0.9, 0.9, 0.1, 0.3]),
        language=st.sampled_from([None, "de", "fr"]),
        off=numbers,
        attempt_off=numbers,
    )
    def the_final_comes(
        self, text: str, confidence: float, language: str | None, off: int, attempt_off: int
    ) -> None:
        turn, attempt = self.turn + off, self.attempt + attempt_off
        self.happens(ev.FinalHeard(turn, attempt, text, confidence, language))

    @rule(finished=st.sampled_from([0.9, 0.9, 0.5, 0.1]), off=numbers, attempt_off=numbers)
    def a_turn_model_judges(self, finished: float, off: int, attempt_off: int) -> None:
        self.happens(ev.TurnJudged(self.turn + off, self.attempt + attempt_off, finished))

    @rule(
        late=moments,
        heard=st.booleans(),
        over_it=st.lists(words, max_size=3),
        ends=st.booleans(),
        then=moments,
    )
    def a_recogniser_is_late(
        self, late: float, heard: bool, over_it: list[str], ends: bool, then: float
    ) -> None:
        """Long enough for somebody to be asked to wait, as a rule; then it goes on, and there may
        be a voice over that."""
        self.happens(ev.SpeechStarted(self.now))
        self.time_goes_by(0.6)
        self.happens(ev.SpeechPaused(self.now))
        self.time_goes_by(1.8)
        self.somebody_is_asked_to_wait(heard, False)
        for text in over_it:
            self.happens(ev.SpeechStarted(self.now))
            self.happens(ev.PartialHeard(self.turn, text))
        if ends:
            self.time_goes_by(0.3)
            self.happens(ev.SpeechPaused(self.now))
        self.time_goes_by(late)
        self.happens(ev.FinalHeard(self.turn, self.attempt, SAID[0], 0.9))
        self.time_goes_by(then)
        self.happens(ev.PlaybackEnded(self.holding))

    @rule(text=words, confidence=st.sampled_from([0.9, 0.9, 0.1]), then=moments)
    def somebody_says_it_all(self, text: str, confidence: float, then: float) -> None:
        """The usual course, so that the machine often gets far."""
        self.happens(ev.SpeechStarted(self.now))
        self.time_goes_by(0.3)
        self.happens(ev.PartialHeard(self.turn, text))
        self.happens(ev.SpeechPaused(self.now))
        self.time_goes_by(0.02)
        self.happens(ev.FinalHeard(self.turn, self.attempt, text, confidence))
        self.time_goes_by(then)

    # ------------------------------------------------------------ the client

    @rule(text=st.sampled_from([*SAID, "x" * 5_000]))
    def something_is_typed(self, text: str) -> None:
        self.happens(ev.Typed(text))

    @rule()
    def a_button_is_pressed(self) -> None:
        self.happens(ev.TurnOpened())

    @rule(ago=moments)
    def the_button_is_let_go(self, ago: float) -> None:
        self.happens(ev.TurnClosed(self.now - ago))

    @rule()
    def the_recording_breaks(self) -> None:
        self.happens(ev.TurnAbandoned())

    @rule()
    def the_client_interrupts(self) -> None:
        self.happens(ev.InterruptRequested())

    @rule(text=st.sampled_from(["Welcome on board.", " "]))
    def whoever_is_called_greets(self, text: str) -> None:
        self.happens(ev.Greeted(text))

    @rule()
    def the_prompt_changes(self) -> None:
        self.happens(ev.Instructed("You are somebody else."))

    @rule(language=st.sampled_from(["en", "de", "auto"]))
    def another_language_is_chosen(self, language: str) -> None:
        self.happens(ev.LanguageChosen(language))

    @rule()
    def the_memory_is_cleared(self) -> None:
        self.happens(ev.MemoryCleared())

    @precondition(lambda self: len(self.journal) > 60)
    @rule()
    def the_client_goes(self) -> None:
        self.happens(ev.ClientGone())

    # ------------------------------------------------------------ the reply

    @rule(text=st.sampled_from([ANSWER, " And so on.", ""]), off=numbers)
    def words_are_written(self, text: str, off: int) -> None:
        self.happens(ev.ReplyText(self.reply + off, text))

    @rule(off=numbers)
    def all_is_written(self, off: int) -> None:
        self.happens(ev.ReplyWritten(self.reply + off))

    @rule(off=numbers)
    def there_is_sound(self, off: int) -> None:
        self.happens(ev.Voiced(self.reply + off))

    @rule(heard=st.booleans(), fails=st.booleans())
    def somebody_is_asked_to_wait(self, heard: bool, fails: bool) -> None:
        """As a voice does it, as far as it gets, or as one that is dead."""
        self.happens(ev.ReplyText(self.holding, HOLDING_SENTENCE))
        self.happens(ev.ReplyWritten(self.holding))
        if fails:
            self.happens(ev.EngineFailed("speaking", "It broke.", reply=self.holding))
            return
        self.happens(ev.Voiced(self.holding))
        self.happens(ev.Played(self.holding, 500, "I'm sorry,"))
        if heard:
            self.happens(ev.AllSent(self.holding))
            self.happens(ev.PlaybackEnded(self.holding))

    @rule(more=st.sampled_from([0, 2, 5, -1]), off=numbers, reported=st.booleans())
    def some_is_played(self, more: int, off: int, reported: bool) -> None:
        self.heard = max(0, self.heard + more)
        text = " ".join(ANSWER.split()[: self.heard])
        self.happens(ev.Played(self.reply + off, self.heard * 250, text, reported))

    @rule(off=numbers)
    def all_is_sent(self, off: int) -> None:
        self.happens(ev.AllSent(self.reply + off))

    @rule(off=numbers)
    def playback_ends(self, off: int) -> None:
        self.happens(ev.PlaybackEnded(self.reply + off))

    @rule(stage=st.sampled_from(["hearing", "thinking", "speaking"]), off=numbers)
    def an_engine_fails(self, stage: Literal["hearing", "thinking", "speaking"], off: int) -> None:
        sentence = "It broke. Please try again."
        if stage == "hearing":
            self.happens(ev.EngineFailed(stage, sentence, turn=self.turn + off))
        else:
            self.happens(ev.EngineFailed(stage, sentence, reply=self.reply + off))

    @rule(
        heard_words=st.sampled_from([0, 3, 8]),
        reported=st.booleans(),
        sent=st.booleans(),
        then=moments,
    )
    def it_answers(self, heard_words: int, reported: bool, sent: bool, then: float) -> None:
        """The usual course of a reply, as far as it gets."""
        self.happens(ev.ReplyText(self.reply, ANSWER))
        self.happens(ev.ReplyWritten(self.reply))
        self.some_is_played(heard_words, 0, reported)
        if sent:
            self.happens(ev.AllSent(self.reply))
        self.time_goes_by(then)

    # ------------------------------------------------------------ afterwards

    def teardown(self) -> None:
        if not hasattr(self, "call"):
            return
        again = Conversation(self.rule_book)
        for line, commands in zip(self.journal, self.commands, strict=True):
            now, event = from_line(line)
            assert again.handle(event, now) == commands, "the journal leads elsewhere"


AnyOrder.TestCase.settings = settings(
    max_examples=200,
    stateful_step_count=50,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestAnyOrder = AnyOrder.TestCase
