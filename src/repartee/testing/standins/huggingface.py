"""Hugging Face's inference: speech to text, and text to speech, by the name of the model.

Its chat is that of OpenAI.
"""

from __future__ import annotations

from repartee.audio.wav import read_wav, wav_bytes
from repartee.testing.standins.sound import RATE_HZ, hum
from repartee.testing.standins.wire import Heard, Reply, json_reply, repeating


class HuggingFaceWire:
    def __init__(self, *, key: str = "") -> None:
        self.key = key
        self.sound: bytes | None = None
        """The file that it speaks; None: a WAV file with a hum."""

    def answer(self, heard: Heard) -> Reply:
        if self.key and heard.headers.get("authorization") != f"Bearer {self.key}":
            return self.complaint(401, heard)
        if "/models/" not in heard.path:
            return self.complaint(404, heard)
        if heard.headers.get("content-type") == "audio/wav":
            return json_reply({"text": f" This took {read_wav(heard.body).seconds:.2f} seconds."})
        sound = self.sound or wav_bytes(hum(heard.json()["inputs"]), RATE_HZ)
        return Reply("audio/wav", [sound])

    def complaint(self, status: int, heard: Heard) -> Reply:
        body = {"error": repeating(heard)}
        return json_reply({**body, "estimated_time": 20.0} if status == 503 else body, status)
