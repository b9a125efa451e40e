"""What a journal knows of the world, told apart from what was decided in it.

Some of it is nobody's doing: a voice begins and pauses, a message is typed, the client goes. The
rest answers a wish: a final transcript was asked for, a reply was begun, played and cut off. Such
answers are kept with the wish, so that they can be given again to one that comes at another time.
Where the decisions of the call kept an answer from being complete, its rest is guessed.
"""

from __future__ import annotations

import math
from bisect import insort
from collections.abc import Sequence
from statistics import median

import msgspec

from repartee.conversation import Conversation
from repartee.conversation import commands as do
from repartee.conversation import events as ev
from repartee.observe.journals.reading import Journal

SOUNDED = (ev.Played, ev.AllSent, ev.PlaybackEnded)

UNKNOWN_WORDS = "…"
_UNKNOWN_SECONDS = 3.0
_SECONDS_PER_WORD = 0.35
_USUAL_WAIT_SECONDS = 0.3

Request = tuple[str, do.Mode, str]
"""What a reply was asked for: by which command, for whom, and about which words."""


class Fact(msgspec.Struct, frozen=True):
    """An event of the journal, with its place in it; a guessed one comes after all of them."""

    at: float
    event: ev.Event
    place: float = math.inf


class HeardTurn(msgspec.Struct):
    number: int
    opened_at: float
    closed_at: float | None = None
    words: list[tuple[float, str]] = []
    """All that was said by a moment, for each moment at which that is known."""

    def words_by(self, moment: float) -> str:
        return next((text for at, text in reversed(self.words) if at < moment), "")


class AskedFinal(msgspec.Struct):
    turn: HeardTurn
    asked_at: float
    answers: list[Fact] = []


class KnownReply(msgspec.Struct):
    asked: Request
    asked_at: float
    played_at: float | None = None
    ended_at: float | None = None
    """When it was hushed or dropped; None if it was let be."""
    written: list[Fact] = []
    sounded: list[Fact] = []

    @property
    def text(self) -> str:
        return "".join(
            fact.event.text for fact in self.written if isinstance(fact.event, ev.ReplyText)
        )

    @property
    def first_words_at(self) -> float:
        moments = (fact.at for fact in self.written if isinstance(fact.event, ev.ReplyText))
        return min(moments, default=-math.inf)

    def sounds_from(self, played_at: float, later: float) -> float:
        """When it can be heard, if it is let out then and written so much later than it was."""
        return max(played_at, self.first_words_at + later)


class Facts:
    def __init__(self, journal: Journal) -> None:
        self.unprompted: list[Fact] = []
        self.finals: dict[tuple[int, int], AskedFinal] = {}
        self.replies: dict[int, KnownReply] = {}
        self.wakings: dict[float, tuple[float, float]] = {}
        """For each deadline, the moment and the place at which it was kept: a little late."""
        self.turns: dict[int, HeardTurn] = {}
        self._limits: list[tuple[float, bool]] = []
        self._conversation = Conversation(journal.began.rules)
        for place, one in enumerate(journal.events):
            self._sort(Fact(one.at, one.event, place))
        self.until = journal.events[-1].at if journal.events else 0.0
        for reply in self.replies.values():
            if reply.ended_at is not None:
                _guess_the_rest(reply, reply.ended_at)

    # ------------------------------------------------------------ what was heard

    def words(self, turn: HeardTurn, text: str, since: float) -> str:
        """What a turn that began then would have heard, when this turn had heard this text."""
        if turn.opened_at < since:
            known = len(turn.words_by(since).split())
            return " ".join(text.split()[known:])
        before = [
            one.words_by(math.inf)
            for one in self.turns.values()
            if since <= one.opened_at < turn.opened_at
        ]
        return " ".join(part for part in (*before, text) if part) if any(before) else text

    def words_by(self, moment: float, since: float) -> str:
        """What a turn that began then would have heard by this moment, as far as it is known."""
        turns = [turn for turn in self.turns.values() if turn.opened_at <= moment]
        return self.words(turns[-1], turns[-1].words_by(moment), since) if turns else ""

    # ------------------------------------------------------------ what was written

    @property
    def usual_wait(self) -> float:
        """Seconds from a thought to its first words."""
        waits = [reply.first_words_at - reply.asked_at for reply in self.replies.values()]
        return median([wait for wait in waits if wait >= 0] or [_USUAL_WAIT_SECONDS])

    # ------------------------------------------------------------ how the server was

    def at_limit(self, moment: float) -> bool:
        """Whether it could do no more than answer, as far as is known by then."""
        return next((was for at, was in reversed(self._limits) if at <= moment), False)

    # ------------------------------------------------------------ sorting them

    def _sort(self, fact: Fact) -> None:
        conversation = self._conversation
        due_at = conversation.deadline
        if due_at is not None and due_at <= fact.at:
            self.wakings[due_at] = (fact.at, fact.place)
        if conversation.over:
            return
        self._keep(fact)
        for command in conversation.handle(fact.event, fact.at):
            self._note(command, fact.at)

    def _keep(self, fact: Fact) -> None:
        """What bears the number of a turn or a reply answers a wish; time answers all of them."""
        event = fact.event
        if isinstance(event, ev.FinalHeard):
            self._keep_final(event, fact)
        elif (number := getattr(event, "turn", None)) is not None:
            self._keep_heard(number, fact)
        elif hasattr(event, "reply"):
            self._keep_given(event.reply, fact)
        elif isinstance(event, ev.TimePassed):
            self._limits.append((fact.at, event.at_limit))
        else:
            self.unprompted.append(fact)

    def _keep_heard(self, number: int, fact: Fact) -> None:
        turn = self._conversation.turn
        if turn is not None and turn.number == number:
            self.unprompted.append(fact)
            if isinstance(fact.event, ev.PartialHeard):
                self.turns[number].words.append((fact.at, fact.event.text))

    def _keep_given(self, number: int | None, fact: Fact) -> None:
        reply = self.replies.get(number or 0)
        if reply is None:
            return
        if not isinstance(fact.event, SOUNDED):
            reply.written.append(fact)
        elif reply.played_at is not None:
            reply.sounded.append(fact)

    def _keep_final(self, event: ev.FinalHeard, fact: Fact) -> None:
        asked = self.finals.get((event.turn, event.attempt))
        if asked is not None:
            asked.answers.append(fact)
            insort(asked.turn.words, (asked.asked_at, event.text))

    def _note(self, command: do.Command, at: float) -> None:
        match command:
            case do.Listen(number):
                self.turns[number] = HeardTurn(number, at)
            case do.StopListening(number):
                self.turns[number].closed_at = at
            case do.Finalise(number, attempt):
                self.finals[number, attempt] = AskedFinal(self.turns[number], at)
            case do.Think(number) | do.Say(number):
                self.replies[number] = KnownReply(asked_for(command, self._conversation), at)
            case do.Play(number):
                self.replies[number].played_at = at
            case do.Hush(number) | do.Drop(number):
                self.replies[number].ended_at = at


def asked_for(command: do.Think | do.Say, conversation: Conversation) -> Request:
    if isinstance(command, do.Say):
        return "Say", command.mode, command.text
    reply = conversation.replies.last
    assert reply is not None
    return "Think", command.mode, reply.asked.text


def unknown_reply(asked: Request, asked_at: float, wait: float) -> KnownReply:
    """A reply of which the journal knows nothing but what it answers."""
    reply = KnownReply(asked, asked_at)
    text = asked[2] if asked[0] == "Say" else UNKNOWN_WORDS
    reply.written.append(Fact(asked_at + wait, ev.ReplyText(0, text)))
    _guess_the_rest(reply, asked_at + wait)
    return reply


def _guess_the_rest(reply: KnownReply, at: float) -> None:
    """The reply ended here because it was decided so: else it would have said what it had."""
    kinds = {type(fact.event) for fact in (*reply.written, *reply.sounded)}
    if ev.ReplyText not in kinds:
        reply.written.append(Fact(at, ev.ReplyText(0, UNKNOWN_WORDS)))
    if ev.ReplyWritten not in kinds:
        reply.written.append(Fact(at, ev.ReplyWritten(0)))
    ends_at = max(at, reply.first_words_at) + _seconds_to_say(reply)
    if ev.AllSent not in kinds:
        reply.sounded.append(Fact(ends_at, ev.AllSent(0)))
    if ev.PlaybackEnded not in kinds:
        reply.sounded.append(Fact(ends_at, ev.PlaybackEnded(0)))


def _seconds_to_say(reply: KnownReply) -> float:
    """How long the words take that nobody has heard yet."""
    if reply.text == UNKNOWN_WORDS:
        return _UNKNOWN_SECONDS
    heard: Sequence[ev.Event] = [fact.event for fact in reply.sounded]
    latest = next((event.text for event in reversed(heard) if isinstance(event, ev.Played)), "")
    return max(0, len(reply.text.split()) - len(latest.split())) * _SECONDS_PER_WORD
