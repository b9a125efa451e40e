"""One call: a conversation driven against real engines, a real clock and a real client.

This is the only place where commands become actions. What happens is told to the conversation at
once, and what it wishes is done at once; nothing here waits, so events can never overtake one
another. What takes time runs in the call's task group: the ear, one hearing per turn, one task
per reply.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import anyio
from anyio.abc import TaskGroup, TaskStatus

from repartee.calls.answering import Answering
from repartee.calls.client import Client
from repartee.calls.clock import now, wall_time
from repartee.calls.failures import sentence_of
from repartee.calls.hearing import TurnHearing
from repartee.calls.judging import TurnJudge
from repartee.calls.listener import Listener
from repartee.calls.options import CallOptions
from repartee.calls.recording import CallRecording, RecordedClient
from repartee.calls.telling import Teller
from repartee.conversation import Conversation, told
from repartee.conversation import commands as do
from repartee.conversation import events as ev
from repartee.conversation.turns import TurnPhase
from repartee.engines.build import Engines
from repartee.engines.chain.switches import Switch, witnessed
from repartee.engines.languages import is_auto, to_listen_for
from repartee.engines.protocols import (
    LISTENING_RATE_HZ,
    Caller,
    Samples,
    Speech,
)
from repartee.observe.timeline import Timeline
from repartee.store.keeper import Keeper

log = logging.getLogger(__name__)


_AFTER_PROGRESS = frozenset(
    {
        ev.SpeechStarted,
        ev.PartialHeard,
        ev.FinalHeard,
        ev.Typed,
        ev.TurnOpened,
        ev.InterruptRequested,
        ev.EngineFailed,
        ev.TimePassed,
        ev.ClientGone,
    }
)
"""Events that may end a reply: before them the conversation learns how far it was heard."""


class Call:
    def __init__(
        self,
        call_id: str,
        engines: Engines,
        keeper: Keeper,
        client: Client,
        options: CallOptions,
        recording: CallRecording | None = None,
    ) -> None:
        self.id = call_id
        self.conversation = Conversation(options.rules)
        self.speech = options.speech
        self.persona = ""
        """The key of who answers; empty for nobody in particular."""
        self._options = options
        self._engines = engines
        self._recording = recording
        self._client = client if recording is None else RecordedClient(client, recording)
        unix_offset = wall_time() - now()
        self._teller = Teller(call_id, self._client, keeper, unix_offset, options.onlookers)
        self._timeline = Timeline(self._teller.trace, unix_offset)
        self._caller = Caller(call_id, patient=options.patient, hurried=True)
        self._listener = Listener(
            engines.voice.stream(), options.segments, options.preroll_ms, self.happened, self._feed
        )
        self._hearing: TurnHearing | None = None
        self._keeps_up = True
        self._judge = TurnJudge(engines.turn, self.happened)
        self._answering = Answering(
            *(engines, options, self._caller, self._client, self._timeline),
            *(self.happened, self.start),
        )
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: TaskGroup | None = None
        self._last_event_at = now()
        self._actions: dict[type[do.Command], Callable[[Any], None]] = {
            do.Listen: self._listen,
            do.Finalise: self._finalise,
            do.StopListening: self._stop_listening,
            do.Prime: self._answering.prime,
            do.Think: self._think,
            do.Say: self._say,
            do.SayFirst: self._say_first,
            do.Play: self._answering.play,
            do.Duck: self._answering.duck,
            do.Restore: self._answering.restore,
            do.Hush: self._answering.end,
            do.Drop: self._answering.end,
            do.Tell: self._tell,
            do.Remember: self._remember,
        }

    def __repr__(self) -> str:
        return f"<Call {self.id} {self.conversation!r}>"

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Live until cancelled; then end everything that belongs to this call.

        It is ready for events once it says that it has started.
        """
        try:
            async with anyio.create_task_group() as tasks:
                self._tasks = tasks
                if self._recording is not None:
                    tasks.start_soon(self._recording.run)
                task_status.started()
                await self._listen_on()
        finally:
            self.happened(ev.ClientGone())
            self._tasks = None
            if self._timer is not None:
                self._timer.cancel()
            self._engines.llm.release(self._caller)
            if self._recording is not None:
                await self._recording.close()

    async def _listen_on(self) -> None:
        try:
            await self._listener.run()
        except Exception as failure:
            sentence = sentence_of(failure, "The voice detector failed. Please connect again.")
            self._client.tell(told.Problem(sentence, "detector_failed"))

    @property
    def language(self) -> str:
        """The one that was chosen, or else the one that was heard last."""
        chosen = self.speech.language
        return self.conversation.language if is_auto(chosen) else chosen

    @property
    def in_haste(self) -> bool:
        """Somebody waits for the first sound: from the pause that may end their turn."""
        turn = self.conversation.turn
        if turn is not None and turn.phase is TurnPhase.PAUSED:
            return True
        return self.conversation.replies.alive is not None and self._answering.owes_sound

    @property
    def engaged(self) -> bool:
        """Somebody speaks, or is being answered."""
        return bool(self.conversation.turn or self.conversation.replies.alive)

    @property
    def quiet_since(self) -> float:
        """Since when nothing was said, sent or answered."""
        return now() if self.engaged else self._last_event_at

    @property
    def taken_seconds(self) -> float:
        """How much sound has come from the client."""
        return self._listener.taken_samples / LISTENING_RATE_HZ

    # ------------------------------------------------------------ from the client

    def hear(self, pcm: bytes) -> None:
        """Take PCM16 sound at the client's rate; never waits."""
        taken = self._listener.take(pcm)
        if self._keeps_up and not taken:  # said once, and not for every frame that is dropped
            sentence = "The audio arrives faster than it can be heard; some of it was dropped."
            self._client.tell(told.Problem(sentence, "too_much_audio"))
        self._keeps_up = taken

    def begin_recording(self) -> None:
        """A button is held; from now on comes the sound of one turn."""
        self.happened(ev.TurnOpened())
        self._listener.begin_recording()

    @property
    def hears_recording(self) -> bool:
        """Whether the turn goes on that a button holds; it ends early when it has failed, or when
        it was as long as a turn may be."""
        turn = self.conversation.turn
        return turn is not None and turn.held

    def hear_samples(self, samples: Samples) -> None:
        """Take 16 kHz sound of a recording; never waits."""
        self._listener.take_samples(samples)

    def end_recording(self, let_go_at: float) -> None:
        """All sound of the turn is here."""
        self._listener.end_recording(lambda: self.happened(ev.TurnClosed(let_go_at)))

    def abandon_recording(self) -> None:
        """Nothing can be made of what came."""
        self.happened(ev.TurnAbandoned())
        self._listener.close()

    def listener_played(self, reply: int, played_ms: int) -> None:
        self._answering.listener_played(reply, played_ms)

    def set_sample_rate(self, rate_hz: int) -> None:
        self._listener.set_rate(rate_hz)

    def set_speech(self, speech: Speech) -> None:
        """`UnknownVoice` or `BadInput` when there is no such voice or language."""
        self._engines.tts.resolve(speech.voice, speech.language)
        before, self.speech = self.speech, speech
        if speech.language != before.language:
            self.happened(ev.LanguageChosen(speech.language))

    # ------------------------------------------------------------ events in, commands out

    def happened(self, event: ev.Event) -> None:
        moment = self._last_event_at = now()
        if type(event) in _AFTER_PROGRESS and (progress := self._answering.progress()):
            self._handle(progress, moment)
        self._handle(event, moment)
        self._rearm()

    def _handle(self, event: ev.Event, moment: float) -> None:
        self._timeline.note(event, moment)
        if isinstance(event, ev.EngineFailed):
            self._options.onlookers.engine_failed(event.stage)
        wishes = self.conversation.handle(event, moment)
        if self._recording is not None:
            self._recording.note(event, wishes, moment)
        for command in wishes:
            self._actions[type(command)](command)
            self._timeline.did(command, moment)

    def _rearm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due_at = self.conversation.deadline
        if due_at is not None and self._tasks is not None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(max(due_at - now(), 0.001), self._time_passed)

    def _time_passed(self) -> None:
        at_limit = not self._options.pressure.allows_asking_to_wait
        self.happened(ev.TimePassed(at_limit))

    # ------------------------------------------------------------ listening

    def _feed(self, samples: Samples) -> None:
        if self._recording is not None:
            self._recording.heard(samples, now())
        if self._hearing is not None:
            self._hearing.feed(samples)
            self._judge.feed(samples)

    def _listen(self, command: do.Listen) -> None:
        self._judge.begin()
        self._hearing = TurnHearing(
            command.turn,
            self._engines.stt,
            self._caller,
            to_listen_for(self._engines.stt, self.speech.language, self.language),
            self.happened,
            self._options.pressure,
        )
        self.start(self._hearing.run)

    def _finalise(self, command: do.Finalise) -> None:
        if self._hearing is not None:
            self._hearing.finalise(command.attempt)
            if not self.hears_recording:  # whoever holds a button says when it is over
                self.start(self._judge.judge, command.turn, command.attempt)

    def _stop_listening(self, command: do.StopListening) -> None:
        self._listener.close()
        if self._hearing is not None:
            self._hearing.stop()
            self._hearing = None

    # ------------------------------------------------------------ answering

    def _think(self, command: do.Think) -> None:
        self._answering.think(command, self.speech, self.language)

    def _say(self, command: do.Say) -> None:
        self._answering.say(command, self.speech, self.language)

    def _say_first(self, command: do.SayFirst) -> None:
        self._answering.say_first(command, self.speech, self.language)

    # ------------------------------------------------------------ telling and remembering

    def _tell(self, command: do.Tell) -> None:
        self._teller.tell(command.told)

    def _remember(self, command: do.Remember) -> None:
        self._teller.remember(command.turn, self._timeline.of(command.turn.number))

    def start(self, work: Callable[..., Any], *arguments: Any) -> None:
        """Do this beside everything else, and no longer than the call lasts."""
        if self._tasks is not None:
            with witnessed(self._engine_switched):
                self._tasks.start_soon(work, *arguments)

    def _engine_switched(self, switch: Switch) -> None:
        told_as = {"kind": switch.kind, "from": switch.before, "to": switch.after}
        self._timeline.switched({**told_as, "why": switch.why}, now())
