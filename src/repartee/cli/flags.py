"""Flags that several verbs share. Each one overrides the setting in its help."""

from __future__ import annotations

from typing import Annotated

import typer

Stt = Annotated[str | None, typer.Option(help="The recogniser (STT).", metavar="ENGINE")]
Tts = Annotated[str | None, typer.Option(help="The synthesiser (TTS).", metavar="ENGINE")]
Llm = Annotated[str | None, typer.Option(help="The model that answers (LLM).", metavar="ENGINE")]
Vad = Annotated[str | None, typer.Option(help="The speech detector (VAD).", metavar="ENGINE")]
Script = Annotated[
    str | None, typer.Option(help="What scripted engines play (SCRIPT).", metavar="FILE")
]
Voice = Annotated[str | None, typer.Option(help="The voice (TTS_DEFAULT_VOICE).", metavar="NAME")]
Language = Annotated[
    str | None, typer.Option(help="The language, such as en (DEFAULT_LANGUAGE).", metavar="CODE")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
