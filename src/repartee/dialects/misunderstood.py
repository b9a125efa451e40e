"""What is wrong with a message that can't be understood: one sentence for whoever sent it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec


def what_is_wrong(frame: str, error: Exception, known: Sequence[str]) -> str:
    """`known` are the types of message that there are; only asked when something is wrong."""
    types = ", ".join(sorted(known))
    try:
        message = msgspec.json.decode(frame)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return "The message is not valid JSON. Send one JSON object per text frame."
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        return f'The message needs a "type". Known types are: {types}.'
    kind = message["type"][:40]
    if kind not in known:
        return f"The message type {kind!r} is unknown. Known types are: {types}."
    reason, _, place = str(error).partition(" - at `$")
    field = place.strip("`.") or "message"
    return f"The field {field!r} of a {kind!r} message is wrong: {reason[:1].lower()}{reason[1:]}."
