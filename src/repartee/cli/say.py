"""`repartee say`: speak a text into a WAV file."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from repartee.cli import flags
from repartee.cli.starting import settings_of
from repartee.errors import ReparteeError

if TYPE_CHECKING:
    from repartee.settings import Settings


def say(
    text: Annotated[str, typer.Argument(help="What to say.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The WAV file to write.")
    ] = None,
    voice: flags.Voice = None,
    speed: Annotated[
        float | None, typer.Option(help="1 is natural, up to 2 (TTS_DEFAULT_SPEED).")
    ] = None,
    language: flags.Language = None,
    tts: flags.Tts = None,
) -> None:
    """Speak a text into a WAV file, or into a pipe."""
    settings = settings_of(
        quiet=True,
        tts=tts,
        tts_default_voice=voice,
        tts_default_speed=speed,
        default_language=language,
    )
    if output is None and sys.stdout.isatty():
        raise ReparteeError(
            "Sound can't be shown in a terminal.",
            hint='Name a file, as in repartee say "Hello." -o hello.wav, or send it down a pipe.',
        )
    wav = asyncio.run(spoken(text, settings))
    if output is None:
        sys.stdout.buffer.write(wav)
        sys.stdout.buffer.flush()
        return
    try:
        output.write_bytes(wav)
    except OSError as problem:
        raise ReparteeError(f"{output} can't be written: {problem.strerror}.") from problem


async def spoken(text: str, settings: Settings) -> bytes:
    """A complete WAV file of this text."""
    from repartee.audio.wav import wav_bytes
    from repartee.calls.single import synthesize
    from repartee.engines.build import default_speech, opened, synthesizer

    async with opened(synthesizer(settings)) as tts:
        sound = (await synthesize(tts, text, default_speech(settings))).sound
    return wav_bytes(sound.samples, sound.rate_hz)
