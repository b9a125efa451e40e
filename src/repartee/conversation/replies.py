"""The life of replies: the one place where they begin, change and end.

At most one reply is alive at a time, so two can never be audible together. Beside it there may be
one that only asks the caller to wait for the ears: the answer is thought of meanwhile, and let out
after it. Whatever arrives for a reply that is not alive any more is late, and is dropped by its
number.
"""

from __future__ import annotations

from repartee.conversation import commands as do
from repartee.conversation import told
from repartee.conversation.memory import Memory, Message
from repartee.conversation.patience import Patience, Wanted
from repartee.conversation.reply import Asked, ImpossibleStep, Kind, Reply, ReplyPhase
from repartee.conversation.rules import Rules


class Replies:
    """The reply that is alive, if any. Wishes go to `out`, in the order in which they count."""

    def __init__(self, rules: Rules, memory: Memory, patience: Patience) -> None:
        self.out: list[do.Command] = []
        self.last: Reply | None = None
        self._rules = rules
        self._memory = memory
        self._patience = patience
        self._count = 0
        self._holding: Reply | None = None

    @property
    def alive(self) -> Reply | None:
        return self.last if self.last is not None and self.last.alive else None

    @property
    def holding(self) -> Reply | None:
        """What asks the caller to wait for the ears."""
        return self._holding if self._holding is not None and self._holding.alive else None

    @property
    def audible(self) -> Reply | None:
        """A reply that is let out; there may be nothing of it to be heard yet."""
        last = self.last if self.last is not None and self.last.audible else None
        return self.holding or last

    @property
    def being_said(self) -> str:
        """The words of the latest reply that may come back as an echo."""
        return "" if self.last is None else self.last.being_said

    def numbered(self, number: int | None) -> Reply | None:
        both = (self.holding, self.alive)
        return next((one for one in both if one is not None and one.number == number), None)

    def unfinished(self, number: int | None) -> Reply | None:
        """This reply, if more of it may come and so may fail to."""
        reply = self.numbered(number)
        return reply if reply is not None and not reply.told_complete else None

    @property
    def deadline(self) -> float | None:
        if (reply := self.alive) is None:
            return None
        moments = (reply.due_at, reply.hold_due_at)
        return min((moment for moment in moments if moment is not None), default=None)

    # ------------------------------------------------------------ beginning

    def count_from(self, number: int) -> None:
        """There were so many replies before; no number is given twice."""
        self._count = max(self._count, number)

    def think(self, asked: Asked, messages: tuple[Message, ...], now: float) -> None:
        reply = self._begin(asked, "answer", now)
        self.wish(do.Think(reply.number, messages, asked.mode, asked.turn))

    def say(self, sentence: str, kind: Kind, asked: Asked, now: float) -> Reply:
        """Fixed words; they are never tentative."""
        reply = self._begin(asked, kind, now)
        self.wish(do.Say(reply.number, sentence, asked.mode, asked.turn))
        self.commit()
        return reply

    def _begin(self, asked: Asked, kind: Kind, now: float) -> Reply:
        if self.alive is not None:
            raise ImpossibleStep(f"a second reply while there is {self.alive!r}")
        self._count += 1
        due_at = now + self._rules.reply_within_ms / 1000
        self.last = Reply(self._count, asked, now, due_at, kind)
        return self.last

    def commit(self) -> None:
        """Let it be heard, and tell what of it is written already."""
        reply = self.alive
        assert reply is not None
        if self.audible is not None:
            raise ImpossibleStep(f"a second reply to be heard beside {self.audible!r}")
        self._let_out(reply)

    def _let_out(self, reply: Reply) -> None:
        reply.step("commit")
        self.tell(told.ReplyStarted(reply.number, reply.mode))
        self.wish(do.Play(reply.number))
        if reply.text:
            self.tell(told.ReplyPiece(reply.number, reply.mode, reply.text))
        if reply.whole:
            self.tell(told.ReplyWritten(reply.number, reply.mode, reply.written))

    def commit_answer_to(self, text: str, wanted: Wanted, now: float) -> None:
        """The question is over and is remembered; its answer may be heard. When nothing is by the
        moment at which it is wanted, the caller is asked to wait for it."""
        self._memory.user_said(text)
        self.commit()
        assert self.last is not None
        self.last.awaited_since, self.last.hold_at = wanted.since, wanted.by
        self._note_first_sound(self.last, now)

    def voiced(self, reply: Reply, now: float) -> None:
        """The first of its sound is there."""
        if not reply.voiced:
            reply.voiced = True
            self._note_first_sound(reply, now)

    def _note_first_sound(self, reply: Reply, now: float) -> None:
        """Once it can be heard: before it is let out, nobody waits for it."""
        if reply.voiced and reply.awaited_since is not None:
            self._patience.heard_after(now - reply.awaited_since)

    # ------------------------------------------------------------ asking to wait

    def ask_to_wait_for_words(self, turn: int, now: float) -> None:
        """A reply of its own: what it comes before is not known yet."""
        self._count += 1
        asked, sentence = Asked("spoken", turn=turn), self._patience.sentence
        holding = Reply(self._count, asked, now, None, "holding", asked_to_hold=sentence)
        self._holding = holding
        self.wish(do.Say(self._count, sentence, "spoken", turn, holds=True))
        self._let_out(holding)

    def ask_to_wait_for_sound(self, now: float, *, aloud: bool) -> None:
        """Nothing of the reply is to be heard yet; it follows."""
        reply = self.alive
        if reply is not None and reply.hold_due_at is not None and reply.hold_due_at <= now:
            reply.hold_at = None
            reply.asked_to_hold = self._patience.sentence if aloud else ""
            if reply.asked_to_hold:
                self.wish(do.SayFirst(reply.number, reply.asked_to_hold))

    def hush_holding(self, now: float) -> bool:
        """Nobody is asked to wait any longer; whether anybody was."""
        holding = self.holding
        if holding is not None:
            self.hush(holding, now)
        return holding is not None

    # ------------------------------------------------------------ going on

    def write(self, reply: Reply, text: str, now: float) -> None:
        reply.text += text
        reply.due_at = now + self._rules.reply_within_ms / 1000
        if reply.audible:
            self.tell(told.ReplyPiece(reply.number, reply.mode, text))

    def written(self, reply: Reply) -> None:
        reply.due_at, reply.whole = None, True
        if reply.audible:
            self.tell(told.ReplyWritten(reply.number, reply.mode, reply.written))

    def duck(self, reply: Reply) -> None:
        if reply.phase is ReplyPhase.PLAYING:
            reply.step("duck")
            self.wish(do.Duck(reply.number))

    def restore(self) -> None:
        reply = self.audible
        if reply is not None and reply.phase is ReplyPhase.DUCKED:
            reply.step("restore")
            self.wish(do.Restore(reply.number))

    def all_sent(self, reply: Reply, now: float) -> None:
        """A reply that is sent at once is complete when all of it is there to be read and heard."""
        at_once = reply.mode == "typed" or self._rules.sent_at_once
        if reply.audible and at_once and not reply.told_complete:
            self._complete(reply, now)

    # ------------------------------------------------------------ ending

    def drop_tentative(self) -> None:
        reply = self.alive
        if reply is not None and reply.phase is ReplyPhase.TENTATIVE:
            reply.step("drop")
            self.wish(do.Drop(reply.number))

    def finish(self, reply: Reply, now: float) -> None:
        reply.step("finish")
        if not reply.told_complete:
            self._complete(reply, now)

    def hush(self, reply: Reply, now: float) -> None:
        reply.step("hush")
        self.wish(do.Hush(reply.number))
        self._keep(reply, reply.heard, "interrupted", now)
        self.tell(told.ReplyInterrupted(reply.number, reply.mode, reply.heard))

    def hush_audible(self, now: float) -> bool:
        """Silence whatever is being said; whether there was anything."""
        reply = self.audible
        if reply is not None:
            self.hush(reply, now)
        return reply is not None

    def move_on(self, reply: Reply, now: float) -> None:
        """Something typed replaces this reply. One that is complete could be read to its end and
        stays whole, unless its listener is known to have been hearing it still."""
        if not reply.told_complete or reply.surely_unheard:
            self.hush(reply, now)
            return
        reply.step("finish")
        self.wish(do.Hush(reply.number))

    def abandon(self, reply: Reply, now: float) -> None:
        """The listener is gone: nobody is left to tell."""
        reply.step("hush")
        self.wish(do.Hush(reply.number))
        if not reply.told_complete:
            self._keep(reply, reply.heard, "interrupted", now)

    def fail(self, reply: Reply, now: float) -> None:
        reply.step("fail")
        self.wish(do.Hush(reply.number))
        self._keep(reply, reply.heard, "failed", now)

    def _complete(self, reply: Reply, now: float) -> None:
        reply.told_complete = True
        reply.due_at = None
        low = reply.kind == "low_confidence"
        self._keep(reply, reply.written, "low_confidence" if low else "complete", now)
        self.tell(told.ReplyCompleted(reply.number, reply.mode, reply.written))

    def _keep(self, reply: Reply, heard: str, status: do.Status, now: float) -> None:
        """Into memory goes what was heard; our own stock sentences would only mislead the model,
        but for the greeting, which is what the user answers. Who asks to wait answers nothing."""
        if reply.kind == "holding":
            return
        if reply.kind == "answer":
            self._memory.assistant_was_heard(reply.number, heard)
        elif reply.kind == "greeting":
            self._memory.opening = heard
        record = do.TurnRecord(
            number=reply.number,
            mode=reply.mode,
            user_text=reply.asked.text,
            assistant_text=reply.written,
            heard_text=heard,
            confidence=reply.asked.confidence,
            status=status,
            started_at=reply.started_at,
            ended_at=now,
        )
        self.wish(do.Remember(record))

    # ------------------------------------------------------------ what is wished and told

    def wish(self, command: do.Command) -> None:
        self.out.append(command)

    def tell(self, what: told.Told) -> None:
        self.wish(do.Tell(what))

    def problem(self, sentence: str, code: str) -> None:
        self.tell(told.Problem(sentence, code))
