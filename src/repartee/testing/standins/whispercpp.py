"""A server of whisper.cpp: one thing at a time, and its own way to complain."""

from __future__ import annotations

import re

from repartee.audio.wav import read_wav
from repartee.testing.standins.wire import Heard, Reply, json_reply, repeating


class WhisperCppWire:
    """`text` is what it hears; empty: how long the recording was."""

    def __init__(self, text: str = "") -> None:
        self.text = text
        self.avg_logprob = -0.2
        self.no_speech_prob = 0.02

    def answer(self, heard: Heard) -> Reply:
        if heard.path == "/health":
            return json_reply({"status": "ok"})
        if heard.path != "/inference":
            return self.complaint(404, heard)
        form = heard.form()
        if "file" not in form:
            return self.complaint(400, heard)
        recording = read_wav(form["file"])
        said = self.text or f"This took {recording.seconds:.2f} seconds."
        # Every segment begins with a space, and the text has a line for each.
        segments = [f" {sentence}" for sentence in re.split(r"(?<=\.)\s+", said)]
        text = "".join(f"{segment}\n" for segment in segments)
        if form.get("response_format", b"json") != b"verbose_json":
            return json_reply({"text": text})
        told = [
            {
                "id": number,
                "text": segment,
                "start": 0.0,
                "end": recording.seconds,
                "temperature": 0.0,
                "avg_logprob": self.avg_logprob,
                "no_speech_prob": self.no_speech_prob,
            }
            for number, segment in enumerate(segments)
        ]
        return json_reply(
            {"task": "transcribe", "language": "english", "text": text, "segments": told}
        )

    def complaint(self, status: int, heard: Heard) -> Reply:
        if status >= 500:
            return Reply("text/plain", [repeating(heard).encode()], status)
        words = {400: b"Invalid request"}.get(status, b"File Not Found")
        return Reply("text/plain", [words], status)
