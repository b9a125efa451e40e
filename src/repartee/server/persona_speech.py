"""How a persona speaks, and whether these engines can do that: say it, and hear what is answered.

A persona of whom they can't is refused when it is chosen, on every interface alike: a voice or a
language that nobody meant would be worse than a sentence that says what is missing.
"""

from __future__ import annotations

import msgspec

from repartee.calls.single import check_language
from repartee.engines.build import Engines
from repartee.engines.protocols import Speech
from repartee.errors import BadInput
from repartee.personas import Persona


class UnusablePersona(BadInput):
    code = "unusable_persona"

    def __init__(self, persona: Persona, wrong: BadInput) -> None:
        super().__init__(
            f"The persona {persona.key!r} can't be chosen on this server.", hint=str(wrong)
        )


def speech_of(persona: Persona, usual: Speech) -> Speech:
    """What the persona leaves open is as usual."""
    return speech_with(usual, persona.voice, persona.language, persona.speed)


def speech_with(
    speech: Speech, voice: str | None, language: str | None, speed: float | None
) -> Speech:
    """The same, but for what is given."""
    given = {"voice": voice, "language": language, "speed": speed}
    return msgspec.structs.replace(
        speech, **{name: value for name, value in given.items() if value is not None}
    )


def check_speech(engines: Engines, speech: Speech) -> None:
    """`BadInput` if there is no such voice, or if nobody could be heard in this language."""
    engines.tts.resolve(speech.voice, speech.language)
    check_language(engines.stt, speech.language)


def trouble_with(persona: Persona, engines: Engines, usual: Speech) -> UnusablePersona | None:
    try:
        check_speech(engines, speech_of(persona, usual))
    except BadInput as wrong:
        return UnusablePersona(persona, wrong)
    return None
