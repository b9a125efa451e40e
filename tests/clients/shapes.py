"""What a message must look like for a client that reads its fields."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

Shape = Mapping[str, Callable[[Any], bool]]
"""Each field that clients read, and what its value must be; others may stand beside them."""


def text(value: Any) -> bool:
    return isinstance(value, str)


def some_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def number(value: Any) -> bool:
    """Not negative; JSON's true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def whole_number(value: Any) -> bool:
    return number(value) and isinstance(value, int)


def share(value: Any) -> bool:
    return number(value) and value <= 1


def an_id(value: Any) -> bool:
    return isinstance(value, str) and str(uuid.UUID(value)) == value


def yes_or_no(value: Any) -> bool:
    return isinstance(value, bool)


def exactly(wanted: object) -> Callable[[Any], bool]:
    return lambda value: bool(type(value) is type(wanted) and value == wanted)


def misfits(message: Mapping[str, Any], shape: Shape) -> dict[str, Any]:
    """The fields that are not as they must be; none, for a message that is right."""
    return {
        field: message.get(field, "is missing")
        for field, fits in shape.items()
        if field not in message or not fits(message[field])
    }
