"""Who says what, as the one who sits at the terminal hears it.

What the server says and what is done here go in; captions come out, and messages to send. Only the
newest reply may be heard: what was stopped, or replaced by a newer one, is dropped however late it
comes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from repartee.talking import wire
from repartee.talking.playout import Heard, Playout

REPORT_SECONDS = 0.25

Who = Literal["you", "reply", "note"]


class Caption(msgspec.Struct, frozen=True):
    who: Who
    text: str


class Dialogue:
    def __init__(self, playout: Playout) -> None:
        self._playout = playout
        self._said: list[Caption] = []
        self._latest: Caption | None = None
        self._interim = ""
        self._unanswered = False
        self._reply = 0
        self._dropped = 0
        self._written = ""
        self._voiced: list[str] = []
        self._open = False
        """More of the reply may come."""
        self._shown = True
        """The reply has its caption, or there is none."""
        self._reported = Heard()
        self._reported_at = 0.0

    def __repr__(self) -> str:
        return f"<Dialogue: reply {self._reply}{' goes on' if self.answering else ''}>"

    # ------------------------------------------------------------ how it stands

    @property
    def answering(self) -> bool:
        """A reply is on its way, or is being heard."""
        return self._open or self._unanswered or self._playout.busy

    @property
    def pending(self) -> bool:
        """Something is being said, by either side."""
        return self.answering or bool(self._interim) or not self._shown

    def said(self) -> Sequence[Caption]:
        """What has been said to its end since this was asked last."""
        said, self._said = self._said, []
        return said

    def being_said(self) -> Sequence[Caption]:
        """What is still being said: both may speak at once."""
        both = (Caption("reply", " ".join(self._voiced)), Caption("you", self._interim))
        return [caption for caption in both if caption.text]

    # ------------------------------------------------------------ what the server says

    def told(self, message: wire.Said) -> None:
        match message:
            case wire.Connected():
                self._begin_anew()
            case wire.Understood(text=text, final=final):
                self._understood(text.strip(), final)
            case wire.ReplyBegan(reply=reply) if reply > self._reply:
                self._reply_began(reply)
            case wire.ReplyWritten(reply=reply, text=text) if reply == self._reply:
                self._written += text
            case wire.ReplySpoken(reply=reply, samples=samples, phrase=phrase):
                if self._reply == reply > self._dropped:
                    self._playout.add(reply, samples, phrase)
            case wire.ReplyEnded(reply=reply) if reply == self._reply:
                self._open = False
            case wire.ReplyCut(reply=reply, heard=heard) if reply and reply == self._reply:
                self._cut(f"{heard} —" if heard else "")
            case wire.Complained(sentence=sentence):
                self._unanswered = False
                self.note(sentence)

    def lost(self) -> None:
        """The line is dead: nothing that was begun goes on."""
        self._cut(self._so_far())
        self._interim = ""
        self._unanswered = False

    def note(self, sentence: str) -> None:
        """What was said just before is not said again."""
        note = Caption("note", sentence)
        if note != self._latest:
            self._say(note)

    # ------------------------------------------------------------ what is done here

    def typed(self, text: str) -> str:
        self._say(Caption("you", text))
        self._unanswered = True
        return wire.typed(text)

    def interrupt(self) -> Sequence[str]:
        """Silence, at once; the server says later what it takes for heard."""
        if not self._open and not self._playout.busy:
            return ()
        if self._open:
            self._dropped = self._reply
            self._playout.hush()
        else:
            self._cut(self._so_far())  # all of it has come: nobody will say where it was cut
        return (*self._report(0.0), wire.INTERRUPT)

    def tick(self, now: float, late_ms: float = 0.0) -> Sequence[str]:
        """Look at what has been heard by now; to be called a few times a second."""
        self._voiced += [one.text for one in self._playout.begun() if one.reply == self._reply]
        if not self._shown and not self._open and not self._playout.busy:
            self._show(self._written.strip() or " ".join(self._voiced))
        if now - self._reported_at < REPORT_SECONDS:
            return ()
        self._reported_at = now
        return self._report(late_ms)

    # ------------------------------------------------------------ one step each

    def _begin_anew(self) -> None:
        """A connection counts its replies from one."""
        self._playout.forget()
        self._reply = self._dropped = 0
        self._reported = Heard()

    def _understood(self, text: str, final: bool) -> None:
        self._interim = "" if final else text
        if final:
            self._unanswered = True
            if text:
                self._say(Caption("you", text))

    def _reply_began(self, reply: int) -> None:
        if not self._shown:
            self._cut(self._so_far())
        self._reply, self._written, self._voiced = reply, "", []
        self._open, self._shown, self._unanswered = True, False, False

    def _cut(self, heard: str) -> None:
        self._playout.hush()
        self._dropped = self._reply
        self._open = False
        if not self._shown:
            self._show(heard)

    def _so_far(self) -> str:
        voiced = " ".join(self._voiced)
        return f"{voiced} —" if voiced else ""

    def _show(self, text: str) -> None:
        self._shown = True
        self._voiced = []
        if text:
            self._say(Caption("reply", text))

    def _say(self, caption: Caption) -> None:
        self._latest = caption
        self._said.append(caption)

    def _report(self, late_ms: float) -> Sequence[str]:
        heard = self._playout.heard(late_ms)
        if heard == self._reported or not heard.reply or heard.reply != self._reply:
            return ()
        self._reported = heard
        return (wire.played(heard.reply, heard.ms),)
