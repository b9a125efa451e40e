"""`repartee mqtt`: serve the devices of an MQTT broker."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Annotated

import typer

from repartee.cli import flags
from repartee.cli.starting import settings_of
from repartee.errors import ReparteeError
from repartee.installing import command, extra


def mqtt(
    broker: Annotated[
        str | None,
        typer.Option(help="mqtt://host:port, or mqtts://… (MQTT_BROKER).", metavar="URL"),
    ] = None,
    vad: flags.Vad = None,
    stt: flags.Stt = None,
    llm: flags.Llm = None,
    tts: flags.Tts = None,
    language: flags.Language = None,
    voice: flags.Voice = None,
    script: flags.Script = None,
) -> None:
    """Serve the devices of an MQTT broker until it is told to stop (Ctrl+C)."""
    settings = settings_of(
        mqtt_broker=broker,
        vad=vad,
        stt=stt,
        llm=llm,
        tts=tts,
        default_language=language,
        tts_default_voice=voice,
        script=script,
    )
    if find_spec("aiomqtt") is None:
        raise ReparteeError(
            "MQTT needs the package aiomqtt, which is not installed.",
            hint=f"Install it with: {command(extra('mqtt'))}",
        )
    from repartee.bridges.mqtt.run import run_bridge

    run_bridge(settings)
