"""Where models are fetched from: their makers' servers, or whoever has copies of them."""

from __future__ import annotations

import msgspec

from repartee.models.model import HUB


class Sources(msgspec.Struct, frozen=True):
    mirror: str | None = None
    """A server with copies: `https://host/path` is asked for as `{mirror}/host/path`."""
    hub: str | None = None
    """A server laid out like the Hugging Face hub, asked in its place."""
    token: str | None = None
    """For what the hub shows to those only who have agreed to its licence."""
    offline: bool = False

    def address(self, url: str) -> str:
        if self.mirror:
            return f"{self.mirror.rstrip('/')}/{url.partition('://')[2]}"
        if self.hub and url.startswith(f"{HUB}/"):
            return self.hub.rstrip("/") + url.removeprefix(HUB)
        return url

    def headers(self, url: str) -> dict[str, str]:
        """The token goes to the hub, or to whom it was replaced with, and to no mirror."""
        is_for_hub = url.startswith(f"{HUB}/") and not self.mirror
        return {"Authorization": f"Bearer {self.token}"} if self.token and is_for_hub else {}
