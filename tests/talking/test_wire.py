"""The client reads what the server's own dialect writes, and survives whatever else may come."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.audio.pcm import Samples
from repartee.conversation import events as ev
from repartee.conversation import told
from repartee.dialects.protocol import PlaybackReported
from repartee.dialects.ws import WsDialect
from repartee.talking import wire

SOUND: Samples = np.arange(-240, 240, dtype=np.int16)
FRAMES = (
    WsDialect().render_sound(1, SOUND, "Noon."),
    WsDialect().render_unit(1, "Noon.", SOUND),
)


def said(*frames: str | bytes) -> list[wire.Said | None]:
    return [wire.parse(frame) for frame in frames]


def rendered(*what: told.Told) -> list[wire.Said | None]:
    dialect = WsDialect()
    return said(*(frame for one in what for frame in dialect.render(one)))


class TestWhatTheServerSays:
    def test_a_spoken_turn(self) -> None:
        assert rendered(
            told.UserPartial("what time"),
            told.UserFinal("what time is it", 0.8, 40),
            told.ReplyStarted(3, "spoken"),
            told.ReplyPiece(3, "spoken", "Noon."),
            told.ReplyCompleted(3, "spoken", "Noon."),
        ) == [
            wire.Understood("what time", False),
            wire.Understood("what time is it", True),
            wire.ReplyBegan(3),
            wire.ReplyWritten(3, "Noon."),
            wire.ReplyEnded(3),
        ]

    def test_a_typed_turn(self) -> None:
        assert rendered(
            told.ReplyStarted(1, "typed"),
            told.ReplyPiece(1, "typed", "Noon."),
            told.ReplyCompleted(1, "typed", "Noon."),
        ) == [wire.ReplyBegan(1), wire.ReplyWritten(1, "Noon."), wire.ReplyEnded(1)]

    def test_all_that_ends_otherwise(self) -> None:
        assert rendered(
            told.ReplyInterrupted(2, "typed", "It is"), told.Problem("No room.", "refused")
        ) == [wire.ReplyCut(2, "It is"), wire.Complained("No room.")]

    def test_the_greeting(self) -> None:
        assert said(WsDialect().greet("x")) == [wire.Connected()]

    @pytest.mark.parametrize("frame", FRAMES)
    def test_sound_in_pieces_and_in_files(self, frame: str | bytes) -> None:
        [spoken] = said(frame)
        assert isinstance(spoken, wire.ReplySpoken)
        assert (spoken.reply, spoken.phrase) == (1, "Noon.")
        assert (spoken.samples == SOUND).all()

    @pytest.mark.parametrize(
        "frame",
        [
            "",
            "[]",
            "null",
            '{"type":"pong"}',
            '{"type":"status","data":"what?"}',
            '{"type":"status"}',
            '{"type":"audio","data":"*","reply":1}',
            '{"type":"audio","data":"AAAA","reply":"one"}',
            '{"type":"chunk","data":{"type":"audio","data":"AAAA"},"reply":1}',
            b"\xff\xfe",
            "[" * 100_000,
        ],
    )
    def test_anything_else_is_nothing(self, frame: str | bytes) -> None:
        assert wire.parse(frame) is None

    @given(st.text() | st.binary())
    def test_nothing_that_comes_does_any_harm(self, frame: str | bytes) -> None:
        wire.parse(frame)


class TestWhatItIsTold:
    def test_the_dialect_understands(self) -> None:
        dialect = WsDialect()
        assert dialect.parse(wire.typed('“Hi” "there"')) == ev.Typed('“Hi” "there"')
        assert dialect.parse(wire.INTERRUPT) == ev.InterruptRequested()
        assert dialect.parse(wire.played(2, 340)) == PlaybackReported(2, 340)
