"""The same programs where speech comes from two brokers, as on machines of their own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import httpx

from repartee.testing.server_process import ServerProcess
from tests.clients.pages import page_at
from tests.clients.shapes import misfits
from tests.clients.voice_shapes import HEALTH, SYNTHESIZED, WAV


@contextmanager
def broker(kind: str, folder: Path) -> Iterator[int]:
    """As it is started on a machine of its own, and the port on which it listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    flags = ["--host", "127.0.0.1", "--port", str(port), "--engine", "scripted"]
    process = subprocess.Popen(
        [sys.executable, "-m", "repartee", "broker", kind, *flags],
        env={**os.environ, "VAD": "scripted"},
        cwd=folder,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def until_it_answers(url: str) -> httpx.Response:
    with httpx.Client(transport=httpx.HTTPTransport()) as client:
        for _ in range(600):
            with suppress(httpx.TransportError):
                return client.get(url)
            time.sleep(0.05)
    raise AssertionError(f"nobody answers at {url}")


def test_a_server_whose_speech_comes_from_two_brokers(tmp_path: Path) -> None:
    with ExitStack() as running:
        ports = [running.enter_context(broker(kind, tmp_path)) for kind in ("stt", "tts")]
        stt, tts = (f"http://127.0.0.1:{port}" for port in ports)
        for url in (stt, tts):
            health = until_it_answers(f"{url}/healthz")
            assert (health.status_code, health.json()["status"]) == (200, "healthy")
        server = running.enter_context(
            ServerProcess(
                STT="sst-broker",
                SST_BROKER_URL=stt,
                SST_REQUEST_TIMEOUT="600.0",
                TTS="tts-broker",
                TTS_BROKER_URL=tts,
                TTS_REQUEST_TIMEOUT="60.0",
                LLM="scripted",
            )
        )
        with page_at(server) as client:
            assert misfits(client.get("/api/voice/health").json(), HEALTH) == {}
            file = {"file": ("audio.wav", WAV.read_bytes())}
            heard = client.post("/api/voice/transcribe", files=file).json()
            spoken = client.post("/api/voice/synthesize", json={"text": heard["text"]}).json()
    assert heard["text"] == "Hello, can you hear me?"
    assert misfits(spoken, SYNTHESIZED) == {}
