"""`repartee serve`: run the server."""

from __future__ import annotations

from typing import Annotated

import typer

from repartee.cli import flags
from repartee.cli.starting import settings_of


def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on (HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="The port (PORT).")] = None,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the page to talk.")] = False,
    vad: flags.Vad = None,
    stt: flags.Stt = None,
    llm: flags.Llm = None,
    tts: flags.Tts = None,
    llm_model: Annotated[
        str | None, typer.Option(help="A .gguf file with the model (LLM_MODEL).", metavar="FILE")
    ] = None,
    language: flags.Language = None,
    voice: flags.Voice = None,
    script: flags.Script = None,
    tls_cert: Annotated[
        str | None, typer.Option(help="A certificate, for HTTPS (TLS_CERT).", metavar="FILE")
    ] = None,
    tls_key: Annotated[
        str | None, typer.Option(help="The key of that certificate (TLS_KEY).", metavar="FILE")
    ] = None,
    log_level: Annotated[str | None, typer.Option(help="LOG_LEVEL, such as DEBUG.")] = None,
    log_format: Annotated[str | None, typer.Option(help="text or json (LOG_FORMAT).")] = None,
) -> None:
    """Run the server until it is told to stop (Ctrl+C)."""
    settings = settings_of(
        host=host,
        port=port,
        vad=vad,
        stt=stt,
        llm=llm,
        tts=tts,
        llm_model=llm_model,
        default_language=language,
        tts_default_voice=voice,
        script=script,
        tls_cert=tls_cert,
        tls_key=tls_key,
        log_level=log_level,
        log_format=log_format,
    )
    from repartee.server.run import serve as run

    run(settings, open_browser)
