"""What a source says about a file before it sends it: which version, how long, which checksum."""

from __future__ import annotations

from datetime import timedelta
from email.utils import parsedate_to_datetime

import httpx

_SHA256_HEX_DIGITS = 64
_SETTLED = timedelta(seconds=60)
"""A file that was changed so shortly before may have been changed twice in the same second."""


def version_of(response: httpx.Response) -> str:
    """What tells this version of the file from all others, for `If-Range`; empty if nothing does.

    A weak tag is no promise that the bytes are the same; a date is one where it is old enough.
    """
    tag = str(response.headers.get("etag", ""))
    if tag and not tag.startswith("W/"):
        return tag
    changed = str(response.headers.get("last-modified", ""))
    try:
        age = parsedate_to_datetime(response.headers["date"]) - parsedate_to_datetime(changed)
    except (KeyError, TypeError, ValueError):
        return ""
    return changed if age >= _SETTLED else ""


def length_of(response: httpx.Response, here: int) -> int | None:
    """Of the whole file, of which so much is here already."""
    length = response.headers.get("content-length", "")
    return here + int(length) if length.isdecimal() else None


def is_whole_length(response: httpx.Response, here: int) -> bool:
    """Asked for the rest, it says that there is none: all of it is here."""
    return bool(response.headers.get("content-range", "").replace(" ", "") == f"bytes*/{here}")


def says_where_it_ends(response: httpx.Response) -> bool:
    """Otherwise a connection that breaks off looks like the end of the file."""
    headers = response.headers
    return "content-length" in headers or "chunked" in headers.get("transfer-encoding", "").lower()


def announced_sha256(response: httpx.Response) -> str | None:
    """The hub says it in the answer that leads to the file."""
    for one in (*response.history, response):
        tag = one.headers.get("x-linked-etag", "").strip('"').lower()
        if len(tag) == _SHA256_HEX_DIGITS and all(digit in "0123456789abcdef" for digit in tag):
            return str(tag)
    return None
