"""Who may be on the line: a name, a voice and a manner. Four come with the house.

More come from a file of the user's. It is read again when it has changed, by a task that looks
every other second; whoever asks for a persona never waits for a disk.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path

import anyio
import anyio.to_thread

from repartee.errors import BadInput, SettingsError
from repartee.personas_file import Persona as Persona
from repartee.personas_file import read_personas

log = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 2.0
_MOST_NAMED = 20
"""An error that named hundreds would be read by nobody."""

BUILT_IN = (
    Persona(
        key="wildlife_expert",
        name="Dr. Maya Chen",
        instructions="You are Dr. Maya Chen, a wildlife biologist who speaks with calm authority.",
        voice="af_heart",
    ),
    Persona(
        key="friendly_teacher",
        name="Professor Sam",
        instructions="You are Professor Sam, a friendly teacher. You explain things with warm "
        "analogies.",
        voice="am_michael",
    ),
    Persona(
        key="casual_chat",
        name="Alex",
        instructions="You are Alex, a good friend. You talk in an easy and natural way.",
        voice="af_bella",
    ),
    Persona(
        key="astronaut",
        name="Captain Alex",
        instructions="You are Captain Alex, an astronaut on a mission. You are urgent and terse.",
        voice="am_adam",
    ),
)

_Stamp = tuple[int, int, int] | None
"""What tells one state of a file from another; None while there is no file."""


class UnknownPersona(BadInput):
    code = "unknown_persona"

    def __init__(self, key: str, known: Mapping[str, Persona]) -> None:
        some, others = list(known)[:_MOST_NAMED], len(known) - _MOST_NAMED
        more = f" and {others} more" if others > 0 else ""
        super().__init__(
            f"There is no persona {key[:40]!r}.",
            hint=f"Known personas are: {', '.join(some)}{more}.",
        )


class Personas:
    """Those of the house, and those of a file, which may replace them."""

    def __init__(
        self,
        file: Path | None = None,
        trouble_with: Callable[[Persona], object | None] | None = None,
    ) -> None:
        """`trouble_with` says why nobody could choose a persona, or None; whoever is responsible
        for them finds it in the log."""
        self._file = file
        self._trouble_with = trouble_with or (lambda persona: None)
        self._known = {persona.key: persona for persona in BUILT_IN}
        self._stamp: _Stamp = None

    def __repr__(self) -> str:
        return f"<Personas {', '.join(self._known)}>"

    @property
    def all(self) -> tuple[Persona, ...]:
        return tuple(self._known.values())

    def named(self, key: str) -> Persona:
        """`UnknownPersona` when there is none of this key."""
        if (persona := self._known.get(key)) is None:
            raise UnknownPersona(key, self._known)
        return persona

    def read(self) -> None:
        """Take the file as it is now, if it is there; `SettingsError` says what is wrong in it."""
        self._stamp = self._stamp_now()
        added = read_personas(self._file) if self._file is not None and self._stamp else ()
        self._known = {persona.key: persona for persona in (*BUILT_IN, *added)}
        for persona in self.all:
            if (trouble := self._trouble_with(persona)) is not None:
                log.warning("%s", trouble)

    async def watch(self) -> None:
        """Until cancelled: read the file again whenever it has changed."""
        while self._file is not None:
            await anyio.sleep(LOOK_EVERY_SECONDS)
            await anyio.to_thread.run_sync(self.look, abandon_on_cancel=True)

    def look(self) -> None:
        """An edit that went wrong changes nothing, and is told once."""
        if self._stamp_now() == self._stamp:
            return
        try:
            self.read()
        except SettingsError as wrong:
            log.warning("The personas stay as they were. %s", wrong)
        else:
            log.info("The personas were read again: there are %d.", len(self._known))

    def _stamp_now(self) -> _Stamp:
        if self._file is None:
            return None
        try:
            found = self._file.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino
