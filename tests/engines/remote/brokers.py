"""Brokers as stand-ins: ours, which tell of themselves, and older ones, which do not."""

from __future__ import annotations

import base64
from typing import Any

from repartee.audio.wav import wav_bytes
from repartee.testing.standins import Heard, Reply
from repartee.testing.standins.sound import RATE_HZ, hum
from repartee.testing.standins.whispercpp import WhisperCppWire
from repartee.testing.standins.wire import json_reply

OWN_VOICE = {"name": "en-gb+m6", "language": "en-gb", "gender": "male"}


class Sick:
    """What a broker answers once something is wrong: a status and a sentence for people."""

    def __init__(self, status: int, sentence: str) -> None:
        self.status = status
        self.sentence = sentence

    def reply(self) -> Reply:
        return json_reply({"detail": self.sentence, "error": self.sentence}, self.status)


class SttBrokerWire(WhisperCppWire):
    def __init__(self, **info: Any) -> None:
        super().__init__()
        self.info = info
        self.sick: Sick | None = None

    def answer(self, heard: Heard) -> Reply:
        match heard.path:
            case "/info":
                return json_reply(self.info)
            case "/healthz":
                return json_reply({"status": "healthy"}, 503 if self.sick else 200)
        return self.sick.reply() if self.sick else super().answer(heard)


class TtsBrokerWire:
    """`raw` is the older kind: it sends floats and lists no voices."""

    def __init__(self, *, raw: bool = False, voice_used: str | None = None) -> None:
        self.raw = raw
        self.voice_used = voice_used
        self.voices = [OWN_VOICE]
        self.sick: Sick | None = None

    def answer(self, heard: Heard) -> Reply:
        match heard.path:
            case "/healthz" if not self.raw:
                return json_reply({"status": "healthy"}, 503 if self.sick else 200)
            case "/voices" if not self.raw:
                names = [voice["name"] for voice in self.voices]
                return json_reply({"voices": names, "details": self.voices})
            case "/synthesize":
                return self.sick.reply() if self.sick else self._spoken(heard.json())
        return self.complaint(404, heard)

    def complaint(self, status: int, heard: Heard) -> Reply:
        return json_reply({"detail": "It went wrong.", "error": "It went wrong."}, status)

    def _spoken(self, asked: dict[str, Any]) -> Reply:
        sound = hum(asked["text"], asked["speed"])
        data = (sound / 32_768).astype("<f4").tobytes() if self.raw else wav_bytes(sound, RATE_HZ)
        told = {
            "audio_base64": base64.b64encode(data).decode(),
            "audio_sample_rate": RATE_HZ,
            "voice": asked["voice"],
            "voice_used": self.voice_used or asked["voice"],
        }
        return json_reply(told)
