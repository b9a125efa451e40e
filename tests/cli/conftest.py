"""The command line in a folder of its own, with no setting but those that a test gives."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from repartee.cli.main import app
from repartee.settings import Settings
from tests.observe.restored import log_restored

SCRIPTED = {"VAD": "scripted", "STT": "scripted", "LLM": "scripted", "TTS": "scripted"}

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs `repartee` with these arguments and this environment."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    runner = CliRunner()

    def invoke(*args: str, stdin: bytes = b"", **env: str) -> Result:
        return runner.invoke(app, args, input=stdin, env=env)

    with log_restored():
        yield invoke
