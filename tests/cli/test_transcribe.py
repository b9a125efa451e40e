"""`repartee transcribe`: a recording becomes words."""

import json
from pathlib import Path

import numpy as np
import pytest

from repartee.audio.wav import wav_bytes
from tests.audio.encoded import encoded
from tests.cli.conftest import SCRIPTED, Run
from tests.recordings import FOLDER as RECORDINGS

SECOND = wav_bytes(np.full(8_000, 500, np.int16), 8_000)


@pytest.fixture
def recording(tmp_path: Path) -> str:
    path = tmp_path / "recording.wav"
    path.write_bytes(SECOND)
    return str(path)


def test_the_words_are_printed(run: Run, recording: str) -> None:
    assert run("transcribe", recording, **SCRIPTED).stdout == "Hello, can you hear me?\n"


def test_standard_input_is_read_too(run: Run) -> None:
    result = run("transcribe", "-", stdin=SECOND, **SCRIPTED)
    assert result.stdout == "Hello, can you hear me?\n"


def test_json_says_more(run: Run, recording: str) -> None:
    assert json.loads(run("transcribe", recording, "--json", **SCRIPTED).stdout) == {
        "text": "Hello, can you hear me?",
        "language": "en",
        "confidence": 0.95,
        "duration_seconds": 1.0,
        "model": "scripted",
    }


def test_no_words_are_no_output(run: Run, tmp_path: Path) -> None:
    (tmp_path / "silence.wav").write_bytes(wav_bytes(np.zeros(16_000, np.int16), 16_000))
    result = run("transcribe", "silence.wav", **SCRIPTED)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "No words were heard.\n"


def test_a_file_that_is_not_there(run: Run) -> None:
    result = run("transcribe", "none.wav", **SCRIPTED)
    assert result.exit_code == 1
    assert result.stderr == "none.wav can't be read: No such file or directory.\n"


def test_a_file_that_is_no_sound(run: Run, tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("Hello")
    result = run("transcribe", "text.wav", **SCRIPTED)
    assert result.exit_code == 1
    assert result.stderr.startswith("This is not a recording that can be decoded.")


def test_any_recording_will_do(run: Run, tmp_path: Path) -> None:
    (tmp_path / "recording.webm").write_bytes(encoded("webm, live"))
    result = run("transcribe", "recording.webm", **SCRIPTED)
    assert result.stdout == "Hello, can you hear me?\n"


@pytest.mark.engines
def test_a_recorded_question_is_written_down(run: Run) -> None:
    heard = run("transcribe", str(RECORDINGS / "q1_weather.wav")).stdout
    assert "in paris today" in heard
