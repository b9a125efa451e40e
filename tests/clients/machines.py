"""What runs on other machines where speech is not made by the server itself, each a real process.

Brokers serve an engine of their own, or stand in front of a server of whisper.cpp and of Kokoro.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import httpx

from repartee.testing.server_process import ServerProcess

_MODEL_SERVER = str(Path(__file__).with_name("model_server.py"))
_MODEL_SERVERS = {"stt": "whispercpp", "tts": "kokoro"}


@contextmanager
def brokers_with_engines(folder: Path) -> Iterator[tuple[str, str]]:
    """The addresses of an STT and of a TTS broker that serve scripted engines."""
    with ExitStack() as running:
        stt, tts = (
            running.enter_context(_broker(kind, folder, "--engine", "scripted"))
            for kind in _MODEL_SERVERS
        )
        _until_healthy(stt, tts)
        yield stt, tts


@contextmanager
def brokers_that_forward(folder: Path, words: str) -> Iterator[tuple[str, str]]:
    """The same, in front of model servers: one hears these words, whatever it is sent."""
    with ExitStack() as running:
        addresses = []
        for kind, program in _MODEL_SERVERS.items():
            behind = running.enter_context(_model_server(program, words))
            addresses.append(running.enter_context(_broker(kind, folder, "--remote-url", behind)))
        stt, tts = addresses
        _until_healthy(stt, tts)
        yield stt, tts


@contextmanager
def server_asking(stt: str, tts: str) -> Iterator[ServerProcess]:
    """The server that asks these brokers."""
    with ServerProcess(
        STT="sst-broker",
        SST_BROKER_URL=stt,
        SST_REQUEST_TIMEOUT="600.0",
        TTS="tts-broker",
        TTS_BROKER_URL=tts,
        TTS_REQUEST_TIMEOUT="60.0",
        LLM="scripted",
    ) as server:
        yield server


def _answer_from(url: str) -> httpx.Response:
    """What is answered there, as soon as somebody answers."""
    with httpx.Client(transport=httpx.HTTPTransport()) as client:
        for _ in range(600):
            with suppress(httpx.TransportError):
                return client.get(url)
            time.sleep(0.05)
    raise AssertionError(f"nobody answers at {url}")


def _until_healthy(*brokers: str) -> None:
    """Each answers at once, but what is behind it may take a moment."""
    for broker in brokers:
        while _answer_from(f"{broker}/healthz").is_error:
            time.sleep(0.05)


@contextmanager
def _broker(kind: str, folder: Path, *flags: str) -> Iterator[str]:
    port = _free_port()
    where = ["--host", "127.0.0.1", "--port", str(port), *flags]
    with _process(["-m", "repartee", "broker", kind, *where], folder):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _model_server(program: str, words: str) -> Iterator[str]:
    port = _free_port()
    with _process([_MODEL_SERVER, program, str(port), *words.split()]):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _process(arguments: Sequence[str], folder: Path | None = None) -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, *arguments],
        env={**os.environ, "VAD": "scripted"},
        cwd=folder,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
