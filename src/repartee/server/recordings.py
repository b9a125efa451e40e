"""A recording in the body of a request: as it is, or as a file of a form, with a few fields."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import msgspec
from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from repartee.audio.declared import declared_pcm
from repartee.audio.layout import PcmLayout
from repartee.errors import BadInput, EmptyInput

FEWEST_BYTES = 100
_LONGEST_FIELD = 200
_FORM = "multipart/form-data"
_FORM_WITHOUT_FILES = "application/x-www-form-urlencoded"
"""Some programs send whatever they send under this name, a recording too."""
_WITHOUT_FILES = re.compile(rb"[\w.~%+*\-]+=[\w.~%+*\-&=]*", re.ASCII)


class Recorded(msgspec.Struct, frozen=True):
    data: bytes
    declared: PcmLayout | None
    fields: dict[str, str]


async def recorded(request: Request, files: Sequence[str], fields: Sequence[str]) -> Recorded:
    """What was sent; fields may stand in the form or in the query, and the form's count."""
    given = {name: request.query_params[name] for name in fields if name in request.query_params}
    content_type = request.headers.get("content-type", "")
    kind = content_type.partition(";")[0].strip().lower()
    if kind == _FORM:
        async with _form_of(request) as form:
            file = _file_of(form, files)
            data, declared = await file.read(), declared_pcm(file.content_type or "")
            given |= {name: str(form[name]) for name in fields if isinstance(form.get(name), str)}
    else:
        data, declared = await request.body(), declared_pcm(content_type)
        if kind == _FORM_WITHOUT_FILES and _WITHOUT_FILES.fullmatch(data):
            raise _no_file(files)
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


class _InMemory(MultiPartParser):
    """What was recorded touches no disk. How much of it is taken is limited elsewhere."""

    spool_max_size = 0  # without a limit

    def close(self) -> None:
        """A file that breaks off is not in the form, and has to be closed all the same."""
        for file in self._files_to_close_on_error:
            file.close()


@asynccontextmanager
async def _form_of(request: Request) -> AsyncIterator[FormData]:
    parser = _InMemory(request.headers, request.stream(), max_files=1, max_fields=20)
    try:
        form = await parser.parse()
    except MultiPartException as wrong:
        sentence = f"The form can't be read: {wrong.message.rstrip('.')}."
        raise BadInput(sentence) from None
    try:
        yield form
    finally:
        parser.close()


def _file_of(form: FormData, names: Sequence[str]) -> UploadFile:
    for name in names:
        if isinstance(file := form.get(name), UploadFile):
            return file
    raise _no_file(names)


def _no_file(names: Sequence[str]) -> BadInput:
    wanted = " or ".join(repr(name) for name in names)
    return BadInput(
        "The form holds no recording.", hint=f"Send it as a file in the field {wanted}."
    )
