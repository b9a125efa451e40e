"""What a client wishes for its own call: all of it is done, or nothing."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from repartee.calls.call import Call
from repartee.conversation import events as ev
from repartee.dialects.protocol import Configured
from repartee.engines.protocols import Speech
from repartee.errors import BadInput
from repartee.personas import Persona
from repartee.server.house import House

NOTHING = Configured()


def configure(house: House, call: Call, wish: Configured) -> Persona | None:
    """The persona that was asked for, if one was. What may be refused comes first.

    Somebody else knows nothing of what was said before; the same one again forgets nothing.
    """
    persona = _persona(house, wish)
    call.set_speech(_speech(house, call.speech, persona, wish))
    if wish.sample_rate is not None:
        call.set_sample_rate(wish.sample_rate)
    if persona is not None:
        if persona.key != call.persona:
            call.persona = persona.key
            call.happened(ev.MemoryCleared())
        call.happened(ev.Instructed(persona.instructions))
    if wish.instructions is not None:
        call.happened(ev.Instructed(wish.instructions))
    return persona


def check(house: House, wish: Configured) -> None:
    """Refuse what can't be done for any call, before there is one."""
    speech = _speech(house, house.options.speech, _persona(house, wish), wish)
    house.engines.tts.resolve(speech.voice, speech.language)


def wish_in(fields: Mapping[str, str]) -> Configured:
    """What stands in a query or a form; an empty field wishes nothing."""
    speed = fields.get("speed")
    return Configured(
        persona=fields.get("persona") or None,
        voice=fields.get("voice") or None,
        language=fields.get("language") or None,
        speed=_speed(speed) if speed else None,
    )


def _persona(house: House, wish: Configured) -> Persona | None:
    return None if wish.persona is None else house.personas.named(wish.persona)


def _speech(house: House, now: Speech, persona: Persona | None, wish: Configured) -> Speech:
    """What is wished counts more than how the persona speaks, and that more than the usual."""
    speech = now
    if persona is not None:
        speech = _with(house.options.speech, persona.voice, persona.language, persona.speed)
    return _with(speech, wish.voice, wish.language, wish.speed)


def _with(speech: Speech, voice: str | None, language: str | None, speed: float | None) -> Speech:
    given = {"voice": voice, "language": language, "speed": speed}
    return msgspec.structs.replace(
        speech, **{name: value for name, value in given.items() if value is not None}
    )


def _speed(given: str) -> float:
    try:
        speed = float(given)
    except ValueError:
        speed = 0.0
    if not 0 < speed <= 2:
        raise BadInput(f"The speed is {given[:20]!r}.", hint="It must lie above 0, up to 2.")
    return speed
