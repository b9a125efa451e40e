"""The command itself: what it is called, how it fails, how light it is."""

import re
import subprocess
import sys

from repartee.installing import version
from tests.cli.conftest import Run


def test_it_says_its_version(run: Run) -> None:
    assert run("--version").stdout == f"repartee {version()}\n"


def test_without_a_verb_it_says_what_it_can_do(run: Run) -> None:
    shown = run().output
    assert all(verb in shown for verb in ("serve", "say", "transcribe", "doctor", "replay"))


def test_a_wrong_setting_is_one_sentence_and_exit_code_2(run: Run) -> None:
    result = run("serve", PORT="eighty")
    assert result.exit_code == 2
    assert result.stderr == "PORT is 'eighty', but must be a whole number from 1 to 65535.\n"


def test_a_wrong_flag_is_told_in_the_same_way(run: Run) -> None:
    result = run("say", "Hello.", "--speed", "3", "-o", "x.wav")
    assert result.exit_code == 2
    assert result.stderr == (
        "TTS_DEFAULT_SPEED is 3.0, but must be a number above 0 and at most 2.\n"
    )


def test_an_engine_that_does_not_exist_is_a_wrong_setting(run: Run) -> None:
    result = run("say", "Hello.", "-o", "x.wav", TTS="gramophone")
    assert result.exit_code == 2
    assert re.fullmatch(
        r"TTS is 'gramophone', but must be espeak, .* or scripted\.\n", result.stderr
    )


def test_debug_shows_where_an_error_arose(run: Run) -> None:
    assert "Traceback" not in run("transcribe", "none.wav").stderr
    assert "Traceback" in run("transcribe", "none.wav", DEBUG="1").stderr


def test_nothing_heavy_is_loaded_to_show_the_help() -> None:
    heavy = "{'numpy', 'pydantic', 'fastapi', 'uvicorn', 'onnxruntime'}"
    program = f"import sys, repartee.cli.main; print({heavy} & sys.modules.keys() or 'none')"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "none\n"
