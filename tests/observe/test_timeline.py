"""When what happened in a turn: true times, in an order that makes sense, and nothing twice."""

from __future__ import annotations

import pytest

from repartee.conversation import commands as do
from repartee.conversation import events as ev
from repartee.conversation import told
from repartee.observe.timeline import Timeline

UNIX = 1_700_000_000.0
"""What makes a moment of the call one of the calendar."""

OF_A_SPOKEN_REPLY = [
    "stt_start",
    "stt_done",
    "llm_start",
    "llm_first_token",
    "llm_done",
    "tts_start",
    "tts_first_chunk",
    "first_sound_sent",
    "turn_complete",
]


class Watched:
    """A timeline and all that it told; moments are milliseconds since the call began."""

    def __init__(self) -> None:
        self.traces: list[told.Traced] = []
        self.timeline = Timeline(self.traces.append, UNIX)

    def at(self, ms: int, *what: ev.Event | do.Command) -> Watched:
        for one in what:
            if isinstance(one, ev.Event):
                self.timeline.note(one, ms / 1000)
            else:
                self.timeline.did(one, ms / 1000)
        return self

    @property
    def events(self) -> list[str]:
        return [trace.event for trace in self.traces if trace.event != "decided"]

    @property
    def story(self) -> list[tuple[str, int]]:
        """What happened, and after how many milliseconds of the call."""
        return [
            (trace.event, round((trace.at - UNIX) * 1000))
            for trace in self.traces
            if trace.event != "decided"
        ]

    def one(self, event: str) -> told.Traced:
        (trace,) = [trace for trace in self.traces if trace.event == event]
        return trace

    # ------------------------------------------------------------ whole stretches of a turn

    def held_turn(self) -> Watched:
        """A button is held from 1000 to 3000; the words are known at 3050."""
        self.at(1000, ev.TurnOpened(), do.Listen(1))
        self.at(1100, ev.SpeechStarted(1.05))
        self.at(3010, ev.TurnClosed(3.0), do.Finalise(1, 1))
        return self.at(3050, ev.FinalHeard(1, 1, "hello", 0.9), do.StopListening(1))

    def answered(self, reply: int = 1, turn: int = 1, from_ms: int = 3050) -> Watched:
        """Thought, written, voiced and sent within 400 ms."""
        self.at(from_ms, do.Think(reply, (), "spoken", turn), do.Play(reply))
        self.at(from_ms + 100, ev.ReplyText(reply, "Hi"))
        self.at(from_ms + 200, ev.ReplyText(reply, " there."), ev.ReplyWritten(reply))
        self.timeline.voicing(reply, (from_ms + 210) / 1000)
        self.timeline.voiced(reply, (from_ms + 300) / 1000)
        self.timeline.sent(reply, (from_ms + 301) / 1000)
        return self.at(from_ms + 400, do.Tell(told.ReplyCompleted(reply, "spoken", "Hi there.")))


class TestTheCallerIsAskedToWait:
    def test_for_an_answer_and_it_is_told_at_once_why(self) -> None:
        call = Watched().held_turn()
        call.at(3100, do.Think(1, (), "spoken", 1), do.Play(1))
        call.at(4800, do.SayFirst(1, "One moment."))
        trace = call.one("asked_to_hold")
        assert trace.latency_ms == 1800
        assert trace.why == {
            "stage": "llm_first_token",
            "ms": 1700,
            "of_ms": 1800,
            "sentence": "Finding the first word of the answer has taken 1700 ms, and goes on.",
        }

    def test_for_the_words_and_it_is_told_with_the_turn(self) -> None:
        call = Watched()
        call.at(1100, ev.SpeechStarted(1.0), do.Listen(1))
        call.at(2100, ev.SpeechPaused(2.0), do.Finalise(1, 1))
        call.at(3800, do.Say(1, "One moment.", "spoken", 1, holds=True), do.Play(1))
        call.at(5400, do.Tell(told.ReplyCompleted(1, "spoken", "One moment.")))
        assert call.traces == []
        call.at(6000, ev.FinalHeard(1, 1, "hello", 0.9)).answered(2, from_ms=6000)
        trace = call.one("asked_to_hold")
        assert (trace.latency_ms, trace.at) == (1800, UNIX + 3.8)
        assert trace.why is not None
        assert trace.why["stage"] == "stt_done"

    def test_whose_echo_does_not_make_their_turn_longer(self) -> None:
        call = self._echoed()
        call.at(6000, ev.FinalHeard(1, 1, "hello", 0.9)).answered(2, from_ms=6000)
        assert call.one("turn_started").at == UNIX + 2.0
        assert call.one("stt_done").latency_ms == 4000
        call.at(10_100, ev.SpeechStarted(10.0), do.Listen(2))
        call.at(11_100, ev.SpeechPaused(11.0), do.Finalise(2, 1)).answered(3, 2, from_ms=11_200)
        begun = [trace.at for trace in call.traces if trace.event == "turn_started"]
        assert begun == [UNIX + 2.0, UNIX + 11.0]

    def test_but_what_they_said_over_it_does(self) -> None:
        call = self._echoed()
        call.at(4800, do.Finalise(1, 2))
        call.at(6000, ev.FinalHeard(1, 2, "hello there", 0.9)).answered(2, from_ms=6000)
        assert call.one("turn_started").at == UNIX + 4.6
        assert call.one("stt_done").latency_ms == 1400

    def _echoed(self) -> Watched:
        """A voice is over the sentence, until 4.6."""
        call = Watched()
        call.at(1100, ev.SpeechStarted(1.0), do.Listen(1))
        call.at(2100, ev.SpeechPaused(2.0), do.Finalise(1, 1))
        call.at(3800, do.Say(1, "One moment.", "spoken", 1, holds=True), do.Play(1))
        call.at(4200, ev.SpeechStarted(4.1))
        call.at(4700, ev.SpeechPaused(4.6))
        return call

    def test_and_the_turn_is_as_late_as_its_answer(self) -> None:
        call = Watched().held_turn()
        call.at(3100, do.SayFirst(1, "One moment."))  # of a reply that nobody knows
        call.at(3100, do.Think(1, (), "spoken", 1), do.Play(1))
        call.at(4800, do.SayFirst(1, "One moment.")).answered(from_ms=6000)
        last = call.one("turn_complete")
        assert last.latency is not None
        assert last.latency["first_audio_ms"] == 3301
        assert last.why is not None
        assert last.why["sentence"].endswith(" The caller was asked to wait after 1800 ms.")


class TestAHeldTurn:
    def test_it_begins_when_the_button_is_let_go_and_everything_has_its_true_time(self) -> None:
        assert Watched().held_turn().answered().story == [
            ("turn_started", 3000),
            ("stt_start", 3010),
            ("stt_done", 3050),
            ("llm_start", 3050),
            ("llm_first_token", 3150),
            ("llm_done", 3250),
            ("tts_start", 3260),
            ("tts_first_chunk", 3350),
            ("first_sound_sent", 3351),
            ("turn_complete", 3450),
        ]

    def test_latencies_are_counted_from_that_moment(self) -> None:
        watched = Watched().held_turn().answered()
        assert watched.one("turn_started").latency_ms == 0
        assert watched.one("stt_done").latency_ms == 50
        last = watched.one("turn_complete")
        assert last.latency == {
            "stt_ms": 50,
            "llm_first_token_ms": 150,
            "llm_ms": 250,
            "tts_first_chunk_ms": 350,
            "first_audio_ms": 351,
            "total_ms": 450,
        }

    def test_each_carries_the_number_of_its_reply_once_there_is_one(self) -> None:
        watched = Watched().held_turn().answered(reply=4)
        assert {trace.event: trace.reply for trace in watched.traces} == {
            "turn_started": 0,
            "stt_start": 0,
            "stt_done": 0,
            **dict.fromkeys(OF_A_SPOKEN_REPLY[2:], 4),
        }

    def test_the_last_event_says_why_it_took_so_long(self) -> None:
        watched = Watched().held_turn().answered()
        assert watched.one("turn_complete").why == {
            "stage": "tts_first_chunk",
            "ms": 200,
            "of_ms": 351,
            "sentence": "Writing and voicing the first phrase took 200 of 351 ms.",
        }
        assert all(trace.why is None for trace in watched.traces[:-1])

    def test_all_of_it_is_of_one_turn_and_the_next_turn_is_another(self) -> None:
        watched = Watched().held_turn().answered()
        first = {trace.turn_id for trace in watched.traces}
        assert len(first) == 1
        watched.traces.clear()
        watched.at(9000, ev.TurnOpened(), do.Listen(2))
        watched.at(9500, ev.TurnClosed(9.5), do.Finalise(2, 1))
        assert watched.story == [("turn_started", 9500), ("stt_start", 9500)]
        assert {trace.turn_id for trace in watched.traces}.isdisjoint(first)

    def test_one_that_was_as_long_as_a_turn_may_be_ends_then(self) -> None:
        watched = Watched().at(1000, ev.TurnOpened(), do.Listen(1)).at(1100, ev.SpeechStarted(1.05))
        watched.at(61_000, do.Finalise(1, 1))
        watched.at(61_200, ev.FinalHeard(1, 1, "hello", 0.9)).answered(from_ms=61_200)
        assert watched.story[0] == ("turn_started", 61_000)
        assert watched.one("stt_done").latency_ms == 200

    def test_the_times_that_are_kept_are_the_same(self) -> None:
        watched = Watched().at(1000, do.Listen(1)).at(1400, ev.PartialHeard(1, "hel"))
        watched.at(3000, ev.TurnClosed(3.0), do.Finalise(1, 1))
        watched.at(3050, ev.FinalHeard(1, 1, "hello", 0.9)).answered()
        times = watched.timeline.of(1)
        assert times.since_began("first_partial") == pytest.approx(0.4)
        assert times.since_over("stt_done") == pytest.approx(0.05)
        assert times.since_over("first_sound_sent") == pytest.approx(0.351)
        assert times.since_over("first_sound_played") is None
        assert times.id == watched.one("turn_complete").turn_id
        assert times.for_log()["turn_complete_ms"] == 450


class TestAPauseWithinTheTurn:
    def paused(self) -> Watched:
        """The words up to a pause are known, and a reply to them was begun ahead."""
        watched = Watched().at(1000, ev.TurnOpened(), do.Listen(1)).at(1100, ev.SpeechStarted(1.05))
        watched.at(2100, ev.SpeechPaused(2.0), do.Finalise(1, 1))
        watched.at(2200, ev.FinalHeard(1, 1, "hel", 0.9), do.Think(1, (), "spoken", 1))
        watched.at(2300, ev.ReplyText(1, "What"))
        watched.timeline.voicing(1, 2.35)
        watched.timeline.voiced(1, 2.38)
        watched.timeline.unit_took(1, 0.03, 3.3)
        return watched

    def test_of_a_tentative_reply_nothing_is_told(self) -> None:
        assert self.paused().traces == []

    def test_when_the_button_is_let_go_all_of_it_is_told_with_its_true_times(self) -> None:
        watched = self.paused().at(2500, ev.TurnClosed(2.49))
        assert watched.story == [
            ("turn_started", 2490),
            ("stt_start", 2100),
            ("stt_done", 2200),
            ("llm_start", 2200),
            ("llm_first_token", 2300),
            ("tts_start", 2350),
            ("tts_first_chunk", 2380),
        ]
        assert [trace.latency_ms for trace in watched.traces] == [0] * 7

    def test_what_was_thought_ahead_took_no_time(self) -> None:
        watched = self.paused().at(2500, ev.TurnClosed(2.5), do.Play(1))
        watched.timeline.sent(1, 2.501)
        watched.at(2600, do.Tell(told.ReplyCompleted(1, "spoken", "What?")))
        assert watched.one("turn_complete").latency == {
            "stt_ms": 0,
            "llm_first_token_ms": 0,
            "tts_first_chunk_ms": 0,
            "first_audio_ms": 1,
            "total_ms": 100,
        }

    def test_when_the_voice_goes_on_none_of_it_ever_happened(self) -> None:
        watched = self.paused().at(2600, ev.SpeechStarted(2.5), do.Drop(1))
        watched.timeline.voiced(1, 2.61)
        watched.timeline.unit_took(1, 0.04, 3.3)
        watched.at(3010, ev.TurnClosed(3.0), do.Finalise(1, 2))
        watched.at(3050, ev.FinalHeard(1, 2, "hello", 0.9)).answered(reply=2)
        assert watched.events == ["turn_started", *OF_A_SPOKEN_REPLY]
        assert watched.story[1:4] == [("stt_start", 3010), ("stt_done", 3050), ("llm_start", 3050)]
        assert watched.one("turn_complete").units == ()

    def test_a_transcript_of_the_pause_that_comes_late_is_not_the_final_one(self) -> None:
        watched = Watched().at(1000, ev.TurnOpened(), do.Listen(1)).at(1100, ev.SpeechStarted(1.05))
        watched.at(2100, ev.SpeechPaused(2.0), do.Finalise(1, 1))
        watched.at(2200, ev.SpeechStarted(2.15)).at(2250, ev.FinalHeard(1, 1, "hel", 0.9))
        watched.at(3010, ev.TurnClosed(3.0), do.Finalise(1, 2))
        watched.at(3020, ev.FinalHeard(1, 1, "hel", 0.9))
        watched.at(3050, ev.FinalHeard(1, 2, "hello", 0.9))
        assert watched.story == [("turn_started", 3000), ("stt_start", 3010), ("stt_done", 3050)]

    def test_in_a_call_without_a_button_the_turn_began_when_the_voice_ended(self) -> None:
        watched = Watched().at(1000, do.Listen(1))
        watched.at(2100, ev.SpeechPaused(2.0), do.Finalise(1, 1))
        watched.at(2200, ev.FinalHeard(1, 1, "hello", 0.9))
        assert watched.traces == []
        watched.answered(from_ms=2400)
        assert watched.story[0] == ("turn_started", 2000)
        assert watched.one("stt_done").latency_ms == 200
        assert watched.one("turn_complete").latency_ms == 800


class TestRepliesThatTheModelDoesNotWrite:
    def test_fixed_words_are_no_work_of_the_model(self) -> None:
        watched = Watched().held_turn()
        watched.at(3050, do.Say(1, "Sorry?", "spoken", 1), do.Play(1))
        watched.at(3051, ev.ReplyText(1, "Sorry?"), ev.ReplyWritten(1))
        watched.timeline.voicing(1, 3.06)
        watched.timeline.voiced(1, 3.07)
        watched.timeline.sent(1, 3.07)
        watched.at(3080, do.Tell(told.ReplyCompleted(1, "spoken", "Sorry?")))
        assert [event for event in watched.events if event.startswith("llm")] == []
        latency = watched.one("turn_complete").latency
        assert latency is not None
        assert set(latency) == {"stt_ms", "tts_first_chunk_ms", "first_audio_ms", "total_ms"}

    def test_an_apology_ends_the_turn_whose_reply_failed(self) -> None:
        watched = Watched().held_turn()
        watched.at(3050, do.Think(1, (), "spoken", 1), do.Play(1))
        watched.at(3100, ev.EngineFailed("thinking", "It broke.", reply=1), do.Hush(1))
        watched.at(3100, do.Say(2, "Sorry.", "spoken"), do.Play(2))
        watched.at(3101, ev.ReplyText(2, "Sorry."), ev.ReplyWritten(2))
        watched.at(3200, do.Tell(told.ReplyCompleted(2, "spoken", "Sorry.")))
        assert watched.events == [
            "turn_started",
            "stt_start",
            "stt_done",
            "llm_start",
            "turn_complete",
        ]
        assert len({trace.turn_id for trace in watched.traces}) == 1

    def test_it_is_kept_beside_that_reply_under_an_id_of_its_own(self) -> None:
        watched = Watched().held_turn()
        watched.at(3050, do.Think(1, (), "spoken", 1), do.Say(2, "Sorry.", "spoken"))
        times = watched.timeline.of(2)
        assert times is watched.timeline.of(1)
        assert times.id_to_keep(1) == times.id
        assert times.id_to_keep(2) not in ("", times.id)
        assert times.id_to_keep(2) == times.id_to_keep(2)

    def test_a_greeting_is_a_turn_of_its_own(self) -> None:
        watched = Watched().held_turn().answered()
        watched.at(5000, do.Say(2, "Still there?", "spoken"), do.Play(2))
        watched.at(5100, do.Tell(told.ReplyCompleted(2, "spoken", "Still there?")))
        assert watched.story[-2:] == [("turn_started", 5000), ("turn_complete", 5100)]
        assert watched.timeline.of(2).id != watched.timeline.of(1).id

    def test_a_typed_message_is_a_turn_that_nobody_heard(self) -> None:
        watched = Watched().answered(turn=0, from_ms=5000)
        assert watched.story[0] == ("turn_started", 5000)
        assert watched.events == ["turn_started", "llm_start", *OF_A_SPOKEN_REPLY[3:]]
        assert watched.one("turn_complete").latency_ms == 400
        first = watched.timeline.of(1).id
        assert watched.answered(reply=2, turn=0, from_ms=6000).timeline.of(2).id != first

    def test_one_that_nobody_knows_of_has_no_times(self) -> None:
        times = Watched().timeline.of(7)
        assert times.moments == {}
        assert times.for_log() == {}
        assert min(times.began_at, 3.0) == 3.0


class TestBeingCutOff:
    def test_it_is_the_last_that_is_told_of_the_turn(self) -> None:
        watched = Watched().held_turn()
        watched.at(3050, do.Think(1, (), "spoken", 1), do.Play(1))
        watched.at(4000, ev.TurnOpened(), do.Hush(1))
        watched.at(4000, do.Tell(told.ReplyInterrupted(1, "spoken", "")), do.Listen(2))
        watched.at(4001, ev.ReplyText(1, "Hi"))
        watched.timeline.voiced(1, 4.001)
        assert watched.story[-1] == ("turn_interrupted", 4000)
        assert watched.one("turn_interrupted").latency_ms == 1000

    def test_a_turn_that_was_not_answered_yet_is_cut_off_too(self) -> None:
        watched = Watched().at(1000, ev.TurnOpened(), do.Listen(1))
        watched.at(2000, ev.TurnClosed(2.0), do.Finalise(1, 1))
        watched.at(2020, ev.TurnOpened(), do.StopListening(1), do.Listen(2))
        assert watched.events == ["turn_started", "stt_start", "turn_interrupted"]

    def test_one_that_is_still_held_was_never_told_of(self) -> None:
        watched = Watched().at(1000, ev.TurnOpened(), do.Listen(1))
        watched.at(2020, ev.TurnOpened(), do.StopListening(1), do.Listen(2))
        assert watched.traces == []

    def test_a_reply_that_has_left_may_be_cut_off_while_it_is_played(self) -> None:
        watched = Watched().held_turn().answered()
        watched.at(4000, ev.TurnOpened(), do.Hush(1))
        watched.at(4000, do.Tell(told.ReplyInterrupted(1, "spoken", "Hi")))
        assert watched.events[-2:] == ["turn_complete", "turn_interrupted"]

    def test_one_that_was_played_to_its_end_was_not(self) -> None:
        watched = Watched().held_turn().answered()
        watched.at(9000, ev.TurnOpened(), do.Listen(2))
        assert watched.events[-1] == "turn_complete"

    def test_an_interrupt_without_a_reply_tells_nothing(self) -> None:
        watched = Watched().at(1000, do.Tell(told.ReplyInterrupted(0, "spoken", "")))
        assert watched.traces == []


class TestAVoiceOverAReply:
    def test_the_new_turn_and_the_reply_keep_their_own_times(self) -> None:
        watched = Watched().held_turn()
        watched.at(3050, do.Think(1, (), "spoken", 1), do.Play(1))
        first = watched.timeline.of(1).id
        watched.at(3500, ev.SpeechStarted(3.4), do.Listen(2), do.Duck(1))
        watched.at(3600, ev.PartialHeard(2, "stop"), do.Hush(1))
        watched.at(3600, do.Tell(told.ReplyInterrupted(1, "spoken", "")))
        watched.at(4100, ev.SpeechPaused(4.0), do.Finalise(2, 1))
        watched.at(4200, ev.FinalHeard(2, 1, "stop", 0.9)).answered(2, 2, 4500)
        of_first = [trace for trace in watched.traces if trace.turn_id == first]
        of_second = [trace for trace in watched.traces if trace.turn_id != first]
        assert of_first[-1].event == "turn_interrupted"
        assert of_second[0].event == "turn_started"
        assert of_second[0].at - UNIX == pytest.approx(4.0)
        assert of_second[-1].latency_ms == 900

    def test_a_cough_leaves_no_trace(self) -> None:
        watched = Watched().held_turn()
        watched.at(3050, do.Think(1, (), "spoken", 1), do.Play(1))
        for turn in range(2, 20):
            watched.at(3100 + turn, ev.SpeechStarted(3.1), do.Listen(turn), do.Duck(1))
            watched.at(3200 + turn, ev.SpeechPaused(3.1), do.Finalise(turn, 1))
            watched.at(3300 + turn, ev.FinalHeard(turn, 1, "", 0.0), do.StopListening(turn))
        watched.at(9000, do.Tell(told.ReplyCompleted(1, "spoken", "Hi.")))
        assert len({trace.turn_id for trace in watched.traces}) == 1
        assert watched.one("turn_complete").latency_ms == 6000


def test_the_phrases_are_counted_with_the_last_event() -> None:
    watched = Watched().held_turn()
    watched.at(3050, do.Think(1, (), "spoken", 1), do.Play(1))
    watched.timeline.unit_took(1, 0.04, 3.3)
    watched.timeline.unit_took(1, 0.05, 3.3)
    watched.at(3500, do.Tell(told.ReplyCompleted(1, "spoken", "Hi. You.")))
    assert watched.one("turn_complete").units == (0.04, 0.05)
    assert watched.one("stt_done").units == ()


def test_what_the_listener_reports_counts() -> None:
    watched = Watched().held_turn().answered()
    watched.timeline.played(1, 3.5)
    assert watched.story[-1] == ("first_sound_played", 3500)


SWITCH = {"kind": "llm", "from": "gemini", "to": "llamacpp", "why": "It can't be reached."}
EAR = {"kind": "stt", "from": "deepgram", "to": "pocketsphinx", "why": "It was late."}


class TestOneEngineForAnother:
    def test_it_is_told_at_its_time_among_the_rest(self) -> None:
        watched = Watched()
        watched.at(1000, ev.TurnOpened(), do.Listen(1))
        watched.timeline.switched(EAR, 2.0)
        watched.at(3010, ev.TurnClosed(3.0), do.Finalise(1, 1))
        watched.at(3050, ev.FinalHeard(1, 1, "hello", 0.9), do.StopListening(1))
        watched.at(3050, do.Think(1, (), "spoken", 1), do.Play(1))
        watched.timeline.switched(SWITCH, 3.1)
        told_at = [at for event, at in watched.story if event == "engine_switched"]
        assert told_at == [2000, 3100]
        assert [one.switch for one in watched.traces if one.switch] == [EAR, SWITCH]

    def test_a_tentative_replys_is_told_when_the_turn_is_over(self) -> None:
        watched = Watched()
        watched.at(1000, do.Listen(1)).at(2000, ev.SpeechPaused(1.9), do.Finalise(1, 1))
        watched.at(2050, ev.FinalHeard(1, 1, "hello", 0.9), do.Think(1, (), "spoken", 1))
        watched.timeline.switched(SWITCH, 2.1)
        assert watched.traces == []
        watched.at(2400, do.Play(1))
        assert watched.one("engine_switched").switch == SWITCH

    def test_outside_of_a_turn_there_is_nothing_to_tell(self) -> None:
        watched = Watched()
        watched.timeline.switched(EAR, 2.0)
        watched.timeline.switched(SWITCH, 2.0)
        assert watched.traces == []
