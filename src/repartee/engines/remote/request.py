"""What is sent to a service, ready as bytes: it may have to be sent again."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

import msgspec


class Request(msgspec.Struct, frozen=True):
    path: str
    """Below the service's own address."""
    body: bytes = b""
    content_type: str = ""
    accept: str = "*/*"
    method: str = "POST"

    def headers(self) -> dict[str, str]:
        given = {"Accept": self.accept, "Content-Type": self.content_type}
        return {name: value for name, value in given.items() if value}


def json_request(path: str, body: Mapping[str, Any], *, accept: str = "*/*") -> Request:
    return Request(path, msgspec.json.encode(body), "application/json", accept)


def form_request(path: str, fields: Mapping[str, str], wav: bytes | None = None) -> Request:
    """A form with these fields and, if there is one, a recording in the field `file`."""
    boundary = secrets.token_hex(16)
    parts = [_part(boundary, f'name="{name}"', value.encode()) for name, value in fields.items()]
    if wav is not None:
        sound = 'name="file"; filename="speech.wav"\r\nContent-Type: audio/wav'
        parts.append(_part(boundary, sound, wav))
    parts.append(f"--{boundary}--\r\n".encode())
    return Request(path, b"".join(parts), f"multipart/form-data; boundary={boundary}")


def _part(boundary: str, about: str, content: bytes) -> bytes:
    head = f"--{boundary}\r\nContent-Disposition: form-data; {about}\r\n\r\n"
    return b"".join((head.encode(), content, b"\r\n"))
