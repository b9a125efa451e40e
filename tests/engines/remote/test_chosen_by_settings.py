"""From settings to the engines that ask servers elsewhere: which one, where, and how patiently."""

from __future__ import annotations

from typing import Any

import pytest

from repartee.engines import build
from repartee.engines.registry import Registry
from repartee.settings import Settings


def loaded(**env: str) -> Settings:
    return Settings.load(env, dotenv=None)


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the engine is created with."""
    seen: dict[str, Any] = {}
    monkeypatch.setattr(
        Registry, "create", lambda self, kind, name, **settings: seen.update(settings)
    )
    return seen


class TestWhichOne:
    @pytest.mark.parametrize(
        ("env", "stt", "tts"),
        [
            ({}, "pocketsphinx", "espeak"),
            ({"SST_BROKER_URL": "http://gpu:9082"}, "sst-broker", "espeak"),
            ({"TTS_BROKER_URL": "http://gpu:8080"}, "pocketsphinx", "tts-broker"),
            ({"SST_BROKER_URL": "http://gpu:9082", "STT": "scripted"}, "scripted", "espeak"),
            ({"SST_BROKER_URL": "http://gpu:9082", "STT": ""}, "sst-broker", "espeak"),
            ({"TTS_BROKER_URL": "http://gpu:8080", "TTS": "espeak"}, "pocketsphinx", "espeak"),
            ({"SST_BROKER_URL": "  "}, "pocketsphinx", "espeak"),
            ({"STT": "broker", "TTS": "Broker"}, "sst-broker", "tts-broker"),
            ({"STT": "broker, pocketsphinx"}, "sst-broker,pocketsphinx", "espeak"),
        ],
    )
    def test_a_broker_is_used_by_whoever_says_where_it_is(
        self, env: dict[str, str], stt: str, tts: str
    ) -> None:
        settings = loaded(**env)
        assert (settings.stt, settings.tts) == (stt, tts)

    def test_engines_bear_their_own_names(self) -> None:
        settings = loaded(STT="broker", TTS="broker")
        assert build.recognizer(settings).name == "sst-broker"
        assert build.synthesizer(settings).name == "tts-broker"


class TestWhere:
    @pytest.mark.parametrize(
        ("env", "url"),
        [
            ({}, "http://localhost:8082"),
            ({"REMOTE_SST_HOST": "gpu", "REMOTE_SST_PORT": "80"}, "http://gpu:80"),
            ({"REMOTE_SST_HOST": "::1"}, "http://[::1]:8082"),
            ({"REMOTE_SST_URL": "https://w.example", "REMOTE_SST_HOST": "x"}, "https://w.example"),
        ],
    )
    def test_a_whisper_server(self, env: dict[str, str], url: str, given: dict[str, Any]) -> None:
        build.recognizer(loaded(STT="whispercpp", **env))
        assert given["base_url"] == url

    @pytest.mark.parametrize(
        ("env", "url"),
        [
            ({}, "http://localhost:8081"),
            ({"REMOTE_TTS_HOST": "gpu", "REMOTE_TTS_PORT": "80"}, "http://gpu:80"),
            ({"REMOTE_TTS_URL": "https://k.example", "REMOTE_TTS_HOST": "x"}, "https://k.example"),
        ],
    )
    def test_a_kokoro_server(self, env: dict[str, str], url: str) -> None:
        assert loaded(**env).kokoro_url == url

    def test_a_broker_is_on_this_machine_unless_it_is_said(self) -> None:
        settings = loaded(STT="broker", TTS="broker")
        assert "localhost:9082" in repr(build.recognizer(settings))
        assert "localhost:8080" in repr(build.synthesizer(settings))


class TestHowPatiently:
    @pytest.mark.parametrize("stt", ["whispercpp", "sst-broker"])
    def test_a_recording_may_take_its_time(self, stt: str, given: dict[str, Any]) -> None:
        build.recognizer(loaded(STT=stt))
        assert given["timeout_s"] == 300
        build.recognizer(loaded(STT=stt, SST_REQUEST_TIMEOUT="600"))
        assert given["timeout_s"] == 600

    @pytest.mark.parametrize("tts", ["kokoro-server", "tts-broker"])
    def test_a_text_may_take_less(self, tts: str) -> None:
        wanted = Registry().settings_of("tts", tts)
        assert wanted["timeout_s"] == "tts_request_timeout"
        assert getattr(loaded(), wanted["timeout_s"]) == 30
