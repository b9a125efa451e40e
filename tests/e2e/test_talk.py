"""`repartee talk` and a server as `make run` starts it: a recording asks, and is answered aloud."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from repartee.audio.wav import read_wav, wav_bytes
from repartee.testing.server_process import ServerProcess

pytestmark = [pytest.mark.engines, pytest.mark.timeout(120)]

RECORDINGS = Path(__file__).parents[1] / "recordings"
QUESTION = RECORDINGS / "q1_weather.wav"
ASKED_UNTIL = 3.06


def talk(server: ServerProcess, *args: str) -> list[str]:
    """The captions."""
    command = [sys.executable, "-m", "repartee", "talk", "--url", server.url, *args]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_a_recording_asks_and_both_sides_are_written_down(
    embedded: ServerProcess, tmp_path: Path
) -> None:
    out = tmp_path / "out.wav"
    question, *answer = talk(embedded, "--wav", str(QUESTION), "--out", str(out))
    assert question.startswith("you  ")
    assert "weather" in question
    assert all(line.startswith("     ") for line in answer)
    assert "".join(answer).strip()
    heard = read_wav(out.read_bytes())
    loud = np.flatnonzero(np.abs(heard.samples.astype(np.int32)) > 800) / heard.rate_hz
    assert loud[0] == pytest.approx(1.0, abs=0.3), "the question, where it is in the recording"
    after = loud[loud > ASKED_UNTIL + 0.15]
    assert len(after), "the reply"
    assert after[0] > ASKED_UNTIL + 0.2, "and it does not begin before the question is over"


def test_it_can_be_faster(embedded: ServerProcess) -> None:
    question, *_ = talk(embedded, "--wav", str(QUESTION), "--fast")
    assert "weather" in question


def test_silence_is_answered_by_nobody(scripted: ServerProcess, tmp_path: Path) -> None:
    silence = tmp_path / "silence.wav"
    silence.write_bytes(wav_bytes(np.zeros(8_000, np.int16), 16_000))
    assert talk(scripted, "--wav", str(silence)) == []
