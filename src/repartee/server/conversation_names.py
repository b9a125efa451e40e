"""Under which names conversations without a line are known.

Clients choose the names of theirs, and two interfaces may well be given the same one, or two
owners choose the same one. Each has a room of its own for them, so that nobody hears of what was
said elsewhere. The owner is the id of a key, and empty where nobody is asked for one.
"""

from __future__ import annotations

from typing import Literal

Interface = Literal["upload", "messages", "voice"]
"""Those whose clients give names to their conversations."""

_INTERFACES: tuple[Interface, ...] = ("upload", "messages", "voice")


def named(interface: Interface, conversation_id: str, owner: str) -> str:
    return f"{owner}/{interface}:{conversation_id}"


def everywhere(conversation_id: str, owner: str) -> list[str]:
    """The conversations of this name, one on each interface."""
    return [named(interface, conversation_id, owner) for interface in _INTERFACES]


def of_browser(cookie: str, owner: str) -> str:
    return f"{owner}/browser:{cookie[:100]}"


def of_socket(socket_id: str) -> str:
    return f"socket:{socket_id}"
