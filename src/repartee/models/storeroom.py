"""The folder of models: `engine/model/…`, one folder for each.

A model is fetched into `.partial` and moved to its place when all of it is there, so what lies in
its place is whole. `checksums.json` remembers what the files were when they came first, and whether
anybody but us says so.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec

from repartee.errors import ReparteeError
from repartee.models.model import Model

_CHECKSUMS = "checksums.json"
_PARTIAL = ".partial"


class Record(msgspec.Struct, frozen=True):
    """What a file was when it came first."""

    sha256: str
    verified: bool = False
    """Its maker or its source says the same."""


class Storeroom(msgspec.Struct, frozen=True):
    folder: Path

    def place(self, model: Model) -> Path:
        return self.folder / model.name

    def partial(self, model: Model) -> Path:
        """What has come of it so far."""
        return self.folder / _PARTIAL / model.name

    def found(self, model: Model) -> Path | None:
        """Where it is: in its place, or in a folder that somebody laid down by its name."""
        places = (self.place(model), self.folder / model.title)
        return next((place for place in places if _is_whole(place, model)), None)

    def remove(self, model: Model) -> bool:
        """Away with it, and with what had come of it; whether there was anything."""
        there = [place for place in (self.place(model), self.partial(model)) if place.is_dir()]
        for place in there:
            shutil.rmtree(place)
            with contextlib.suppress(OSError):  # other models of the engine are here
                place.parent.rmdir()
        return bool(there)

    def take_in(self, model: Model) -> None:
        """It is complete: from now on it is in its place."""
        partial, place = self.partial(model), self.place(model)
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.exists():
            partial.replace(place)
        else:  # somebody began to lay it down by hand
            for file in partial.iterdir():
                file.replace(place / file.name)
            partial.rmdir()
        for emptied in (partial.parent, partial.parent.parent):
            with contextlib.suppress(OSError):  # something else is being fetched
                emptied.rmdir()

    def records(self) -> dict[str, Record]:
        """What each file, `engine/model/file`, was when it came first."""
        try:
            told = (self.folder / _CHECKSUMS).read_bytes()
            noted = msgspec.json.decode(told, type=dict[str, Record | str])
            # Once there were checksums alone.
            return {k: Record(one) if isinstance(one, str) else one for k, one in noted.items()}
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.MsgspecError) as problem:
            raise ReparteeError(
                f"The file {_CHECKSUMS} among the models can't be read"
                f" ({type(problem).__name__}), so nothing can be compared with it.",
                hint="Mend it, or delete it to trust what comes next.",
            ) from problem

    def remember(self, records: dict[str, Record]) -> None:
        file = self.folder / _CHECKSUMS
        written = file.with_suffix(".new")
        written.write_bytes(msgspec.json.format(msgspec.json.encode(records), indent=1))
        written.replace(file)

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Two who fetch at the same time would write into each other's files."""
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            if not _locked(lock):
                raise ReparteeError(
                    "Models are being fetched into this folder already.",
                    hint="Wait for that, or set MODELS_DIR to another folder.",
                )
            yield
        finally:
            os.close(lock)


def bytes_in(place: Path) -> int:
    return sum(file.stat().st_size for file in place.rglob("*") if file.is_file())


def _is_whole(place: Path, model: Model) -> bool:
    return all((place / name).is_file() for name in model.yields)


def _locked(lock: int) -> bool:
    try:
        import fcntl
    except ImportError:  # Windows: nobody is kept out
        return True
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
