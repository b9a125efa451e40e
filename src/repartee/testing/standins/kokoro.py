"""Kokoro-FastAPI: streamed sound, with captions or without, and lists of voices old and new."""

from __future__ import annotations

import base64
import json
import re
from typing import Literal

from repartee.audio.pcm import pcm_bytes
from repartee.testing.standins.sound import RATE_HZ, SAMPLES_PER_LETTER, hum
from repartee.testing.standins.wire import Heard, Reply, json_reply, repeating

VOICES = ("af_heart", "af_bella", "af_sky", "am_adam", "am_michael", "bf_emma", "bm_george")
MORE_VOICES = ("ef_dora", "jf_alpha", "zm_yunxi")


class KokoroWire:
    def __init__(self, *, captions: bool = True, names: Literal["new", "old"] = "new") -> None:
        self.captions = captions
        self.names: Literal["new", "old"] = names

    def answer(self, heard: Heard) -> Reply:
        match heard.method, heard.path:
            case "GET", "/health":
                return json_reply({"status": "healthy"})
            case "GET", "/v1/audio/voices":
                return self._voices()
            case "POST", "/v1/audio/speech":
                asked = heard.json()
                sound = pcm_bytes(hum(asked["input"], asked["speed"]))
                return Reply(
                    "audio/pcm", [sound[at : at + 4_801] for at in range(0, len(sound), 4_801)]
                )
            case "POST", "/dev/captioned_speech" if self.captions:
                return self._captioned(heard)
        return self.complaint(404, heard)

    def complaint(self, status: int, heard: Heard) -> Reply:
        if status == 404:
            return json_reply({"detail": "Not Found"}, status)
        error = {"error": "processing_error", "message": repeating(heard), "type": "server_error"}
        return json_reply({"detail": error}, status)

    def _voices(self) -> Reply:
        names = [*VOICES, *MORE_VOICES]
        if self.names == "old":
            return json_reply({"voices": names})
        return json_reply({"voices": [{"id": name, "name": name} for name in names]})

    def _captioned(self, heard: Heard) -> Reply:
        """A line for every group of sentences; the words of a group come with its sound."""
        asked = heard.json()
        speed, begun, pieces = asked["speed"], 0.0, []
        for sentence in re.split(r"(?<=[.!?])\s+", asked["input"]):
            spoken = sentence.replace("$5", "five dollars")
            letter_s = SAMPLES_PER_LETTER / RATE_HZ / speed
            words = [
                {
                    "word": token[0],
                    "start_time": begun + token.start() * letter_s,
                    "end_time": begun + token.end() * letter_s,
                }
                for token in re.finditer(r"\w+(?:'\w+)?|[^\w\s]", spoken)
            ]
            sound = hum(spoken, speed)
            begun += len(sound) / RATE_HZ
            audio = base64.b64encode(pcm_bytes(sound)).decode()
            line = {"audio": audio, "audio_format": "audio/pcm", "timestamps": words}
            pieces.append(json.dumps(line).encode() + b"\n")
        return Reply("application/json", pieces)
