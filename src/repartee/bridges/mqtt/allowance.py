"""What one device may have: turns, sound and texts, counted as if it were a caller of the server.

A broker does not say who published something, so it is the site that is counted.
"""

from __future__ import annotations

from repartee.server.limits.allowances import Limits
from repartee.settings import Settings

_COUNT_EVERY_SECONDS = 1.0


def with_devices_counted(settings: Settings) -> Settings:
    """Devices come by way of a broker, and so from elsewhere, wherever the broker is."""
    if settings.limits != "auto":
        return settings
    return settings.model_copy(update={"limits": "on"})


def payer_at(site: str, settings: Settings) -> str:
    """Whom it is counted for what is done for this device; nobody where callers are not counted."""
    return f"device {site}" if settings.counts_callers else ""


class SoundAllowance:
    """Counts the sound of a device, now and then and not for each frame."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._uncounted_s = 0.0

    async def hear(self, seconds: float) -> None:
        """`LimitReached` when that is more than is left."""
        self._uncounted_s += seconds
        if self._uncounted_s >= _COUNT_EVERY_SECONDS:
            heard_s, self._uncounted_s = self._uncounted_s, 0.0
            await self._limits.spend("audio", heard_s)
