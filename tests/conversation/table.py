"""A call as a table: at this moment this happens, and exactly this is wished.

    call = Call()
    call.at(1.00, SpeechStarted(1.0), "Listen 1")
    call.at(2.00, SpeechPaused(2.0), "Finalise 1.1")
    call.wakes(10.0, "StopListening 1", ...)

Wishes are written in short: the name, the number of the turn or reply, and the words. A row fails,
too, if the conversation wanted to be woken before it. A witness watches every row.
"""

from __future__ import annotations

import pytest

from repartee.conversation import Conversation, Rules, told
from repartee.conversation import commands as do
from repartee.conversation import events as ev
from tests.conversation.witness import Witness


class Call:
    def __init__(self, rules: Rules | None = None) -> None:
        self.rules = rules or Rules()
        self.conversation = Conversation(self.rules)
        self.commands: list[do.Command] = []
        """What was wished in the latest row, in full."""
        self._witness = Witness(self.rules)

    def at(self, moment: float, event: ev.Event, *wishes: str) -> None:
        assert self.happens(moment, event) == list(wishes)

    def wakes(self, moment: float, *wishes: str) -> None:
        """The conversation wants to be woken at this moment, and then wishes this."""
        assert self.conversation.deadline == pytest.approx(moment)
        assert self.happens(self.conversation.deadline or 0.0, ev.TimePassed()) == list(wishes)

    def happens(self, moment: float, event: ev.Event) -> list[str]:
        deadline = self.conversation.deadline
        assert deadline is None or deadline >= moment, f"it is to be woken at {deadline} before"
        self.commands = self.conversation.handle(event, moment)
        self._witness.see(event, moment, self.commands, self.conversation)
        return [short for command in self.commands if (short := in_short(command))]

    def quiet_from(self, moment: float) -> None:
        """Nothing is left to wait for."""
        assert self.conversation.deadline is None
        assert self.happens(moment, ev.TimePassed()) == []

    @property
    def memory(self) -> list[tuple[str, str]]:
        return [(message.role, message.content) for message in self.conversation.memory.messages]

    @property
    def thought(self) -> do.Think:
        (thought,) = (command for command in self.commands if isinstance(command, do.Think))
        return thought

    @property
    def record(self) -> do.TurnRecord:
        (kept,) = (command for command in self.commands if isinstance(command, do.Remember))
        return kept.turn


def in_short(command: do.Command) -> str:
    match command:
        case do.Tell(what):
            return _told_in_short(what)
        case do.Finalise(turn, attempt):
            return f"Finalise {turn}.{attempt}"
        case do.Listen(number) | do.StopListening(number):
            return f"{type(command).__name__} {number}"
        case do.Remember(turn):
            return f"Remember {turn.number} {turn.status}: {turn.heard_text}"
        case do.Say(number, text) | do.SayFirst(number, text):
            return f"{type(command).__name__} {number}: {text}"
        case do.Think(number, messages):
            return f"Think {number}: {messages[-1].content}"
        case do.Prime(messages):
            last = messages[-1]
            return f"Prime: {last.content}" if last.role == "user" else "Prime"
    number = getattr(command, "reply")  # noqa: B009
    return f"{type(command).__name__} {number}"


def _told_in_short(what: told.Told) -> str:
    match what:
        case told.UserPartial(text):
            return f"partial: {text}"
        case told.UserFinal(text):
            return f"final: {text}"
        case told.ReplyStarted(number):
            return f"started {number}"
        case told.ReplyPiece(number, _, text):
            return f"piece {number}: {text}"
        case told.ReplyWritten():
            return ""  # it says again what the pieces said; test_typed.py looks at it
        case told.ReplyCompleted(number, _, text):
            return f"completed {number}: {text}"
        case told.ReplyInterrupted(number, _, heard):
            return f"interrupted {number}: {heard}"
        case told.Problem(_, code):
            return f"problem: {code}"
    raise AssertionError(f"{what} has no short form")


# ---------------------------------------------------------------- where many tables begin

QUESTION = "what time is it"
ANSWER = "It is ten past four in the afternoon."


def thinking_ahead(rules: Rules | None = None) -> Call:
    """At 2.15 the words are known, and reply 1 is being written for nobody yet."""
    call = Call(rules)
    call.at(1.00, ev.SpeechStarted(0.9), "Listen 1")
    call.at(2.10, ev.SpeechPaused(2.0), "Finalise 1.1")
    call.at(2.15, ev.FinalHeard(1, 1, QUESTION, 0.9), f"Think 1: {QUESTION}")
    return call


def speaking(rules: Rules | None = None) -> Call:
    """At 3.00 the whole answer is written, and three words of it are heard."""
    call = thinking_ahead(rules)
    call.at(2.20, ev.ReplyText(1, ANSWER))
    call.wakes(
        2.25,
        "StopListening 1",
        f"final: {QUESTION}",
        "started 1",
        "Play 1",
        f"piece 1: {ANSWER}",
    )
    call.at(2.30, ev.ReplyWritten(1))
    call.at(3.00, ev.Played(1, 750, "It is ten"))
    return call


def typed(answer: str = ANSWER) -> Call:
    """At 1.20 the whole answer to a typed message is written, and nothing of it is heard."""
    call = Call()
    call.at(1.00, ev.Typed(QUESTION), f"Think 1: {QUESTION}", "started 1", "Play 1")
    call.at(1.10, ev.ReplyText(1, answer), f"piece 1: {answer}")
    call.at(1.20, ev.ReplyWritten(1))
    return call
