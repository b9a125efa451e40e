"""The models that are known by name: one table. The first of each engine is its default."""

from __future__ import annotations

from pathlib import Path

from repartee.models.model import Model
from repartee.models.recognizers import (
    FASTER_WHISPER,
    MLX_WHISPER,
    MOONSHINE,
    SHERPA_ONNX,
    SMART_TURN,
    WHISPER,
)
from repartee.models.voices import COQUI, KOKORO, MMS, PIPER, SPEECHT5, mms, piper
from repartee.models.writers import LLAMACPP, TRANSFORMERS

KNOWN: tuple[Model, ...] = (
    *FASTER_WHISPER,
    *MOONSHINE,
    *SHERPA_ONNX,
    *WHISPER,
    *MLX_WHISPER,
    *SMART_TURN,
    *LLAMACPP,
    *TRANSFORMERS,
    *KOKORO,
    *PIPER,
    *MMS,
    *SPEECHT5,
    *COQUI,
)
ENGINES = tuple(dict.fromkeys(model.engine for model in KNOWN))
_BY_NAME = {model.name: model for model in KNOWN}
_ENDINGS = (".pt", ".gguf", ".onnx", ".npy")


def find(name: str) -> Model | None:
    """The model of this name, `engine/model`; the name of an engine alone is its default."""
    engine, _, title = name.partition("/")
    if not title:
        return next((model for model in KNOWN if model.engine == engine), None)
    return _BY_NAME.get(name) or _known_by_its_name(engine, title)


def called(engine: str, setting: str) -> Model | None:
    """The model that this engine's setting means, if it is known."""
    title = Path(setting).name
    for ending in _ENDINGS:
        title = title.removesuffix(ending)
    return find(f"{engine}/{title}") if title else None


def _known_by_its_name(engine: str, title: str) -> Model | None:
    if engine == "piper":
        return piper(title)
    return mms(title) if engine == "mms" else None
