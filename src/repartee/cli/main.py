"""The command `repartee`: one verb, one file.

Nothing heavy is imported here or at the top of a verb: `--help` and a wrong flag answer at once.
"""

from __future__ import annotations

from typing import Annotated

import typer

from repartee.cli import broker, keys, models
from repartee.cli.doctor import doctor
from repartee.cli.failing import politely
from repartee.cli.mqtt import mqtt
from repartee.cli.replay import replay
from repartee.cli.say import say
from repartee.cli.serve import serve
from repartee.cli.talk import talk
from repartee.cli.transcribe import transcribe
from repartee.engines.threads import quiet_threads

quiet_threads()  # before any verb loads a numeric library

app = typer.Typer(
    help="A self-hosted voice server: it listens, thinks and answers aloud.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from repartee import __version__

        print(f"repartee {__version__}")
        raise typer.Exit


@app.callback()
def repartee(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    """A self-hosted voice server: it listens, thinks and answers aloud."""


for verb in (serve, talk, say, transcribe, doctor, replay, mqtt):
    app.command()(politely(verb))
app.add_typer(broker.app, name="broker")
app.add_typer(keys.app, name="keys")
app.add_typer(models.app, name="models")
