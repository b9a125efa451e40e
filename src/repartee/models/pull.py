"""A model from its source to the folder of models."""

from __future__ import annotations

import fnmatch
import shutil
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import httpx
import msgspec

from repartee.errors import ReparteeError
from repartee.models import download
from repartee.models.download import NotThere, Wanted
from repartee.models.known import find
from repartee.models.model import File, Model
from repartee.models.sources import Sources
from repartee.models.storeroom import Record, Storeroom, bytes_in

MOST_UNPACKED_BYTES = 4_000_000_000


class Watcher(Protocol):
    """Whoever shows how it goes on."""

    def begins(self, model: Model) -> None: ...
    def is_here_already(self, model: Model, place: Path) -> None: ...
    def fetches(self, file: str, have: int, total: int | None) -> None: ...
    def is_unverified(self, file: str, sha256: str) -> None: ...
    def ends(self, model: Model, place: Path) -> None: ...


class Puller(msgspec.Struct, frozen=True):
    room: Storeroom
    sources: Sources
    watcher: Watcher
    trust_anew: bool = False
    """A file that is not what it was when it came first is taken all the same."""
    pause: Callable[[float], None] = time.sleep

    def pull(self, model: Model) -> None:
        """This model and those that it can't do without."""
        wanted = [found for name in model.beside if (found := find(name))]
        missing = [one for one in (model, *wanted) if self.room.found(one) is None]
        for one in (model, *wanted):
            if (place := self.room.found(one)) is not None:
                self.watcher.is_here_already(one, place)
        if missing and self.sources.offline:
            raise ReparteeError(
                f"The model {missing[0].name} is not here, and MODELS_OFFLINE forbids to fetch it.",
                hint=f"Put its files into {missing[0].name} below MODELS_DIR"
                f" ({', '.join(missing[0].yields)}), or set MODELS_OFFLINE to false.",
            )
        try:
            with self.room.alone(), httpx.Client(timeout=download.TIMEOUTS) as client:
                for one in missing:
                    self._fetch_all(client, one)
        except OSError as problem:
            raise ReparteeError(
                f"Models can't be written to their folder: {problem.strerror}.",
                hint="Set MODELS_DIR to a folder that you may write to.",
            ) from problem

    def _fetch_all(self, client: httpx.Client, model: Model) -> None:
        self.watcher.begins(model)
        partial = self.room.partial(model)
        partial.mkdir(parents=True, exist_ok=True)
        self._have_room(model, partial)
        for file in model.files:
            if not all((partial / name).is_file() for name in file.yields):
                self._fetch(client, model, file, partial)
        self.room.take_in(model)
        self.watcher.ends(model, self.room.place(model))

    def _have_room(self, model: Model, partial: Path) -> None:
        """Better to know before the first gigabyte than after it."""
        more = (model.megabytes or 0) * 1_000_000 - bytes_in(partial)
        free = shutil.disk_usage(partial).free
        if more > 0 and free < more + download.SPARE_BYTES:
            raise download.no_room(more, free)

    def _fetch(self, client: httpx.Client, model: Model, file: File, partial: Path) -> None:
        known = self.room.records()
        key = f"{model.name}/{file.name}"
        before = None if self.trust_anew else known.get(key)
        wanted = Wanted(
            self.sources.address(file.url),
            partial / file.name,
            file.sha256 or (before.sha256 if before else None),
            is_as_before=file.sha256 is None,
            headers=self.sources.headers(file.url),
        )
        try:
            came = download.fetch(
                client,
                wanted,
                lambda have, total: self.watcher.fetches(file.name, have, total),
                self.pause,
            )
        except NotThere:
            if file.needed:
                raise
            return
        verified = came.is_verified or (before is not None and before.verified)
        if not verified and before is None:
            self.watcher.is_unverified(file.name, came.sha256)
        self.room.remember({**known, key: Record(came.sha256, verified)})
        if file.unpack:
            _unpack(file, wanted.place)


def _unpack(file: File, archive: Path) -> None:
    """Take out what is wanted, by names of our own: no path in an archive is followed."""
    try:
        with zipfile.ZipFile(archive) as opened:
            members = sorted(opened.infolist(), key=lambda member: member.filename)
            for pattern, name in (*file.unpack, *file.unpack_if_there):
                match = [one for one in members if fnmatch.fnmatchcase(one.filename, pattern)]
                if match and match[0].file_size <= MOST_UNPACKED_BYTES:
                    with opened.open(match[0]) as source, (archive.parent / name).open("wb") as to:
                        shutil.copyfileobj(source, to)
                elif (pattern, name) in file.unpack:
                    raise zipfile.BadZipFile(f"no {name}")
    except (zipfile.BadZipFile, EOFError) as problem:
        raise ReparteeError(
            f"The archive {file.name} can't be unpacked ({problem}).", hint="Try again later."
        ) from problem
    finally:
        archive.unlink()
