"""A server of whisper.cpp: one thing at a time, and its own way to complain."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Literal

from repartee.audio.wav import Recording, read_wav
from repartee.errors import BadAudio
from repartee.testing.standins.wire import Heard, Reply, json_reply, repeating

_NAMES = {"en": "english", "de": "german", "fr": "french", "ja": "japanese"}
"""Languages are asked for by their codes, and told by their names."""


class WhisperCppWire:
    """`text` is what it hears, or how it hears it; empty: how long the recording was.

    While it loads a model, it means to say so with a 503. What answers errors in most builds makes
    that a 404 like any other, so that it is `hidden`; elsewhere it is `told`.
    """

    def __init__(self, text: str | Callable[[Recording], str] = "") -> None:
        self.text = text
        self.avg_logprob = -0.2
        self.no_speech_prob = 0.02
        self.loading: Literal["", "hidden", "told"] = ""
        self.models: Sequence[str] = ("models/base.bin", "models/small.bin")
        """Those that lie on its disk."""
        self.is_older = False
        """It says under a 200 that a model is not there, and has no answer to /health."""

    def answer(self, heard: Heard) -> Reply:
        if self.loading and heard.path != "/":
            return self._still_loading(heard)
        match heard.method, heard.path:
            case "GET", "/":
                return Reply("text/html", [b"<h1>Whisper.cpp Server</h1>"])
            case "GET", "/health" if not self.is_older:
                return json_reply({"status": "ok"})
            case "POST", "/load":
                return self._load(heard)
            case "POST", "/inference":
                return self._inference(heard)
        return self.complaint(404, heard)

    def complaint(self, status: int, heard: Heard) -> Reply:
        if status >= 500:
            return Reply("text/plain", [repeating(heard).encode()], status)
        words = "Invalid request" if status == 400 else f"File Not Found ({heard.path})"
        return Reply("text/plain", [words.encode()], status)

    def _still_loading(self, heard: Heard) -> Reply:
        if self.loading == "told":
            return json_reply({"status": "loading model"}, 503)
        return self.complaint(404, heard)

    def _load(self, heard: Heard) -> Reply:
        model = heard.form().get("model", b"").decode()
        if model in self.models:
            return Reply("application/text", [b"Load was successful!"])
        if self.is_older:
            return json_reply({"error": "model not found!"})
        return self.complaint(400, heard)

    def _inference(self, heard: Heard) -> Reply:
        form = heard.form()
        try:
            recording = read_wav(form["file"])
        except (KeyError, BadAudio):
            return self.complaint(400, heard)
        segments = self._heard_in(recording)
        text = "".join(f"{segment}\n" for segment in segments)
        end = recording.seconds
        match form.get("response_format", b"json"):
            case b"text":
                return Reply("text/html; charset=utf-8", [text.encode()])
            case b"srt":
                cues = [f"{n}\n{_span(end, ',')}\n{said}\n\n" for n, said in enumerate(segments, 1)]
                return Reply("application/x-subrip", ["".join(cues).encode()])
            case b"vtt":
                cues = [f"{_span(end, '.')}\n{said}\n\n" for said in segments]
                return Reply("text/vtt", [f"WEBVTT\n\n{''.join(cues)}".encode()])
            case b"verbose_json":
                return json_reply(self._in_full(form, segments, text, end))
        return json_reply({"text": text})

    def _heard_in(self, recording: Recording) -> list[str]:
        """Every segment begins with a space, and the text has a line for each."""
        if callable(self.text):
            said = self.text(recording)
        else:
            said = self.text or f"This took {recording.seconds:.2f} seconds."
        return [f" {sentence}" for sentence in re.split(r"(?<=\.)\s+", said) if sentence]

    def _in_full(
        self, form: dict[str, bytes], segments: Sequence[str], text: str, seconds: float
    ) -> dict[str, Any]:
        language = _NAMES.get(form.get("language", b"en").decode(), "english")
        told = [
            {
                "id": number,
                "text": segment,
                "start": 0.0,
                "end": seconds,
                "tokens": [],
                "words": [],
                "temperature": 0.0,
                "avg_logprob": self.avg_logprob,
                "no_speech_prob": self.no_speech_prob,
            }
            for number, segment in enumerate(segments)
        ]
        whole = {
            "task": "transcribe",
            "language": language,
            "duration": seconds,
            "text": text,
            "segments": told,
        }
        if form.get("no_language_probabilities") != b"true":
            whole |= {"detected_language": language, "language_probabilities": {language: 1.0}}
        return whole


def _span(seconds: float, point: str) -> str:
    return f"00:00:00{point}000 --> 00:00:{seconds:06.3f}".replace(".", point)
