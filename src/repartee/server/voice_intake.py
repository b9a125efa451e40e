"""Recordings for `/api/voice`: found in whatever was sent, and made into samples."""

from __future__ import annotations

import asyncio
import binascii
import re
import string
from typing import TypeVar

import msgspec
import pybase64
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from repartee.audio.decoding import Limits
from repartee.audio.layout import PcmLayout
from repartee.audio.pcm import Samples
from repartee.engines.protocols import LISTENING_RATE_HZ
from repartee.errors import BadInput, TooLarge
from repartee.server.house import House
from repartee.server.recordings import recorded, refuse_empty
from repartee.server.voice_models import TranscriptionRequest

Model = TypeVar("Model", bound=BaseModel)

_DATA_URL = re.compile(r"\s*data:[^,]{0,200},")
_BLANKS = string.whitespace.encode()


class Sent(msgspec.Struct, frozen=True):
    data: bytes
    language: str | None
    declared: PcmLayout | None = None


async def sent_recording(request: Request) -> Sent:
    """A form with a file, JSON under whatever content type, or the recording as it is."""
    content_type = request.headers.get("content-type", "").lower()
    if not (content_type.startswith("multipart/") and "boundary=" in content_type):
        body = await request.body()
        if body.lstrip()[:1] == b"{":
            wish = await asyncio.to_thread(validated, TranscriptionRequest, body)
            return Sent(await asyncio.to_thread(from_base64, wish.audio_base64), wish.language)
    sent = await recorded(request, ("file", "audio"), ("language",))
    return Sent(sent.data, sent.fields.get("language"), sent.declared)


def validated(model: type[Model], body: bytes) -> Model:
    """What this JSON says; what is wrong with it is told as for any other request."""
    try:
        return model.model_validate_json(body)
    except ValidationError as wrong:
        mistakes = [{**mistake, "loc": ("body", *mistake["loc"])} for mistake in wrong.errors()]
        raise RequestValidationError(mistakes) from None


def from_base64(text: str) -> bytes:
    """The bytes, whichever of base64's two alphabets they are written in, and if in lines."""
    url = _DATA_URL.match(text)
    try:
        plain = text[url.end() if url else 0 :].encode("ascii").strip()
        if any(blank in plain for blank in _BLANKS):  # looking is far quicker than taking out
            plain = plain.translate(None, _BLANKS)
        plain = plain.rstrip(b"=")
        altchars = b"-_" if b"-" in plain or b"_" in plain else None
        return pybase64.b64decode(plain + b"=" * (-len(plain) % 4), altchars, validate=True)
    except (binascii.Error, ValueError):
        raise BadInput(
            "The field 'audio_base64' is not valid base64.",
            hint="Send the bytes of the recording encoded as base64.",
        ) from None


async def samples_of(
    house: House,
    data: bytes,
    declared: PcmLayout | None = None,
    most_seconds: float = Limits().most_seconds,
) -> Samples:
    """The sound of a recording that was sent."""
    refuse_empty(data)
    most_mb = house.settings.max_upload_mb
    if len(data) > most_mb << 20:
        raise TooLarge(f"The recording is larger than {most_mb} MB.", hint="Please send less.")
    recording = await house.decoding.decode(data, declared, Limits(most_mb << 20, most_seconds))
    await house.limits.spend("audio", len(recording.samples) / LISTENING_RATE_HZ)
    return recording.samples


def language_named(language: str | None) -> str | None:
    """The language that is meant, if one is. `auto` is one, too: whichever is spoken."""
    return (language or "").strip() or None
