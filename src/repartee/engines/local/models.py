"""Where the models of local engines lie. Nothing here fetches anything.

A model is named by its folder or file, by its name in the folder of models, or by its name on the
Hugging Face hub, if it has been fetched from there before. What is not on this machine is an
`EngineMissing` that says how it gets here: a call must never wait for a download.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from repartee.errors import EngineMissing
from repartee.models.known import called

MODELS_DIR = "models"


class Shelf(msgspec.Struct, frozen=True):
    """One engine's view of the models on this machine. Reads the disk, so use it in a thread."""

    engine: str
    setting: str
    """The setting that names the model, for those who have to correct it."""
    models_dir: str = MODELS_DIR

    def folder(
        self, model: str, files: Sequence[str], hub: Callable[[str], str] | None = None
    ) -> Path:
        """The folder of this model, with all these files in it.

        `hub` finds a model by its name among those that were fetched from the hub.
        """
        found = self._on_disk(model, Path.is_dir) or _fetched(hub or fetched_before, model)
        if found is None:
            raise self.missing(model, ", ".join(files))
        lacking = [name for name in files if not (found / name).is_file()]
        if lacking:
            raise self.missing(model, ", ".join(lacking))
        return found

    def file(self, model: str, suffix: str, *, library_keeps: Path | None = None) -> Path:
        """The file of this model; its name may lack the suffix.

        `library_keeps` is the folder where the engine's library puts what it has fetched.
        """
        named = model if model.endswith(suffix) else f"{model}{suffix}"
        own_folder = f"{Path(named).name.removesuffix(suffix)}/{Path(named).name}"
        found = self._on_disk(named, Path.is_file) or self._on_disk(own_folder, Path.is_file)
        if found is None and library_keeps and (library_keeps / named).is_file():
            found = library_keeps / named
        if found is None:
            raise self.missing(model, Path(named).name)
        return found

    def missing(self, model: str, what: str) -> EngineMissing:
        known = called(self.engine, model)
        how = f"Fetch it with: repartee models pull {known.name}. Or put" if known else "Put"
        place = known.name if known else _name(model)
        return EngineMissing(
            f"The model “{_name(model)}” of the {self.engine} engine is not on this machine.",
            hint=f"{how} {what} where models lie ({_name(self.models_dir)}/{place}), or set"
            f" {self.setting} to where they are.",
        )

    def broken(self, model: str, failure: Exception) -> EngineMissing:
        """The library that was to load the model did not like it."""
        return EngineMissing(
            f"The model “{_name(model)}” can't be loaded by the {self.engine} engine:"
            f" {type(failure).__name__}.",
            hint=f"Fetch it again, or set {self.setting} to another one.",
        )

    def _on_disk(self, model: str, fits: Callable[[Path], bool]) -> Path | None:
        try:
            named, models = Path(model).expanduser(), Path(self.models_dir).expanduser()
            places = [models / named, named]
            if not named.is_absolute():  # its maker's name may not be part of the folder's
                own = models / self.engine
                places = [own / named, own / named.name, models / named, models / named.name, named]
            return next((place for place in places if model and fits(place)), None)
        except (OSError, RuntimeError, ValueError):  # no file can have such a name
            return None


def fetched_before(repository: str) -> str:
    """The folder of what was fetched from the hub; an error if nothing was."""
    from huggingface_hub import snapshot_download

    return str(snapshot_download(repository, local_files_only=True))


def _fetched(hub: Callable[[str], str], model: str) -> Path | None:
    try:
        return Path(hub(model))
    except (ImportError, OSError, ValueError):  # no hub at all, nothing fetched, not a hub's name
        return None


def _name(path: str) -> str:
    """A sentence for everybody shows no paths."""
    return Path(path).name or path
