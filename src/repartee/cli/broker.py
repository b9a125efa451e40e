"""`repartee broker stt` and `repartee broker tts`: in front of a private model server."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from repartee.cli import flags
from repartee.cli.failing import politely
from repartee.cli.starting import settings_of

if TYPE_CHECKING:
    from repartee.brokers.door import Kind

app = typer.Typer(
    help="Stand between a private model server and everybody else.", no_args_is_help=True
)

Host = Annotated[
    str | None, typer.Option(help="The address to listen on; 0.0.0.0 needs a key.", metavar="HOST")
]
Port = Annotated[int | None, typer.Option(help="The port to listen on.", metavar="PORT")]
RemoteHost = Annotated[
    str | None, typer.Option(help="The machine of the server behind it.", metavar="HOST")
]
RemotePort = Annotated[
    int | None, typer.Option(help="The port of the server behind it.", metavar="PORT")
]
RemoteUrl = Annotated[
    str | None, typer.Option(help="The whole address of the server behind it.", metavar="URL")
]
Engine = Annotated[
    str | None,
    typer.Option(help="Serve this engine, on this machine, and forward nothing.", metavar="ENGINE"),
]

_IN_SETTINGS: dict[Kind, str] = {"stt": "sst", "tts": "tts"}


class Place(NamedTuple):
    """Where a broker is to listen, and where the server behind it is."""

    host: str | None
    port: int | None
    remote_host: str | None
    remote_port: int | None
    remote_url: str | None


def stt(
    host: Host = None,
    port: Port = None,
    remote_host: RemoteHost = None,
    remote_port: RemotePort = None,
    remote_url: RemoteUrl = None,
    engine: Engine = None,
    language: flags.Language = None,
) -> None:
    """Speech recognition: forward to a whisper.cpp server, or serve an engine."""
    place = Place(host, port, remote_host, remote_port, remote_url)
    _run("stt", place, engine, default_language=language)


def tts(
    host: Host = None,
    port: Port = None,
    remote_host: RemoteHost = None,
    remote_port: RemotePort = None,
    remote_url: RemoteUrl = None,
    engine: Engine = None,
    voice: flags.Voice = None,
) -> None:
    """Speech synthesis: forward to a Kokoro server, or serve an engine."""
    place = Place(host, port, remote_host, remote_port, remote_url)
    _run("tts", place, engine, tts_default_voice=voice)


def _run(kind: Kind, place: Place, engine: str | None, **wishes: Any) -> None:
    name = _IN_SETTINGS[kind]
    flags: dict[str, Any] = {
        f"{name}_broker_host": place.host,
        f"{name}_broker_port": place.port,
        f"remote_{name}_host": place.remote_host,
        f"remote_{name}_port": place.remote_port,
        f"remote_{name}_url": place.remote_url,
    }
    settings = settings_of(**flags, **wishes)
    if place.remote_url is None and (place.remote_host or place.remote_port):
        settings = settings.model_copy(update={f"remote_{name}_url": None})  # a flag counts more
    if not settings.debug:
        logging.getLogger().setLevel(getattr(settings, f"{name}_broker_log_level"))
    from repartee.brokers.run import run_broker

    run_broker(kind, settings, engine)


for verb in (stt, tts):
    app.command()(politely(verb))
