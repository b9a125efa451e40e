"""The same programs where speech comes from two brokers with engines of their own."""

from __future__ import annotations

from pathlib import Path

from tests.clients.machines import brokers_with_engines, server_asking
from tests.clients.pages import page_at
from tests.clients.shapes import misfits
from tests.clients.voice_shapes import HEALTH, SYNTHESIZED, WAV


def test_a_server_whose_speech_comes_from_two_brokers(tmp_path: Path) -> None:
    with (
        brokers_with_engines(tmp_path) as (stt, tts),
        server_asking(stt, tts) as server,
        page_at(server) as client,
    ):
        assert misfits(client.get("/api/voice/health").json(), HEALTH) == {}
        file = {"file": ("audio.wav", WAV.read_bytes())}
        heard = client.post("/api/voice/transcribe", files=file).json()
        spoken = client.post("/api/voice/synthesize", json={"text": heard["text"]}).json()
    assert heard["text"] == "Hello, can you hear me?"
    assert misfits(spoken, SYNTHESIZED) == {}
