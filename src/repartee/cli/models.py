"""`repartee models`: which models are known and here, and how they come and go."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from repartee.cli import flags
from repartee.cli.failing import politely
from repartee.cli.starting import settings_of
from repartee.errors import ReparteeError

if TYPE_CHECKING:
    from repartee.models.model import File, Model
    from repartee.models.sources import Sources
    from repartee.models.storeroom import Record, Storeroom
    from repartee.settings import Settings

app = typer.Typer(help="The models of engines that run here.", no_args_is_help=True)

Names = Annotated[
    list[str],
    typer.Argument(help="Such as moonshine/small-streaming-en, or an engine for its usual one."),
]
Dir = Annotated[
    str | None, typer.Option(help="The folder of models (MODELS_DIR).", metavar="FOLDER")
]


class Row(NamedTuple):
    model: Model
    bytes_here: int | None


def list_models(
    engine: Annotated[str | None, typer.Argument(help="Those of this engine.")] = None,
    here: Annotated[bool, typer.Option("--here", help="Only what is on this machine.")] = False,
    as_json: flags.AsJson = False,
    models_dir: Dir = None,
) -> None:
    """Show the models that are known, and which are here."""
    from repartee.models.known import ENGINES, KNOWN
    from repartee.models.storeroom import bytes_in

    if engine is not None and engine not in ENGINES:
        raise ReparteeError(
            f"No models are known for an engine named “{engine[:40]}”.",
            hint=f"There are: {', '.join(ENGINES)}.",
        )
    room = _room(settings_of(quiet=True, models_dir=models_dir))
    rows: list[Row] = []
    for model in (*KNOWN, *_laid_down(room)):
        place = room.found(model)
        if (engine is None or model.engine == engine) and (place or not here):
            rows.append(Row(model, bytes_in(place) if place else None))
    records = room.records()
    print(_as_json(rows, records) if as_json else _as_text(rows, records))


def pull(
    names: Names,
    trust_anew: Annotated[
        bool,
        typer.Option(
            "--trust-anew", help="Take files that are not what they were when they came first."
        ),
    ] = False,
    models_dir: Dir = None,
) -> None:
    """Fetch models. What broke off goes on where it was."""
    from repartee.cli.progress import Progress
    from repartee.models.pull import Puller

    settings = settings_of(quiet=True, models_dir=models_dir)
    puller = Puller(_room(settings), _sources(settings), Progress(), trust_anew)
    for model in [_find(name) for name in names]:
        puller.pull(model)


def remove(names: Names, models_dir: Dir = None) -> None:
    """Delete models from this machine."""
    room = _room(settings_of(quiet=True, models_dir=models_dir))
    for model in [_find(name) for name in names]:
        if room.remove(model):
            print(f"{model.name} is removed.")
        elif (place := room.found(model)) is not None:
            print(f"{model.name} was laid down by somebody: delete {place} by hand.")
        else:
            print(f"{model.name} was not here.")


def path(
    name: Annotated[str | None, typer.Argument(help="A model; without it, the folder.")] = None,
    models_dir: Dir = None,
) -> None:
    """Print where a model lies, or the folder of all models."""
    room = _room(settings_of(quiet=True, models_dir=models_dir))
    if name is None:
        print(room.folder.absolute())
        return
    model = _find(name)
    if (place := room.found(model)) is None:
        raise ReparteeError(
            f"The model {model.name} is not here.",
            hint=f"Fetch it with: repartee models pull {model.name}",
        )
    print(place.absolute())


def _room(settings: Settings) -> Storeroom:
    from repartee.models.storeroom import Storeroom

    return Storeroom(Path(settings.models_dir).expanduser())


def _sources(settings: Settings) -> Sources:
    from repartee.models.sources import Sources

    token = settings.hf_token.get_secret_value() if settings.hf_token else None
    return Sources(
        settings.models_mirror, settings.hf_endpoint, token, offline=settings.models_offline
    )


def _find(name: str) -> Model:
    from repartee.models.known import ENGINES, KNOWN, find

    if (model := find(name)) is not None:
        return model
    alike = difflib.get_close_matches(name, [*ENGINES, *(one.name for one in KNOWN)], n=3)
    raise ReparteeError(
        f"No model named “{name[:80]}” is known.",
        hint=f"Did you mean {' or '.join(alike)}?"
        if alike
        else "repartee models list shows those that are.",
    )


def _laid_down(room: Storeroom) -> list[Model]:
    """Models that are known by the manner of their names, and here."""
    from repartee.models.known import KNOWN, find

    listed = {model.name for model in KNOWN}
    folders = [*room.folder.glob("piper/*"), *room.folder.glob("mms/*")]
    names = [f"{folder.parent.name}/{folder.name}" for folder in sorted(folders)]
    return [model for name in names if name not in listed and (model := find(name))]


def _as_text(rows: list[Row], records: Mapping[str, Record]) -> str:
    if not rows:
        return "No model is here yet: repartee models pull NAME fetches one."
    width = max(len(row.model.name) for row in rows)
    lines = []
    for model, here in rows:
        size = here / 1e6 if here is not None else model.megabytes
        shown = f"{size:>8,.0f} MB" if size is not None else " " * 11
        mark = "here" if here is not None else "    "
        checked = "" if here is None else f"{_checked(model, records)}, "
        lines.append(
            f"{mark}  {model.name:<{width}}  {shown}  {checked}{model.licence}, from {model.source}"
        )
    return "\n".join(lines)


def _checked(model: Model, records: Mapping[str, Record]) -> str:
    """Whether its files are what their makers or their sources say that they are."""
    noted = [record for file in model.files if (record := _record(model, file, records))]
    if not noted:
        return "laid down by hand"
    return "verified" if all(record.verified for record in noted) else "not verified"


def _record(model: Model, file: File, records: Mapping[str, Record]) -> Record | None:
    return records.get(f"{model.name}/{file.name}")


def _as_json(rows: list[Row], records: Mapping[str, Record]) -> str:
    told = [
        {
            "name": model.name,
            "engine": model.engine,
            "here": here is not None,
            "bytes": here,
            "megabytes": model.megabytes,
            "licence": model.licence,
            "source": model.source,
            "languages": model.languages,
            "verified": _checked(model, records) == "verified" if here is not None else None,
            "files": [_file_told(model, file, records) for file in model.files],
        }
        for model, here in rows
    ]
    return json.dumps(told, ensure_ascii=False, indent=2)


def _file_told(model: Model, file: File, records: Mapping[str, Record]) -> dict[str, Any]:
    """`published` is the checksum that its maker publishes; `sha256` is that of what came."""
    came = _record(model, file, records)
    return {
        "name": file.name,
        "source": file.url,
        "published": file.sha256,
        "sha256": came.sha256 if came else None,
        "verified": came.verified if came else None,
    }


app.command("list")(politely(list_models))
for verb in (pull, remove, path):
    app.command()(politely(verb))
