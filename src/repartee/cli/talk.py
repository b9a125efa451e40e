"""`repartee talk`: talk with a running server, in the terminal."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from repartee.cli.starting import settings_of
from repartee.errors import BadAudio, ReparteeError

if TYPE_CHECKING:
    from repartee.audio.pcm import Samples

_MOST_SECONDS = 3_600.0


def talk(
    url: Annotated[
        str | None,
        typer.Option(
            envvar="REPARTEE_URL",
            help="The server; otherwise the one of this machine.",
            metavar="ws://HOST:PORT/ws",
        ),
    ] = None,
    wav: Annotated[
        Path | None,
        typer.Option(help="Speak this recording instead of using a microphone.", metavar="FILE"),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="With --wav: write what both sides said.", metavar="FILE"),
    ] = None,
    fast: Annotated[
        bool, typer.Option("--fast", help="With --wav: speak it eight times as fast.")
    ] = False,
    persona: Annotated[str | None, typer.Option(help="Whom to talk with.", metavar="NAME")] = None,
    voice: Annotated[str | None, typer.Option(help="Its voice.", metavar="NAME")] = None,
    language: Annotated[
        str | None, typer.Option(help="The language that is spoken.", metavar="CODE")
    ] = None,
    microphone: Annotated[
        str | None, typer.Option(help="The microphone, by name or number.")
    ] = None,
    speaker: Annotated[str | None, typer.Option(help="The loudspeaker, by name or number.")] = None,
) -> None:
    """Talk with a running server, in the terminal."""
    settings = settings_of(quiet=True)
    from repartee.talking.address import socket_url

    place = url or f"localhost:{settings.port}"
    key = os.environ.get("REPARTEE_KEY", "")
    if not key and url is None and settings.api_keys:
        key = settings.api_keys[0].get_secret_value()  # our own server takes it
    address = socket_url(place, persona=persona, voice=voice, language=language)
    try:
        if wav is not None:
            _by_file(address, wav, out, fast, key)
        elif out is not None or fast:
            raise ReparteeError("--out and --fast go with --wav: name a recording to speak.")
        else:
            _aloud(address, microphone, speaker, key)
    except KeyboardInterrupt:
        return  # Ctrl+C is a way to say goodbye


def _aloud(url: str, microphone: str | None, speaker: str | None, key: str) -> None:
    from repartee.talking.aloud import talk_aloud
    from repartee.talking.devices import Choice

    asyncio.run(talk_aloud(url, Choice(microphone, speaker), key))


def _by_file(url: str, wav: Path, out: Path | None, fast: bool, key: str) -> None:
    from repartee.talking.by_file import talk_by_file

    heard = asyncio.run(talk_by_file(url, _read(wav), fast=fast, key=key))
    if out is not None:
        _write(out, heard)


def _read(file: Path) -> Samples:
    from repartee.audio.decoding import Limits, decode

    try:
        data = file.read_bytes()
    except OSError as problem:
        raise BadAudio(f"{file} can't be read: {problem.strerror}.") from problem
    return decode(data, Limits(len(data), _MOST_SECONDS)).samples


def _write(file: Path, wav: bytes) -> None:
    try:
        file.write_bytes(wav)
    except OSError as problem:
        raise ReparteeError(f"{file} can't be written: {problem.strerror}.") from problem
