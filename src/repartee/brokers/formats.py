"""Transcripts as whisper.cpp writes them: JSON, plain text, subtitles."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

import msgspec

from repartee.calls.single import Transcription

Format = Literal["json", "text", "srt", "vtt", "verbose_json"]

CONTENT_TYPES: dict[Format, str] = {
    "json": "application/json",
    "text": "text/plain; charset=utf-8",
    "srt": "application/x-subrip; charset=utf-8",
    "vtt": "text/vtt; charset=utf-8",
    "verbose_json": "application/json",
}


def written(heard: Transcription, format: Format) -> str:
    return _WRITERS[format](heard)


def _as_json(heard: Transcription) -> str:
    return msgspec.json.encode({"text": heard.text}).decode()


def _as_text(heard: Transcription) -> str:
    return f"{heard.text}\n" if heard.text else ""


def _as_verbose_json(heard: Transcription) -> str:
    """As whisper.cpp writes it; by its figures clients judge how sure it is."""
    segment = {
        "id": 0,
        "text": heard.text,
        "start": 0.0,
        "end": heard.duration_seconds,
        "avg_logprob": math.log(max(heard.confidence, 1e-6)),
        "no_speech_prob": 0.0,
    }
    told = {
        "task": "transcribe",
        "language": heard.language,
        "duration": heard.duration_seconds,
        "text": heard.text,
        "segments": [segment] if heard.text else [],
    }
    return msgspec.json.encode(told).decode()


def _as_srt(heard: Transcription) -> str:
    end = _clock_time(heard.duration_seconds, ",")
    return f"1\n00:00:00,000 --> {end}\n{heard.text}\n\n" if heard.text else ""


def _as_vtt(heard: Transcription) -> str:
    end = _clock_time(heard.duration_seconds, ".")
    return "WEBVTT\n\n" + (f"00:00:00.000 --> {end}\n{heard.text}\n\n" if heard.text else "")


def _clock_time(seconds: float, point: str) -> str:
    minutes, ms = divmod(round(seconds * 1000), 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{ms // 1000:02}{point}{ms % 1000:03}"


_WRITERS: dict[Format, Callable[[Transcription], str]] = {
    "json": _as_json,
    "text": _as_text,
    "srt": _as_srt,
    "vtt": _as_vtt,
    "verbose_json": _as_verbose_json,
}
