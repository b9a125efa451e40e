"""What a device is told: our words in, parcels out. Pure; one instance serves one site.

Hermes has topics for transcripts, sound, sessions and errors. What it lacks stands below
`repartee/<site>/`: words that are not final yet, and the text of a reply.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, Literal

import msgspec

from repartee.audio.pcm import SPEAKING_RATE_HZ, Samples
from repartee.audio.wav import wav_bytes
from repartee.bridges.mqtt.parcel import Parcel
from repartee.bridges.mqtt.said import Service
from repartee.conversation import told

STATUS_TOPIC = "repartee/status"
ONLINE = Parcel(STATUS_TOPIC, b"online", retained=True)
OFFLINE = Parcel(STATUS_TOPIC, b"offline", retained=True)

Ending = Literal["nominal", "abortedByUser", "timeout", "error"]
"""Why a session is over, in the words of Hermes."""

_SERVICES: dict[str, Service] = {
    "thinking_failed": "nlu",
    "empty_text": "nlu",
    "text_too_long": "nlu",
    "speaking_failed": "tts",
    "turn_not_saved": "dialogueManager",
    "refused": "dialogueManager",
    "limit_reached": "dialogueManager",
}
"""Which service an error belongs to; all others are those of listening."""
_NO_REPLY_FOLLOWS = ("empty_text", "text_too_long")
_REPLACED = (
    "Something else was begun at this site, so what was being said is dropped. "
    "Give every device a siteId of its own."
)
_RECENT = 4
"""A reply may still be interrupted when others have begun to be written."""
_MOST_PHRASES = 64
"""Phrases of which a device may still say that it has played them."""


def error(service: Service, sentence: str, code: str, site: str = "", session: str = "") -> Parcel:
    fields = {"error": sentence, "context": code, "siteId": site, "sessionId": session}
    named = {name: value for name, value in fields.items() if value}
    return Parcel(f"hermes/error/{service}", msgspec.json.encode(named))


def say_finished(site: str, id: str, session: str) -> Parcel:
    body = {"id": id or None, "siteId": site, "sessionId": session or None}
    return Parcel("hermes/tts/sayFinished", msgspec.json.encode(body))


def play_bytes(site: str, name: str, samples: Samples) -> Parcel:
    """Sound that a site is to play when all before it is played, as a WAV file."""
    topic = f"hermes/audioServer/{site}/playBytes/{name}"
    return Parcel(topic, wav_bytes(samples, SPEAKING_RATE_HZ), lasting=False)


class Teller:
    """`session` is the one that is open, or was last."""

    def __init__(self, site: str) -> None:
        self.session = ""
        self._site = site
        self._open = False
        self._answered = False
        """Whether a reply to what was said in it has begun."""
        self._sessions: dict[int, str] = {}
        """To which session the latest replies belong."""
        self._done = 0
        """The latest reply of which the end was told."""
        self._spoken = (0, 0)
        """The latest reply with sound, and how many milliseconds of it were given out."""
        self._phrases: dict[str, tuple[int, int]] = {}
        self._renderers: dict[type[told.Told], Callable[[Any], list[Parcel]]] = {
            told.UserPartial: self._user_partial,
            told.UserFinal: self._user_final,
            told.ReplyStarted: self._reply_started,
            told.ReplyPiece: self._reply_piece,
            told.ReplyWritten: lambda _: [],  # the whole text comes when all of it is spoken
            told.ReplyCompleted: self._reply_completed,
            told.ReplyInterrupted: self._reply_interrupted,
            told.Problem: self._problem,
            told.Traced: lambda _: [],
        }

    # ------------------------------------------------------------ sessions

    def begin(self, session: str) -> list[Parcel]:
        """A turn begins; without a name its session gets one. It ends the one before, which is
        told if that had no answer yet: it may be another device's."""
        replaced = self._open and session != self.session and not self._answered
        complaint = [self.error(_REPLACED, "replaced")] if replaced else []
        ended = self.end("abortedByUser")
        self.session, self._open, self._answered = session or str(uuid.uuid4()), True, False
        return [*complaint, *ended, self._hermes("dialogueManager/sessionStarted")]

    def end(self, reason: Ending) -> list[Parcel]:
        if not self._open:
            return []
        self._open = False
        return [self._hermes("dialogueManager/sessionEnded", termination={"reason": reason})]

    def start_listening(self) -> Parcel:
        return self._hermes("asr/startListening", stopOnSilence=True)

    def stop_listening(self) -> Parcel:
        return self._hermes("asr/stopListening")

    def nothing_heard(self) -> list[Parcel]:
        """Listening was begun, and nobody spoke."""
        captured = self._hermes("asr/textCaptured", text="", likelihood=0.0, seconds=0.0)
        return [self.stop_listening(), captured, *self.end("timeout")]

    def error(self, sentence: str, code: str, session: str = "") -> Parcel:
        service = _SERVICES.get(code, "asr")
        return error(service, sentence, code, self._site, session or self.session)

    # ------------------------------------------------------------ what a call says

    def render(self, what: told.Told) -> list[Parcel]:
        return self._renderers[type(what)](what)

    def render_unit(self, reply: int, samples: Samples) -> Parcel:
        """A phrase of a reply, as a WAV file."""
        before = self._spoken[1] if self._spoken[0] == reply else 0
        self._spoken = (reply, before + len(samples) * 1000 // SPEAKING_RATE_HZ)
        name = str(uuid.uuid4())
        self._phrases[name] = self._spoken
        if len(self._phrases) > _MOST_PHRASES:
            del self._phrases[next(iter(self._phrases))]
        return play_bytes(self._site, name, samples)

    def played(self, name: str) -> tuple[int, int] | None:
        """Which reply this phrase belongs to, and how many milliseconds of it are heard with it."""
        return self._phrases.pop(name, None)

    def _user_partial(self, what: told.UserPartial) -> list[Parcel]:
        return [self._own("transcript/partial", self.session, lasting=False, text=what.text)]

    def _user_final(self, what: told.UserFinal) -> list[Parcel]:
        return [
            self._hermes(
                "asr/textCaptured",
                text=what.text,
                likelihood=round(what.confidence, 3),
                seconds=what.latency_ms / 1000,
            )
        ]

    def _reply_started(self, what: told.ReplyStarted) -> list[Parcel]:
        recent = {n: name for n, name in self._sessions.items() if n > what.reply - _RECENT}
        self._sessions = {**recent, what.reply: self.session}
        self._spoken = (what.reply, 0)
        self._answered = True
        return []

    def _reply_piece(self, what: told.ReplyPiece) -> list[Parcel]:
        session = self._sessions.get(what.reply, self.session)
        return [self._own("reply/delta", session, lasting=False, text=what.text)]

    def _reply_completed(self, what: told.ReplyCompleted) -> list[Parcel]:
        return self._reply_done(what.reply, what.text, "complete", "nominal")

    def _reply_interrupted(self, what: told.ReplyInterrupted) -> list[Parcel]:
        if what.reply <= self._done:  # all of it was sent, or nothing was being said
            return []
        return self._reply_done(what.reply, what.heard, "interrupted", "abortedByUser")

    def _reply_done(self, reply: int, text: str, status: str, reason: Ending) -> list[Parcel]:
        self._done = reply
        session = self._sessions.get(reply, self.session)
        done = self._own("reply/done", session, text=text, status=status)
        return [done, *(self.end(reason) if session == self.session else [])]

    def _problem(self, what: told.Problem) -> list[Parcel]:
        ended = self.end("error") if what.code in _NO_REPLY_FOLLOWS else []
        return [self.error(what.sentence, what.code), *ended]

    # ------------------------------------------------------------ how it is written

    def _hermes(self, topic: str, **fields: Any) -> Parcel:
        named = {"siteId": self._site, "sessionId": self.session}
        return Parcel(f"hermes/{topic}", msgspec.json.encode({**fields, **named}))

    def _own(self, topic: str, session: str, lasting: bool = True, **fields: Any) -> Parcel:
        payload = msgspec.json.encode({**fields, "sessionId": session})
        return Parcel(f"repartee/{self._site}/{topic}", payload, lasting=lasting)
