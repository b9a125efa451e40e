"""A stand-in for the package moonshine-voice, whose models can't be made tiny: its C++ wants files
of its own making. It has the calls that the engine uses, with the same names and parameters
(`test_moonshine.py` compares them with the real ones where those are installed), and it behaves
as the library is documented to: adding sound transcribes now and then, and tells its listeners.

It hears a word in every quarter of a second that is loud, and begins another line after silence.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

WORD_SAMPLES = 4_000


class MoonshineError(Exception):
    pass


class Word:
    def __init__(self, word: str, confidence: float) -> None:
        self.word = word
        self.confidence = confidence


class TranscriptLine:
    def __init__(self, line_id: int) -> None:
        self.line_id = line_id
        self.text = ""
        self.words: list[Word] | None = None


class LineTextChanged:
    def __init__(self, line: TranscriptLine) -> None:
        self.line = line


class Transcript:
    def __init__(self, lines: list[TranscriptLine]) -> None:
        self.lines = lines


class Stream:
    def __init__(self, transcriber: Transcriber, update_interval: float) -> None:
        self._transcriber = transcriber
        self._every = update_interval
        self._sound: list[float] = []
        self._since = 0.0
        self._listeners: list[Callable[[Any], None]] = []
        self.state = "made"
        transcriber.streams.append(self)

    def add_listener(self, listener: Callable[[Any], None]) -> None:
        self._listeners.append(listener)

    def start(self) -> None:
        self.state = "started"

    def add_audio(self, audio_data: list[float], sample_rate: int = 16000) -> None:
        if self.state != "started":
            raise MoonshineError("Stream is not started")
        assert isinstance(audio_data, list)
        self._sound += audio_data
        self._since += len(audio_data) / sample_rate
        if self._since >= self._every:
            self._since = 0.0
            self.update_transcription(0)

    def update_transcription(self, flags: int = 0) -> Transcript:
        lines = [TranscriptLine(7)]
        for at in range(0, len(self._sound) - WORD_SAMPLES + 1, WORD_SAMPLES):
            if max(map(abs, self._sound[at : at + WORD_SAMPLES])) > 0.05:
                lines[-1].text += f" w{at // WORD_SAMPLES}"
            elif lines[-1].text:
                lines.append(TranscriptLine(7 + len(lines)))
        for line in lines:
            if self._transcriber.options.get("word_timestamps") == "true":
                line.words = [Word(word, 0.5) for word in line.text.split()]
            for listener in self._listeners:
                listener(LineTextChanged(line))
        return Transcript(lines)

    def close(self) -> None:
        self.state = "closed"


class Transcriber:
    latest: Transcriber

    def __init__(
        self,
        model_path: str | Path,
        model_arch: int = 1,
        update_interval: float = 0.5,
        options: dict[str, str] | None = None,
    ) -> None:
        if (Path(model_path) / "tokenizer.bin").read_bytes() != b"tokens":
            raise MoonshineError("Failed to load transcriber: Unknown error")
        self.arch = model_arch
        self.options = options or {}
        self.streams: list[Stream] = []
        self._every = update_interval
        Transcriber.latest = self

    def create_stream(
        self, update_interval: float | None = None, flags: int = 0, transcribe_flags: int = 0
    ) -> Stream:
        return Stream(self, update_interval or self._every)


def string_to_model_arch(model_arch_string: str) -> int:
    return ["tiny", "base", "tiny-streaming", "base-streaming", "small-streaming"].index(
        model_arch_string
    )


def install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have `import moonshine_voice` find this."""
    package = ModuleType("moonshine_voice")
    inner = ModuleType("moonshine_voice.transcriber")
    for name, value in {
        "MoonshineError": MoonshineError,
        "Transcriber": Transcriber,
        "string_to_model_arch": string_to_model_arch,
        "transcriber": inner,
    }.items():
        setattr(package, name, value)
    inner.MOONSHINE_FLAG_FORCE_UPDATE = 1  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "moonshine_voice", package)
    monkeypatch.setitem(sys.modules, "moonshine_voice.transcriber", inner)
