"""A recording in the body of a request: as it is, or as a file of a form, with a few fields."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from repartee.audio.declared import declared_pcm
from repartee.audio.layout import PcmLayout
from repartee.errors import BadInput, EmptyInput

FEWEST_BYTES = 100
_LONGEST_FIELD = 200
_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


class Recorded(msgspec.Struct, frozen=True):
    data: bytes
    declared: PcmLayout | None
    fields: dict[str, str]


async def recorded(request: Request, files: Sequence[str], fields: Sequence[str]) -> Recorded:
    """What was sent; fields may stand in the form or in the query, and the form's count."""
    given = {name: request.query_params[name] for name in fields if name in request.query_params}
    content_type = request.headers.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() in _FORMS:
        async with request.form(max_files=1, max_fields=20) as form:
            file = _file_of(form, files)
            data, declared = await file.read(), declared_pcm(file.content_type or "")
            given |= {name: str(form[name]) for name in fields if isinstance(form.get(name), str)}
    else:
        data, declared = await request.body(), declared_pcm(content_type)
    refuse_empty(data)
    for name, value in given.items():
        if len(value) > _LONGEST_FIELD:
            raise BadInput(f"The field {name!r} is too long.", hint="Use a shorter one.")
    return Recorded(data, declared, given)


def refuse_empty(data: bytes) -> None:
    if len(data) <= FEWEST_BYTES:
        raise EmptyInput(
            f"The recording is empty: it has {len(data)} bytes.",
            hint="Check that the microphone works, and record again.",
        )


def _file_of(form: FormData, names: Sequence[str]) -> UploadFile:
    for name in names:
        if isinstance(file := form.get(name), UploadFile):
            return file
    wanted = " or ".join(repr(name) for name in names)
    raise BadInput("The form holds no recording.", hint=f"Send it as a file in the field {wanted}.")
