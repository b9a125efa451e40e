"""A recording in the place of the microphone, and both sides on another."""

from __future__ import annotations

import numpy as np

from repartee.audio.wav import read_wav
from repartee.talking.playout import Playout
from repartee.talking.tape import Tape, mixed

FRAME = 320


def test_the_recording_comes_frame_by_frame_and_then_silence() -> None:
    recording = np.full(FRAME + 100, 7, np.int16)
    tape = Tape(recording, Playout())
    steps = [(tape.over, tape.step().tolist()) for _ in range(3)]
    assert steps == [
        (False, [7] * FRAME),
        (False, [7] * 100 + [0] * 220),
        (True, [0] * FRAME),
    ]


def test_both_sides_stand_where_they_were_heard() -> None:
    playout = Playout()
    tape = Tape(np.full(16_000, 1_000, np.int16), playout)
    for frame in range(100):
        if frame == 75:
            playout.add(1, np.full(6_000, 500, np.int16))
        tape.step()
    recording = read_wav(tape.wav())
    assert (recording.rate_hz, recording.seconds) == (24_000, 2.0)
    quarter = recording.samples.reshape(8, -1)[:, 3_000]
    assert [round(float(level), -2) for level in quarter] == [1_000] * 4 + [0, 0, 500, 0]


def test_an_empty_tape_is_a_file_too() -> None:
    assert read_wav(Tape(np.zeros(0, np.int16), Playout()).wav()).seconds == 0


def test_what_gets_too_loud_is_clipped() -> None:
    one = np.array([30_000, -30_000, 5], np.int16)
    assert mixed(one, one).tolist() == [32_767, -32_768, 10]
