"""What is known of a model before it is here."""

from __future__ import annotations

import msgspec

HUB = "https://huggingface.co"


class File(msgspec.Struct, frozen=True):
    """One file at its source."""

    url: str
    name: str
    """What it is called in the model's folder."""
    sha256: str | None = None
    """None where its maker publishes none: then the first one that was fetched counts."""
    needed: bool = True
    """False: a model whose source has no such file works without it."""
    unpack: tuple[tuple[str, str], ...] = ()
    """For a ZIP archive: patterns of what is taken out of it, and what each is called then."""
    unpack_if_there: tuple[tuple[str, str], ...] = ()

    @property
    def yields(self) -> tuple[str, ...]:
        """The names that are in the model's folder when this is there."""
        return tuple(name for _, name in self.unpack) or (self.name,)


class Model(msgspec.Struct, frozen=True):
    name: str
    """`engine/model`, which is also its folder below MODELS_DIR."""
    licence: str
    source: str
    """A page about it, for people."""
    files: tuple[File, ...]
    megabytes: int | None = None
    """About how much is fetched, where that is known."""
    languages: tuple[str, ...] = ()
    """None means many."""
    beside: tuple[str, ...] = ()
    """Models that it can't do without."""

    @property
    def engine(self) -> str:
        return self.name.partition("/")[0]

    @property
    def title(self) -> str:
        """What it is called within its engine."""
        return self.name.partition("/")[2]

    @property
    def setting(self) -> str:
        """What the setting of its engine is to be, so that it is loaded."""
        return f"{self.title}.gguf" if self.engine == "llamacpp" else self.title

    @property
    def yields(self) -> tuple[str, ...]:
        """The files without which it doesn't work."""
        return tuple(name for file in self.files if file.needed for name in file.yields)


def on_hub(
    name: str,
    repository: str,
    files: str,
    *,
    licence: str,
    megabytes: int,
    languages: tuple[str, ...] = (),
    optional: str = "",
    beside: tuple[str, ...] = (),
    folder: str = "",
) -> Model:
    """A model whose files lie in a repository of the Hugging Face hub; names are told apart by
    spaces."""
    source = f"{HUB}/{repository}"
    place = f"{source}/resolve/main/{folder}"
    wanted = [File(f"{place}{file}", file) for file in files.split()]
    welcome = [File(f"{place}{file}", file, needed=False) for file in optional.split()]
    return Model(
        name, licence, source, (*wanted, *welcome), megabytes, languages=languages, beside=beside
    )
