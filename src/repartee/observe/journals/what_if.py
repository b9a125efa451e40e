"""A recorded call under other rules: what would have been decided?

The world does what it did, at the same moments. A wish that comes earlier or later than it did, or
in another turn, gets the answer which the journal holds for it, earlier or later by as much. Time
passes when the conversation asks for it, as late as a deadline was really kept. Under the rules of
the journal this leads through the very same call.

What would have been said after a decision went the other way, nobody knows. The journal goes on
without it, and from the first guess that counted the outcome says so.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict, deque

import msgspec

from repartee.conversation import Conversation, Rules
from repartee.conversation import commands as do
from repartee.conversation import events as ev
from repartee.observe.journals.facts import (
    AskedFinal,
    Fact,
    Facts,
    KnownReply,
    Request,
    asked_for,
    unknown_reply,
)
from repartee.observe.journals.reading import Journal
from repartee.observe.journals.replay import Step

_USUAL_FINAL_SECONDS = 0.1


class Outcome(msgspec.Struct, frozen=True):
    steps: list[Step]
    guessed_from: float | None
    """The moment of the first guess that had an effect."""


def what_if(journal: Journal, rules: Rules) -> Outcome:
    return _Rerun(journal, rules).run()


class _Rerun:
    def __init__(self, journal: Journal, rules: Rules) -> None:
        self._facts = Facts(journal)
        self._conversation = Conversation(rules)
        self._now = -math.inf
        self._turn_since = -math.inf
        self._steps: list[Step] = []
        self._guessed_from: float | None = None
        self._ahead: list[tuple[float, float, int, ev.Event]] = []
        self._planned = 0
        self._finals: dict[float, deque[AskedFinal]] = defaultdict(deque)
        for asked in self._facts.finals.values():
            self._finals[asked.asked_at].append(asked)
        self._unused: dict[Request, list[KnownReply]] = defaultdict(list)
        for reply in self._facts.replies.values():
            self._unused[reply.asked].append(reply)
        self._replies: dict[int, tuple[KnownReply, float]] = {}
        """For each reply the one that stands for it, and how much later it comes."""
        for fact in self._facts.unprompted:
            self._plan(fact.at, fact.place, fact.event)

    def run(self) -> Outcome:
        while not self._conversation.over and (upcoming := self._next()) is not None:
            at, place, event = upcoming
            self._now = max(at, self._now)
            if (event_now := self._as_of_now(event)) is not None:
                self._happen(event_now, guessed=place == math.inf)
        return Outcome(self._steps, self._guessed_from)

    # ------------------------------------------------------------ what comes next

    def _plan(self, at: float, place: float, event: ev.Event) -> None:
        self._planned += 1
        heapq.heappush(self._ahead, (at, place, self._planned, event))

    def _next(self) -> tuple[float, float, ev.Event] | None:
        """What is planned for an instant comes before the deadline, unless the journal knows it
        the other way round."""
        waking = self._waking()
        if self._ahead and (waking is None or self._ahead[0][:2] <= waking):
            at, place, _, event = heapq.heappop(self._ahead)
        elif waking is not None:
            at, place = waking
            event = ev.TimePassed(self._facts.at_limit(at))
        else:
            return None
        return (at, place, event) if at <= self._facts.until else None

    def _waking(self) -> tuple[float, float] | None:
        due_at = self._conversation.deadline
        if due_at is None:
            return None
        return self._facts.wakings.get(due_at, (due_at, math.inf))

    def _as_of_now(self, event: ev.Event) -> ev.Event | None:
        """What was heard, told of the turn that is open now; None if none is."""
        then = getattr(event, "turn", None)
        if then is None or isinstance(event, ev.FinalHeard):
            return event
        turn = self._conversation.turn
        if turn is None:
            return None
        if isinstance(event, ev.PartialHeard):
            words = self._facts.words(self._facts.turns[then], event.text, self._turn_since)
            return ev.PartialHeard(turn.number, words)
        return msgspec.structs.replace(event, turn=turn.number)

    # ------------------------------------------------------------ and what comes of it

    def _happen(self, event: ev.Event, *, guessed: bool) -> None:
        if guessed and self._guessed_from is None and self._matters(event):
            self._guessed_from = self._now
        commands = self._conversation.handle(event, self._now)
        self._steps.append(Step(self._now, event, commands))
        for command in commands:
            match command:
                case do.Listen():
                    self._turn_since = self._now
                case do.Finalise():
                    self._answer_final(command)
                case do.Think() | do.Say():
                    self._answer_thought(command)
                case do.Play(number):
                    self._let_sound(number)

    def _matters(self, event: ev.Event) -> bool:
        """Whether what this event is about is not over and done with."""
        turn = self._conversation.turn
        if isinstance(event, ev.FinalHeard):
            return turn is not None and (turn.number, turn.attempt) == (event.turn, event.attempt)
        return self._conversation.replies.numbered(getattr(event, "reply", None)) is not None

    def _answer_final(self, wish: do.Finalise) -> None:
        asked_then = self._finals.get(self._now)
        if not asked_then:
            words = self._facts.words_by(self._now, self._turn_since)
            self._guess_final(wish, self._now + _USUAL_FINAL_SECONDS, words)
            return
        asked, since = asked_then.popleft(), self._turn_since
        for fact in asked.answers:
            assert isinstance(fact.event, ev.FinalHeard)
            words = self._facts.words(asked.turn, fact.event.text, since)
            final = msgspec.structs.replace(
                fact.event, turn=wish.turn, attempt=wish.attempt, text=words
            )
            self._plan(fact.at, fact.place, final)
        if not asked.answers and (closed_at := asked.turn.closed_at) is not None:
            # The turn was over before its words were known.
            words = self._facts.words(asked.turn, asked.turn.words_by(closed_at), since)
            self._guess_final(wish, closed_at, words)

    def _guess_final(self, wish: do.Finalise, at: float, words: str) -> None:
        self._plan(at, math.inf, ev.FinalHeard(wish.turn, wish.attempt, words, 1.0))

    def _answer_thought(self, wish: do.Think | do.Say) -> None:
        asked = asked_for(wish, self._conversation)
        alike = self._unused[asked]
        if alike:
            known = min(alike, key=lambda reply: abs(reply.asked_at - self._now))
            alike.remove(known)
        else:
            known = unknown_reply(asked, self._now, self._facts.usual_wait)
        later = self._now - known.asked_at
        self._replies[wish.reply] = (known, later)
        self._give(known.written, wish.reply, later)

    def _let_sound(self, number: int) -> None:
        known, later = self._replies[number]
        then = known.played_at if known.played_at is not None else known.ended_at
        if then is None:
            then = known.asked_at  # it is unknown or was never played
        sounds_from = known.sounds_from(self._now, later)
        self._give(known.sounded, number, sounds_from - known.sounds_from(then, 0.0))

    def _give(self, facts: list[Fact], reply: int, later: float) -> None:
        for fact in facts:
            event = msgspec.structs.replace(fact.event, reply=reply)
            self._plan(fact.at + later, fact.place, event)
