"""`repartee broker stt` and `repartee broker tts`: in front of a private model server."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Annotated

import typer

from repartee.cli import flags
from repartee.cli.failing import politely
from repartee.cli.starting import settings_of

if TYPE_CHECKING:
    from repartee.settings import Settings

app = typer.Typer(
    help="Stand between a private model server and everybody else.", no_args_is_help=True
)

Host = Annotated[str | None, typer.Option(help="The address to listen on.", metavar="HOST")]
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
    settings = settings_of(
        sst_broker_host=host,
        sst_broker_port=port,
        remote_sst_host=remote_host,
        remote_sst_port=remote_port,
        remote_sst_url=remote_url,
        default_language=language,
    )
    if remote_url is None and (remote_host or remote_port):
        settings = settings.model_copy(update={"remote_sst_url": None})  # a flag counts more
    _log_at(settings.sst_broker_log_level, settings)
    from repartee.brokers.run import run_stt_broker

    run_stt_broker(settings, engine)


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
    settings = settings_of(
        tts_broker_host=host,
        tts_broker_port=port,
        remote_tts_host=remote_host,
        remote_tts_port=remote_port,
        remote_tts_url=remote_url,
        tts_default_voice=voice,
    )
    if remote_url is None and (remote_host or remote_port):
        settings = settings.model_copy(update={"remote_tts_url": None})  # a flag counts more
    _log_at(settings.tts_broker_log_level, settings)
    from repartee.brokers.run import run_tts_broker

    run_tts_broker(settings, engine)


def _log_at(level: str, settings: Settings) -> None:
    """A broker has a level of its own; DEBUG overrides it."""
    if not settings.debug:
        logging.getLogger().setLevel(level)


for verb in (stt, tts):
    app.command()(politely(verb))
