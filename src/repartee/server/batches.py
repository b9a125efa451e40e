"""Several texts in one request: spoken one after the other, each sent when it is there."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any, TypeVar

import msgspec
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ValidationError

from repartee.calls.failures import sentence_of
from repartee.errors import BadInput, EmptyInput
from repartee.server.problems import sentence_about
from repartee.server.voice_models import MOST_ITEMS

Wish = TypeVar("Wish", bound=BaseModel)


def spoken_batch(
    wishes: Any, model: type[Wish], speak: Callable[[Wish], Awaitable[bytes]]
) -> StreamingResponse:
    """`speak` gives the JSON of one answer. A bad item is an `error` in its place."""
    if not isinstance(wishes, list):
        raise BadInput("This is not a list.", hint=f"Send a JSON list of 1 to {MOST_ITEMS} texts.")
    if not wishes:
        raise EmptyInput("The list is empty.", hint=f"Send 1 to {MOST_ITEMS} texts in it.")
    if len(wishes) > MOST_ITEMS:
        raise BadInput(
            f"The list has {len(wishes)} items.", hint=f"Send at most {MOST_ITEMS} at once."
        )
    return StreamingResponse(_each(wishes, model, speak), media_type="application/json")


async def _each(
    wishes: list[Any], model: type[Wish], speak: Callable[[Wish], Awaitable[bytes]]
) -> AsyncGenerator[bytes]:
    """One by one, so that a batch holds one text at a time."""
    before = b"["
    for wish in wishes:
        yield before
        yield await _spoken_or_not(wish, model, speak)
        before = b","
    yield b"]"


async def _spoken_or_not(
    wish: Any, model: type[Wish], speak: Callable[[Wish], Awaitable[bytes]]
) -> bytes:
    if not isinstance(wish, dict):
        return _error("This is not an object with a 'text'.")
    try:
        return await speak(model.model_validate(wish))
    except ValidationError as wrong:
        first = wrong.errors()[0]
        return _error(sentence_about(first["type"], first["msg"], first["loc"]))
    except Exception as failure:
        return _error(sentence_of(failure, "This text could not be spoken. Try again."))


def _error(sentence: str) -> bytes:
    return msgspec.json.encode({"error": sentence})
