"""What a client wishes for its own conversation: all of it is done, or nothing."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from repartee.calls.call import Call
from repartee.calls.visits import Visitor
from repartee.conversation import events as ev
from repartee.dialects.protocol import Configured
from repartee.engines.protocols import Speech
from repartee.errors import BadInput
from repartee.personas import Persona
from repartee.server.house import House
from repartee.server.persona_speech import check_speech, speech_of, speech_with, trouble_with

NOTHING = Configured()
FIELDS = ("persona", "voice", "speed", "language")
"""The wishes that may stand in a query or a form."""


def configure(house: House, call: Call, wish: Configured) -> Persona | None:
    """The persona that was asked for, if one was. What may be refused comes first.

    Somebody else knows nothing of what was said before; the same one again forgets nothing.
    """
    persona = _persona(house, wish)
    call.set_speech(_possible_speech(house, call.speech, persona, wish))
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


def prepare(house: House, visitor: Visitor, wish: Configured, call: Call) -> Persona | None:
    """The same for a conversation without a line; who answers is kept with its session."""
    persona = configure(house, call, wish)
    if persona is not None:
        visitor.chose(persona.key)
    return persona


def check(house: House, wish: Configured) -> None:
    """Refuse what can't be done for any call, before there is one."""
    speech_wished(house, wish)


def speech_wished(house: House, wish: Configured) -> Speech:
    """How somebody would speak who wished nothing before."""
    return _possible_speech(house, house.options.speech, _persona(house, wish), wish)


def both(before: Configured, later: Configured) -> Configured:
    """What is wished after both: whoever chooses a persona begins anew, as `configure` does."""
    if later.persona is not None:
        return later
    given = {name: value for name, value in msgspec.structs.asdict(later).items() if value}
    return msgspec.structs.replace(before, **given)


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
    """An empty name is nobody in particular: whoever answers those who wish nothing."""
    if wish.persona == "":
        return Persona(key="", name="", instructions=house.settings.instructions)
    return None if wish.persona is None else house.personas.named(wish.persona)


def _possible_speech(
    house: House, now: Speech, persona: Persona | None, wish: Configured
) -> Speech:
    """What is wished counts more than how the persona speaks, and that more than the usual."""
    usual = house.options.speech
    speech = now if persona is None else speech_of(persona, usual)
    speech = speech_with(speech, wish.voice, wish.language, wish.speed)
    try:
        check_speech(house.engines, speech)
    except BadInput:
        if persona is not None and (trouble := trouble_with(persona, house.engines, usual)):
            raise trouble from None
        raise
    return speech


def _speed(given: str) -> float:
    try:
        speed = float(given)
    except ValueError:
        speed = 0.0
    if not 0 < speed <= 2:
        raise BadInput(f"The speed is {given[:20]!r}.", hint="It must lie above 0, up to 2.")
    return speed
