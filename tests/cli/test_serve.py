"""`repartee serve` hands the settings to the server, flags over environment."""

import pytest

from repartee.settings import Settings
from tests.cli.conftest import Run

Started = list[tuple[Settings, bool]]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    calls: Started = []
    monkeypatch.setattr(
        "repartee.server.run.serve", lambda settings, browser: calls.append((settings, browser))
    )
    return calls


def test_flags_override_the_environment(run: Run, started: Started) -> None:
    result = run("serve", "--port", "9001", "--stt", "scripted", PORT="9000", TTS="scripted")
    assert result.exit_code == 0
    [(settings, browser)] = started
    assert (settings.port, settings.stt, settings.tts) == (9001, "scripted", "scripted")
    assert browser is False


def test_the_page_opens_where_that_is_wanted(run: Run, started: Started) -> None:
    run("serve", "--open")
    assert started[0][1] is True


def test_every_flag_reaches_its_setting(run: Run, started: Started) -> None:
    flags = {
        "host": "0.0.0.0",
        "llm": "scripted",
        "vad": "scripted",
        "llm-model": "big.gguf",
        "language": "de",
        "voice": "bm_lewis",
        "script": "play.toml",
        "log-level": "ERROR",
        "log-format": "json",
    }
    run("serve", *(part for name, value in flags.items() for part in (f"--{name}", value)))
    [(settings, _)] = started
    other_names = {"language": "default_language", "voice": "tts_default_voice"}
    for flag, value in flags.items():
        assert getattr(settings, other_names.get(flag, flag.replace("-", "_"))) == value
