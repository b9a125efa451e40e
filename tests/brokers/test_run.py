"""`repartee broker`, as it is started, asked by a server's engines, and told to stop."""

from __future__ import annotations

import base64
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from typer.testing import CliRunner, Result

from repartee.brokers.door import in_the_servers_place
from repartee.brokers.run import where_it_listens
from repartee.cli.broker import app
from repartee.engines.protocols import Caller, Speech
from repartee.engines.stt.sst_broker import SstBroker
from repartee.engines.tts.tts_broker import TtsBroker
from repartee.engines.tts.whole import whole_sound
from repartee.settings import Settings
from tests.observe.restored import log_restored
from tests.programs import needed_program
from tests.recordings import FOLDER


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def a_broker(
    kind: str, folder: Path, engine: str = "scripted", host: str = "127.0.0.1", **settings: str
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """One with an engine of its own: its address, and its process."""
    port = a_free_port()
    flags = ["--host", host, "--port", str(port), "--engine", engine]
    process = subprocess.Popen(
        [sys.executable, "-m", "repartee", "broker", kind, *flags],
        env={**os.environ, **settings},
        cwd=folder,
        stderr=subprocess.DEVNULL,
    )
    url = f"{'https' if 'TLS_CERT' in settings else 'http'}://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 30
        while not answers(url):
            assert process.poll() is None, "the broker did not start"
            assert time.monotonic() < until, "the broker takes too long to start"
            time.sleep(0.05)
        yield url, process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(10)


def answers(url: str) -> bool:
    trust = ssl._create_unverified_context()
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=2, context=trust):
            return True
    except OSError:
        return False


@pytest.mark.anyio
async def test_a_server_hears_through_an_stt_broker(tmp_path: Path) -> None:
    with a_broker("stt", tmp_path, VAD="scripted") as (url, process):
        stt = SstBroker(base_url=url)
        await stt.open()
        async with stt.listen(Caller("test"), "en") as hearing:
            hearing.feed(np.full(16_000, 8_000, np.int16))
            transcript = await hearing.settle()
        await stt.close()
        assert transcript.text == "Hello, can you hear me?"
        assert transcript.confidence == pytest.approx(0.95)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


@pytest.mark.anyio
async def test_a_server_speaks_through_a_tts_broker(tmp_path: Path) -> None:
    with a_broker("tts", tmp_path) as (url, process):
        tts = TtsBroker(base_url=url)
        await tts.open()
        sound = await whole_sound(tts, "Hello there.", Speech(voice="bm"))
        await tts.close()
        assert (len(sound.samples), sound.rate_hz) == (24_000 * 11 * 60 // 1000, 24_000)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0


# ---------------------------------------------------------------- who may come in


@pytest.mark.parametrize("kind", ["stt", "tts"])
def test_the_network_is_let_in_with_a_key(kind: str, tmp_path: Path) -> None:
    key = "a-key-of-the-broker"
    keys = {"SST_BROKER_KEYS": key, "TTS_BROKER_KEYS": key, "VAD": "scripted"}
    with a_broker(kind, tmp_path, host="0.0.0.0", **keys) as (url, _):
        assert httpx.get(f"{url}/info").status_code == 401
        assert httpx.get(f"{url}/info", headers={"X-API-Key": key}).status_code == 200
        assert httpx.get(f"{url}/healthz", headers={"Host": "evil.example"}).status_code == 421


def test_nobody_on_the_way_reads_the_key_where_there_is_a_certificate(tmp_path: Path) -> None:
    made = [
        needed_program("openssl", package="openssl"),
        *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
        *("-keyout", "key.pem", "-out", "cert.pem", "-days", "2", "-subj", "/CN=127.0.0.1"),
        *("-addext", "subjectAltName=IP:127.0.0.1"),
    ]
    subprocess.run(made, cwd=tmp_path, check=True, capture_output=True)
    trust = ssl.create_default_context(cafile=tmp_path / "cert.pem")
    encrypted = {"TLS_CERT": "cert.pem", "TLS_KEY": "key.pem"}
    strangers = {"TTS_BROKER_ALLOW_STRANGERS": "true"}
    with a_broker("tts", tmp_path, host="0.0.0.0", **encrypted, **strangers) as (url, _):
        assert httpx.get(f"{url}/info", verify=trust).status_code == 200


def test_or_without_one_where_that_is_said(tmp_path: Path) -> None:
    strangers = {"TTS_BROKER_ALLOW_STRANGERS": "true"}
    with a_broker("tts", tmp_path, host="0.0.0.0", **strangers) as (url, _):
        assert httpx.get(f"{url}/info").status_code == 200


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "http://127.0.0.1:8080 and lets everybody in on this machine; --host 0.0.0.0 and "),
        (
            {"api_keys": "a-key-of-the-server", "tls_cert": "cert.pem", "host": "0.0.0.0"},
            "http://127.0.0.1:8080 and asks for a key on this machine; --host 0.0.0.0 and ",
        ),
        (
            {"tts_broker_host": "0.0.0.0", "tls_cert": "cert.pem"},
            "https://0.0.0.0:8080 and asks for a key.",
        ),
        (
            {"tts_broker_host": "0.0.0.0", "tts_broker_allow_strangers": True},
            "http://0.0.0.0:8080 and lets everybody in.",
        ),
    ],
)
def test_it_says_how_it_is_asked_and_what_it_asks_for(given: dict[str, Any], told: str) -> None:
    as_server = in_the_servers_place(Settings.model_validate(given), "tts")
    assert f"{where_it_listens(as_server)}.".startswith(told)


# ---------------------------------------------------------------- the engines that come with it


@pytest.mark.engines
def test_pocketsphinx_is_an_stt_server_with_one_command(tmp_path: Path) -> None:
    recording = {"file": ("q.wav", (FOLDER / "q1_weather.wav").read_bytes())}
    with a_broker("stt", tmp_path, "pocketsphinx") as (url, process):
        told = httpx.get(f"{url}/info").json()
        assert (told["engine"], told["languages"]) == ("pocketsphinx", ["en"])
        heard = httpx.post(f"{url}/inference", files=recording, timeout=30).json()
        assert {"what", "weather", "paris", "today"} <= set(heard["text"].split())
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


@pytest.mark.engines
def test_espeak_is_a_tts_server_with_one_command(tmp_path: Path) -> None:
    with a_broker("tts", tmp_path, "espeak") as (url, process):
        told = httpx.get(f"{url}/info").json()
        assert told["engine"] == "espeak"
        assert {"en-us", "de"} <= set(told["languages"])
        wish = {"text": "Hello there, how are you?", "voice": "bf_emma"}
        spoken = httpx.post(f"{url}/synthesize", json=wish, timeout=30).json()
        sound = np.frombuffer(base64.b64decode(spoken["audio_base64"]), "<f4")
        assert (spoken["format"], spoken["audio_sample_rate"]) == ("float32", 24_000)
        assert 1 < len(sound) / 24_000 < 4
        assert 0.1 < np.abs(sound).max() <= 1
        assert np.sqrt(np.square(sound).mean()) > 0.01
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


# ---------------------------------------------------------------- its flags and settings

Started = list[tuple[Settings, str | None]]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    calls: Started = []
    monkeypatch.setattr(
        "repartee.brokers.run.run_broker",
        lambda kind, settings, engine: calls.append((settings, engine)),
    )
    return calls


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)

    def invoke(*args: str, **env: str) -> Result:
        return CliRunner().invoke(app, args, env=env)

    with log_restored():
        yield invoke


def test_the_usual_ports_are_those_of_other_brokers(run: Any, started: Started) -> None:
    run("stt")
    run("tts")
    [(settings, engine), _] = started
    assert engine is None
    assert (settings.sst_broker_port, settings.remote_sst_port) == (9082, 8082)
    assert (settings.tts_broker_port, settings.remote_tts_port) == (8080, 8081)
    assert (settings.sst_request_timeout, settings.tts_request_timeout) == (300, 30)


def test_flags_override_the_environment(run: Any, started: Started) -> None:
    run("stt", "--port", "1001", "--engine", "pocketsphinx", SST_BROKER_PORT="1002")
    [(settings, engine)] = started
    assert (settings.sst_broker_port, engine) == (1001, "pocketsphinx")


@pytest.mark.parametrize(("kind", "field"), [("stt", "remote_sst"), ("tts", "remote_tts")])
def test_a_machine_on_the_command_line_beats_an_address_in_the_environment(
    kind: str, field: str, run: Any, started: Started
) -> None:
    run(kind, "--remote-host", "gpu", "--remote-port", "7", **{f"{field.upper()}_URL": "http://x"})
    [(settings, _)] = started
    assert getattr(settings, f"{field}_url") is None
    assert (getattr(settings, f"{field}_host"), getattr(settings, f"{field}_port")) == ("gpu", 7)


@pytest.mark.parametrize("kind", ["stt", "tts"])
def test_it_keeps_to_this_machine_unless_it_is_told_otherwise(
    kind: str, run: Any, started: Started
) -> None:
    run(kind)
    [(settings, _)] = started
    assert (settings.sst_broker_host, settings.tts_broker_host) == ("127.0.0.1", "127.0.0.1")


@pytest.mark.parametrize(("kind", "name"), [("stt", "SST_BROKER"), ("tts", "TTS_BROKER")])
def test_nobody_opens_it_to_the_network_by_mistake(kind: str, name: str, run: Any) -> None:
    result = run(kind, "--host", "0.0.0.0", "--engine", "scripted", VAD="scripted")
    assert result.exit_code == 2
    sentence = result.stderr.splitlines()[-1]
    assert sentence.startswith(f"{name}_HOST is 0.0.0.0, so others can reach the broker, but there")
    for way_out in (
        "repartee keys create",
        f"{name}_KEYS",
        f" {name}_ALLOW_STRANGERS=true",
        f"{name}_HOST=127.0.0.1",
    ):
        assert way_out in sentence


@pytest.mark.parametrize("kind", ["stt", "tts"])
def test_a_port_that_is_taken_is_told(kind: str, run: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run(kind, "--host", "127.0.0.1", "--port", str(port), "--engine", "scripted",
                     VAD="scripted")  # fmt: skip
    assert result.exit_code == 1
    assert f"could not listen on 127.0.0.1:{port}" in result.stderr


@pytest.mark.parametrize("kind", ["stt", "tts"])
def test_an_engine_that_there_is_not_is_named(kind: str, run: Any) -> None:
    result = run(kind, "--engine", "gramophone")
    assert result.exit_code == 2
    assert "gramophone" in result.stderr
