"""`repartee transcribe`: write down what is said in a WAV file."""

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
    from repartee.audio.wav import Recording
    from repartee.engines.protocols import Transcript
    from repartee.settings import Settings


def transcribe(
    file: Annotated[Path, typer.Argument(help="A WAV file; - reads standard input.")],
    as_json: flags.AsJson = False,
    language: flags.Language = None,
    stt: flags.Stt = None,
) -> None:
    """Write down what is said in a WAV file."""
    settings = settings_of(quiet=True, stt=stt, default_language=language)
    recording = _read(file)
    transcript = asyncio.run(heard(recording, settings))
    if as_json:
        answer = {
            "text": transcript.text,
            "language": settings.default_language,
            "confidence": round(transcript.confidence, 3),
            "duration_seconds": round(recording.seconds, 3),
            "model": settings.stt,
        }
        print(json.dumps(answer, ensure_ascii=False))
    elif transcript.text:
        print(transcript.text)
    else:
        print("No words were heard.", file=sys.stderr)


async def heard(recording: Recording, settings: Settings) -> Transcript:
    """What is said in this recording, taken as one turn."""
    from repartee.audio.resample import resampled
    from repartee.engines.build import opened, recognizer
    from repartee.engines.protocols import LISTENING_RATE_HZ, Caller

    samples = resampled(recording.samples, recording.rate_hz, LISTENING_RATE_HZ)
    async with (
        opened(recognizer(settings)) as stt,
        stt.listen(Caller("transcribe"), settings.default_language) as hearing,
    ):
        hearing.feed(samples)
        return await hearing.settle()


def _read(file: Path) -> Recording:
    from repartee.audio.wav import read_wav

    try:
        data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as problem:
        raise BadAudio(f"{file} can't be read: {problem.strerror}.") from problem
    return read_wav(data)
