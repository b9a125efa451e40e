"""One file from its source to this disk: streamed, resumed where it broke off, and checked.

It is written beside its place, as `name.part`, and gets its name when all of it is there and its
checksum is right. `name.part.version` says which version the part is of, so that a resumed download
is never made of two.
"""

from __future__ import annotations

import errno
import hashlib
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import msgspec

from repartee.errors import ReparteeError
from repartee.models.answers import (
    announced_sha256,
    is_whole_length,
    length_of,
    says_where_it_ends,
    version_of,
)

SPARE_BYTES = 200_000_000
"""A disk is never filled to the brim."""
MOST_TRIES = 4
"""In a row, each of them hardly worth it."""
WORTH_BYTES = 1_000_000
"""A try that brings so much was worth it, and the patience begins anew."""
TIMEOUTS = httpx.Timeout(30.0, connect=10.0)
_PASSING = (408, 425, 429, 500, 502, 503, 504)

Told = Callable[[int, int | None], None]
"""How many bytes are here, of how many, where that is known."""


class NotThere(ReparteeError):
    """The source has no such file."""

    code = "not_found"


class Wanted(msgspec.Struct, frozen=True):
    """A file to be fetched."""

    url: str
    place: Path
    sha256: str | None = None
    is_as_before: bool = False
    """The checksum is no published one: it is what came the first time."""
    headers: dict[str, str] = {}

    @property
    def part(self) -> Path:
        return self.place.with_name(f"{self.place.name}.part")

    @property
    def version(self) -> Path:
        return self.part.with_name(f"{self.part.name}.version")

    @property
    def host(self) -> str:
        return httpx.URL(self.url).netloc.decode()


class Fetched(msgspec.Struct, frozen=True):
    """A file that has come."""

    sha256: str
    is_verified: bool
    """Its checksum is one that its maker publishes or its source announces. Otherwise nobody knows
    whether it is the right file, but whoever fetched it first."""


class _Broken(Exception):
    """It broke off, and may go on."""


class _Came(msgspec.Struct, frozen=True):
    """All that there was has come."""

    announced: str | None = None
    is_whole: bool = True
    """False: for all that is known it may have broken off."""


def fetch(
    client: httpx.Client, wanted: Wanted, told: Told, pause: Callable[[float], None] = time.sleep
) -> Fetched:
    """Fetch it. One that is not what it should be is deleted."""
    if wanted.sha256 and wanted.part.is_file() and sha256_of(wanted.part) == wanted.sha256:
        return _checked(wanted, _Came())  # it only had not got its name
    failures, most = 0, _size(wanted.part)
    while True:
        try:
            came = _attempt(client, wanted, told)
            break
        except (_Broken, httpx.RequestError) as problem:
            here = _size(wanted.part)
            failures = 1 if here >= most + WORTH_BYTES else failures + 1
            most = max(most, here)
            if failures >= MOST_TRIES:
                raise _unreachable(wanted, problem) from problem
            pause(2.0 ** (failures - 1))
        except OSError as problem:
            raise _unwritable(wanted, problem) from problem
    return _checked(wanted, came)


def _attempt(client: httpx.Client, wanted: Wanted, told: Told) -> _Came:
    """Fetch the rest of it."""
    have = _size(wanted.part)
    headers = {"Accept-Encoding": "identity", **wanted.headers}
    if have and wanted.version.is_file():
        headers |= {"Range": f"bytes={have}-", "If-Range": wanted.version.read_text()}
    with client.stream("GET", wanted.url, headers=headers, follow_redirects=True) as response:
        if "Range" in headers and _has_no_more(response, have):
            return _Came(announced_sha256(response))
        _judge(response, wanted)
        goes_on = response.status_code == httpx.codes.PARTIAL_CONTENT and (
            response.headers.get("content-range", "").startswith(f"bytes {have}-")
        )
        if response.status_code == httpx.codes.PARTIAL_CONTENT and not goes_on:
            _forget(wanted)
            raise _Broken("another part than the one that was asked for")
        here = have if goes_on else 0
        total = length_of(response, here)
        _have_room(wanted, total - here if total is not None else 0)
        if not goes_on:
            _note_version(wanted, response)
        with wanted.part.open("ab" if goes_on else "wb") as file:
            told(here, total)
            for piece in response.iter_raw():
                file.write(piece)
                here += len(piece)
                told(here, total)
        if total is not None and here != total:
            raise _Broken(f"{here} of {total} bytes")
        return _Came(announced_sha256(response), says_where_it_ends(response))


def _has_no_more(response: httpx.Response, have: int) -> bool:
    return response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE and is_whole_length(
        response, have
    )


def _judge(response: httpx.Response, wanted: Wanted) -> None:
    status = response.status_code
    if status in (httpx.codes.OK, httpx.codes.PARTIAL_CONTENT):
        return
    if status == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
        _forget(wanted)
    if status in _PASSING or status == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
        raise _Broken(f"HTTP {status}")
    if status in (httpx.codes.NOT_FOUND, httpx.codes.GONE):
        raise NotThere(
            f"{wanted.host} has no file {wanted.place.name} for this model.",
            hint="If that is a mirror, it may lack this model; otherwise it has been moved.",
        )
    if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        raise ReparteeError(
            f"{wanted.host} doesn't give {wanted.place.name} to everybody.",
            hint="Agree to the model's licence on its page, and set HF_TOKEN.",
        )
    raise ReparteeError(f"{wanted.host} answered {status} when asked for {wanted.place.name}.")


def _checked(wanted: Wanted, came: _Came) -> Fetched:
    found = sha256_of(wanted.part)
    right = wanted.sha256 or came.announced
    if right is None and not came.is_whole:
        _forget(wanted)
        raise ReparteeError(
            f"{wanted.host} doesn't say how long {wanted.place.name} is, and nobody says its"
            " checksum: whether all of it came can't be told. It was deleted.",
            hint="Choose another source with MODELS_MIRROR, or lay the file down by hand.",
        )
    right = right or found
    if found != right:
        _forget(wanted)
        raise ReparteeError(
            f"What {wanted.host} sent as {wanted.place.name} is not the file that was expected: its"
            f" checksum begins with {found[:12]} in place of {right[:12]}. It was deleted.",
            hint="Try again; if it stays so, the file has been changed at its source, and"
            " --trust-anew takes it as it is now."
            if wanted.is_as_before
            else "Try again, or choose another source with MODELS_MIRROR.",
        )
    wanted.part.replace(wanted.place)
    wanted.version.unlink(missing_ok=True)
    is_published = wanted.sha256 is not None and not wanted.is_as_before
    return Fetched(found, is_published or found == came.announced)


def sha256_of(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _have_room(wanted: Wanted, more_bytes: int) -> None:
    free = shutil.disk_usage(wanted.part.parent).free
    if more_bytes and free < more_bytes + SPARE_BYTES:
        raise no_room(more_bytes, free)


def no_room(more_bytes: int, free_bytes: int) -> ReparteeError:
    return ReparteeError(
        f"The disk has too little room: {_megabytes(more_bytes)} are to come,"
        f" {_megabytes(free_bytes)} are free.",
        hint="Make room, or set MODELS_DIR to a folder on another disk.",
    )


def _note_version(wanted: Wanted, response: httpx.Response) -> None:
    if version := version_of(response):
        wanted.version.write_text(version)
    else:
        wanted.version.unlink(missing_ok=True)


def _forget(wanted: Wanted) -> None:
    wanted.part.unlink(missing_ok=True)
    wanted.version.unlink(missing_ok=True)


def _size(file: Path) -> int:
    return file.stat().st_size if file.is_file() else 0


def _unreachable(wanted: Wanted, problem: Any) -> ReparteeError:
    what = str(problem) if isinstance(problem, _Broken) else type(problem).__name__
    return ReparteeError(
        f"{wanted.host} can't be reached, or breaks off all the time ({what}).",
        hint="Try again later: what is here already is not fetched again. Behind a proxy set"
        " HTTPS_PROXY; a server that has copies can be named with MODELS_MIRROR.",
    )


def _unwritable(wanted: Wanted, problem: OSError) -> ReparteeError:
    if problem.errno == errno.ENOSPC:
        return no_room(SPARE_BYTES, 0)
    return ReparteeError(
        f"{wanted.place.name} can't be written among the models: {problem.strerror}.",
        hint="Set MODELS_DIR to a folder that you may write to.",
    )


def _megabytes(number: int) -> str:
    return f"{number / 1e6:,.0f} MB"
