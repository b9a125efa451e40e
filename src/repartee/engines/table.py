"""Prints the engines for people: `python -m repartee.engines.table > docs/engines.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping

from repartee.engines.catalogue import BUILT_IN, BuiltIn, Kind
from repartee.engines.ladder.choosing import FAST_ENOUGH
from repartee.engines.ladder.climbing import PATIENCE_AT_START_S, REACH_WITHIN_S
from repartee.engines.ladder.rungs import LADDER
from repartee.engines.settings_read import settings_read_by

_INTRODUCTION = """\
# Engines

An engine detects speech, hears, thinks or speaks. One line of `.env` chooses it:

```sh
STT=moonshine
```

Engines that are not built in need the extra of the third column, in a checkout `pip install
'.[moonshine]'`, and those with weights of their own a model, `repartee models pull
moonshine` ([models.md](models.md)). What is missing is said in one sentence at the start,
together with the command that brings it. `repartee doctor` tries the engines that are chosen.
Settings that stand here in capitals are in [settings.md](settings.md).

*Here* means that nothing leaves this machine. *Your server* is one that you run, wherever that
is. *Cloud* means that what is said, thought or spoken goes to the company in question. The
licences are those of the engine's library and, after the semicolon, of its usual model; `repartee
models list` names each model's.

The last column is what an engine still finishes for somebody who has left before it is free for the
next one. *At once* is within a tenth of a second, which is measured; so are layers, nodes and
tokens, of models that keep up with speech. A pass of Whisper takes as long as the machine takes for
thirty seconds of sound; nobody waits for the pass of a partial, since partials have a worker of
their own.

This page is printed by `python -m repartee.engines.table`.
"""
_TITLES = {
    "voice": "Detecting speech",
    "turn": "Judging turns",
    "stt": "Hearing",
    "llm": "Thinking",
    "tts": "Speaking",
}
_SETTINGS = {"voice": "VAD"}
_HEAD = ("Name", "Where", "Extra", "Streams", "Languages", "Settings", "Licence", "Lets go")
_LETS_GO = {
    "faster-whisper": "after a pass of its encoder or decoder",
    "moonshine": "after a second of sound",
    "sherpa-onnx": "after a second of sound",
    "whisper": "after a layer",
    "mlx-whisper": "after a token or a pass of its encoder",
    "transformers": "after a layer or a token",
    "kokoro": "after a node of its graph",
    "piper": "after a node of its graph",
    "mms": "after a layer",
    "speecht5": "after a layer",
    "coqui": "after a layer; without a vocoder, after the phrase",
}
"""What these still finish for somebody who has left."""
_LADDER = """\

## auto

`STT=auto`, `LLM=auto` and `TTS=auto` take the best engine that is installed, has its model or its
key, speaks `DEFAULT_LANGUAGE`, and is fast enough on this machine. The log says which one that
is, and which one command would bring a better one. `repartee doctor --recommend` shows the whole
ladder, with what is missing on every rung.

A key or an address in the settings, be it in `.env` or in the environment, is taken as the wish
to use that service: where its engine is the best, what is said goes there. Before it is taken,
the service has {reach:.0f} seconds to answer and to accept the key; nothing is asked of it, and
nothing said. One that did is remembered until its key or its address is another; one that did not
is passed over with a warning, and asked again at the next start. What becomes of it afterwards is
a matter for a chain, `STT=auto,pocketsphinx` ([chains.md](chains.md)). Set
`AUTO_LOCAL_ONLY=true` to rule all that out.

Two are never chosen but by name: `huggingface`, because its token is also needed to fetch models,
and `gtts`, which nobody promises. `OPENAI_BASE_URL` alone is a wish for its language model and not
for its ears and voice, which most servers of that kind don't have.

Engines that run here are tried once on each machine, in a process of their own, the first time
that `auto` meets them: at a start for {patience:.0f} seconds at most for each kind.
`measured.json` among the models keeps how it went. Fast enough is, for a short sentence or
question:

| | waits at most | works at most, for a second of speech |
| --- | --- | --- |
{limits}

Where `STT_MODEL`, `LLM_MODEL` or `TTS_MODEL` is set, `auto` takes an engine that has that model.

The order, the best first:

"""


def markdown() -> str:
    """The page `docs/engines.md`."""
    sections = "".join(_section(kind, engines) for kind, engines in BUILT_IN.items())
    return f"{_INTRODUCTION}{sections}{_ladder()}"


def _section(kind: Kind, engines: Mapping[str, BuiltIn]) -> str:
    setting = _SETTINGS.get(kind, kind.upper())
    rows = (_row([f"`{name}`", *_cells(name, engine)]) for name, engine in engines.items())
    table = "\n".join([_row(_HEAD), _row(["---"] * len(_HEAD)), *rows])
    return f"\n## {_TITLES[kind]}: `{setting}`\n\n{table}\n"


def _cells(name: str, engine: BuiltIn) -> Iterator[str]:
    yield engine.where
    yield f"`{engine.extra}`" if engine.extra else "none"
    yield engine.streaming
    yield engine.languages
    yield ", ".join(f"`{one.upper()}`" for one in settings_read_by(engine)) or "none"
    yield engine.licence
    yield _LETS_GO.get(name, "at once")


def _ladder() -> str:
    limits = "\n".join(
        _row([f"`{kind.upper()}`", f"{most.wait_ms / 1000:.1f} s", f"{most.pace:.1f} s"])
        for kind, most in FAST_ENOUGH.items()
    )
    orders = "\n".join(
        f"- `{kind.upper()}`: {', '.join(rung.name for rung in rungs)}"
        for kind, rungs in LADDER.items()
    )
    told = _LADDER.format(patience=PATIENCE_AT_START_S, reach=REACH_WITHIN_S, limits=limits)
    return f"{told}{orders}\n"


def _row(cells: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


if __name__ == "__main__":
    sys.stdout.write(markdown())
