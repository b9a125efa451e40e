"""`repartee transcribe`: write down what is said in a recording."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from repartee.cli import flags
from repartee.cli.starting import settings_of
from repartee.errors import BadAudio

if TYPE_CHECKING:
    from repartee.audio.pcm import Samples
    from repartee.calls.single import Transcription
    from repartee.settings import Settings

_MOST_SECONDS = 6 * 3_600.0
"""Whoever has the file and the machine may use both, as long as the sound fits into memory."""


def transcribe(
    file: Annotated[
        Path, typer.Argument(help="A recording: WAV, MP3, Opus …; - reads standard input.")
    ],
    as_json: flags.AsJson = False,
    language: flags.Language = None,
    stt: flags.Stt = None,
) -> None:
    """Write down what is said in a recording."""
    settings = settings_of(quiet=True, stt=stt, default_language=language)
    heard = asyncio.run(transcribed(_read(file), settings))
    if as_json:
        answer = {
            "text": heard.text,
            "language": heard.language,
            "confidence": round(heard.confidence, 3),
            "duration_seconds": round(heard.duration_seconds, 3),
            "model": heard.model,
        }
        print(json.dumps(answer, ensure_ascii=False))
    elif heard.text:
        print(heard.text)
    else:
        print("No words were heard.", file=sys.stderr)


async def transcribed(samples: Samples, settings: Settings) -> Transcription:
    from repartee.calls.single import transcribe
    from repartee.engines.build import opened, recognizer, voice_detector

    async with opened(voice_detector(settings)) as detector, opened(recognizer(settings)) as stt:
        return await transcribe(detector, stt, samples, settings.default_language)


def _read(file: Path) -> Samples:
    from repartee.audio.decoding import Limits, decode

    try:
        data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as problem:
        raise BadAudio(f"{file} can't be read: {problem.strerror}.") from problem
    return decode(data, Limits(len(data), _MOST_SECONDS)).samples
