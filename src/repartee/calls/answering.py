"""The answering half of a call: the reply that is being made, and what may be read ahead for it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from typing import Any

from repartee.calls.client import Client
from repartee.calls.options import CallOptions
from repartee.calls.playback import Playback
from repartee.calls.reading import Reading
from repartee.calls.reply import ReplyTask, fixed_words
from repartee.calls.speech_in import language_of, speech_in
from repartee.conversation import commands as do
from repartee.conversation import events as ev
from repartee.engines.build import Engines
from repartee.engines.protocols import Caller, Message, Speech
from repartee.observe.timeline import Timeline

Start = Callable[..., None]
"""Does something beside everything else, for as long as the call lasts."""


class Answering:
    def __init__(
        self,
        engines: Engines,
        options: CallOptions,
        caller: Caller,
        client: Client,
        timeline: Timeline,
        happened: Callable[[ev.Event], None],
        start: Start,
    ) -> None:
        self._engines = engines
        self._options = options
        self._caller = caller
        self._client = client
        self._timeline = timeline
        self._happened = happened
        self._start = start
        self._reading = Reading(engines.llm, caller)
        self._reply: ReplyTask | None = None
        self._holding: ReplyTask | None = None
        """What asks the caller to wait while the reply is still thought of."""
        self._is_put_off = False
        """Whether the reply is not begun before it is certain that it is wanted."""

    @property
    def owes_sound(self) -> bool:
        """There is to be a reply, and nothing of it is on its way yet."""
        return self._reply is not None and not self._reply.playback.begun

    def progress(self) -> ev.Played | None:
        """How far the listener has heard by now."""
        audible = self._holding or self._reply
        return None if audible is None else audible.playback.progress()

    def listener_played(self, reply: int, played_ms: int) -> None:
        if (task := self._numbered(reply)) is not None:
            task.playback.listener_reports(played_ms)

    # ------------------------------------------------------------ beginning

    def prime(self, command: do.Prime) -> None:
        if self._options.pressure.allows_guessing:
            self._start(self._reading.read, _for_model(command.messages))

    def think(self, command: do.Think, speech: Speech, language: str) -> None:
        self._reading.forget()
        messages = _for_model(command.messages)
        sampling = self._options.pressure.fitting(self._options.sampling)
        words = self._engines.llm.respond(self._caller, messages, sampling)
        self._begin(command, words, speech, language)

    def say(self, command: do.Say, speech: Speech, language: str) -> None:
        words = fixed_words(command.text)
        language = language_of(command.text, language)
        if command.holds:
            self._holding = self._task(command, words, speech, language)
            self._start(self._holding.run)
        else:
            self._begin(command, words, speech, language)

    def say_first(self, command: do.SayFirst, speech: Speech, language: str) -> None:
        if (task := self._numbered(command.reply)) is not None:
            usual = speech_in(self._engines.tts, speech, language_of(command.text, language))
            self._start(task.say_first, command.text, usual)

    def _begin(
        self,
        command: do.Think | do.Say,
        words: AsyncGenerator[str],
        speech: Speech,
        language: str,
    ) -> None:
        self._reply = self._task(command, words, speech, language)
        self._is_put_off = not self._options.pressure.allows_guessing
        if not self._is_put_off:
            self._start(self._reply.run)

    def _task(
        self,
        command: do.Think | do.Say,
        words: AsyncGenerator[str],
        speech: Speech,
        language: str,
    ) -> ReplyTask:
        options, tts = self._options, self._engines.tts
        return ReplyTask(
            Playback(
                command.reply,
                command.mode == "spoken" and not options.rules.sent_at_once,
                self._client,
                self._happened,
                self._timeline,
                options.playback_lead_ms,
            ),
            words,
            tts,
            speech_in(tts, speech, language),
            self._happened,
            options.rules.max_reply_chars,
        )

    def _numbered(self, reply: int) -> ReplyTask | None:
        both = (self._holding, self._reply)
        return next((task for task in both if task is not None and task.number == reply), None)

    # ------------------------------------------------------------ going on, and ending

    def play(self, command: do.Play) -> None:
        if self._holding is not None and self._holding.number == command.reply:
            self._holding.playback.play()
            return
        self._holding = None  # a reply that is let out comes after it
        if self._reply is None:
            return
        if self._is_put_off:
            self._is_put_off = False
            self._start(self._reply.run)
        self._reply.playback.play()

    def duck(self, command: do.Duck) -> None:
        if (task := self._numbered(command.reply)) is not None:
            task.duck()

    def restore(self, command: do.Restore) -> None:
        if (task := self._numbered(command.reply)) is not None:
            task.playback.restore()

    def end(self, command: do.Hush | do.Drop) -> None:
        if (task := self._numbered(command.reply)) is not None:
            task.stop()
            self._reply = None if task is self._reply else self._reply
            self._holding = None if task is self._holding else self._holding
        self._client.hush(command.reply)


def _for_model(messages: tuple[Any, ...]) -> list[Message]:
    return [Message(message.role, message.content) for message in messages]
