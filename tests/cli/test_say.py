"""`repartee say`: a text becomes a WAV file."""

import io
import sys
from pathlib import Path

import pytest

from repartee.audio.wav import read_wav
from repartee.cli.say import say
from repartee.errors import ReparteeError
from tests.cli.conftest import SCRIPTED, Run


def test_a_file_is_written(run: Run, tmp_path: Path) -> None:
    result = run("say", "Hello there.", "-o", "hello.wav", **SCRIPTED)
    assert (result.exit_code, result.output) == (0, "")
    recording = read_wav((tmp_path / "hello.wav").read_bytes())
    assert recording.rate_hz == 24_000
    assert recording.seconds == pytest.approx(11 * 0.06, abs=0.01)


def test_a_pipe_gets_the_same_file(run: Run) -> None:
    assert read_wav(run("say", "Hello there.", **SCRIPTED).stdout_bytes).seconds > 0.5


def test_faster_is_shorter(run: Run) -> None:
    slow = read_wav(run("say", "Hello there.", **SCRIPTED).stdout_bytes)
    fast = read_wav(run("say", "Hello there.", "--speed", "2", **SCRIPTED).stdout_bytes)
    assert fast.seconds == pytest.approx(slow.seconds / 2, abs=0.01)


def test_the_text_is_made_speakable(run: Run) -> None:
    plain = run("say", "very good", **SCRIPTED).stdout_bytes
    assert run("say", "**very** _good_", **SCRIPTED).stdout_bytes == plain


def test_a_terminal_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdout", Terminal())
    with pytest.raises(ReparteeError, match=r"terminal.*-o hello\.wav"):
        say("Hello.")


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("```x```", "-o", "x.wav"), "There is nothing to speak in this text."),
        (("Hello.", "-o", "no/such/folder.wav"), "can't be written: No such file or directory."),
        (("Hello.", "-o", "x.wav", "--voice", "nobody"), "nobody"),
    ],
)
def test_what_can_not_be_done_is_said(run: Run, args: tuple[str, ...], sentence: str) -> None:
    result = run("say", *args, **SCRIPTED)
    assert result.exit_code == 1
    assert sentence in result.stderr
    assert result.stderr.count("\n") == 1
