"""One file from its source to this disk: streamed, resumed where it broke off, and checked.

It is written beside its place, as `name.part`, and gets its name when all of it is there and its
checksum is right. `name.part.etag` says which version the part is of, so that a resumed download
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

SPARE_BYTES = 200_000_000
"""A disk is never filled to the brim."""
MOST_TRIES = 4
"""In a row, without one more byte."""
TIMEOUTS = httpx.Timeout(30.0, connect=10.0)
_PASSING = (408, 425, 429, 500, 502, 503, 504)
_SHA256_HEX_DIGITS = 64

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
    def etag(self) -> Path:
        return self.part.with_name(f"{self.part.name}.etag")

    @property
    def host(self) -> str:
        return httpx.URL(self.url).netloc.decode()


class _Broken(Exception):
    """It broke off, and may go on."""


def fetch(
    client: httpx.Client, wanted: Wanted, told: Told, pause: Callable[[float], None] = time.sleep
) -> str:
    """Fetch it, and say its SHA-256. One that is not what it should be is deleted."""
    failures, before = 0, _size(wanted.part)
    while True:
        try:
            announced = _attempt(client, wanted, told)
            break
        except (_Broken, httpx.RequestError) as problem:
            failures = 1 if _size(wanted.part) > before else failures + 1
            before = _size(wanted.part)
            if failures >= MOST_TRIES:
                raise _unreachable(wanted, problem) from problem
            pause(2.0 ** (failures - 1))
        except OSError as problem:
            raise _unwritable(wanted, problem) from problem
    return _checked(wanted, announced)


def _attempt(client: httpx.Client, wanted: Wanted, told: Told) -> str | None:
    """Fetch the rest of it; the checksum that the source announces, if it does."""
    have = _size(wanted.part)
    headers = {"Accept-Encoding": "identity", **wanted.headers}
    if have and wanted.etag.is_file():
        headers |= {"Range": f"bytes={have}-", "If-Range": wanted.etag.read_text()}
    with client.stream("GET", wanted.url, headers=headers, follow_redirects=True) as response:
        _judge(response, wanted)
        goes_on = response.status_code == httpx.codes.PARTIAL_CONTENT and (
            response.headers.get("content-range", "").startswith(f"bytes {have}-")
        )
        if response.status_code == httpx.codes.PARTIAL_CONTENT and not goes_on:
            _forget(wanted)
            raise _Broken("another part than the one that was asked for")
        here = have if goes_on else 0
        total = _total(response, here)
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
        return _announced_sha256(response)


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


def _checked(wanted: Wanted, announced: str | None) -> str:
    found = sha256_of(wanted.part)
    right = wanted.sha256 or announced or found
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
    wanted.etag.unlink(missing_ok=True)
    return found


def sha256_of(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _total(response: httpx.Response, have: int) -> int | None:
    length = response.headers.get("content-length", "")
    return have + int(length) if length.isdecimal() else None


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
    """A weak tag is no promise that the bytes are the same."""
    tag = response.headers.get("etag", "")
    if tag and not tag.startswith("W/"):
        wanted.etag.write_text(tag)
    else:
        wanted.etag.unlink(missing_ok=True)


def _announced_sha256(response: httpx.Response) -> str | None:
    """The hub says it in the answer that leads to the file."""
    for one in (*response.history, response):
        tag = one.headers.get("x-linked-etag", "").strip('"').lower()
        if len(tag) == _SHA256_HEX_DIGITS and all(digit in "0123456789abcdef" for digit in tag):
            return str(tag)
    return None


def _forget(wanted: Wanted) -> None:
    wanted.part.unlink(missing_ok=True)
    wanted.etag.unlink(missing_ok=True)


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
