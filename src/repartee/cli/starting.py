"""What every verb does first: read the settings and open the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from repartee.settings import Settings


def settings_of(*, quiet: bool = False, **flags: object) -> Settings:
    """The settings of this start; `flags` are named like them, and None is a flag not given.

    A verb whose output is its answer is `quiet`: it logs nothing that is not a warning.
    """
    from repartee.observe.logs import configure
    from repartee.settings import Settings

    settings = Settings.load(overrides=flags)
    level = "WARNING" if quiet and settings.log_level == "INFO" else settings.log_level
    configure(
        "DEBUG" if settings.debug else level,
        settings.log_format,
        transcripts=settings.log_transcripts,
    )
    return settings
