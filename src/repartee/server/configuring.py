"""What a client wishes for its own call: all of it is done, or nothing."""

from __future__ import annotations

import msgspec

from repartee.calls.call import Call
from repartee.conversation import events as ev
from repartee.dialects.protocol import Configured
from repartee.errors import BadInput
from repartee.personas import PERSONAS, Persona


class UnknownPersona(BadInput):
    code = "unknown_persona"

    def __init__(self, name: str) -> None:
        known = ", ".join(PERSONAS)
        super().__init__(f"There is no persona {name!r}.", hint=f"Known personas are: {known}.")


def configure(call: Call, wish: Configured) -> Persona | None:
    """The persona that was chosen, if one was. What may be refused comes first."""
    persona = _persona(wish.persona)
    voice = wish.voice or (persona.voice if persona is not None else None)
    wished = {"voice": voice, "speed": wish.speed, "language": wish.language}
    given = {name: value for name, value in wished.items() if value is not None}
    call.set_speech(msgspec.structs.replace(call.speech, **given))
    if wish.sample_rate is not None:
        call.set_sample_rate(wish.sample_rate)
    if persona is not None:
        call.happened(ev.MemoryCleared())
        call.happened(ev.Instructed(persona.instructions))
    if wish.instructions is not None:
        call.happened(ev.Instructed(wish.instructions))
    return persona


def _persona(name: str | None) -> Persona | None:
    if name is None:
        return None
    if name not in PERSONAS:
        raise UnknownPersona(name)
    return PERSONAS[name]
