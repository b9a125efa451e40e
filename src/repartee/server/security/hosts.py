"""By which names the server is reached.

A page of another host can have its own name point to this machine, and its scripts then talk to
the server as if they were of the same origin (DNS rebinding). They can't change what the browser
writes into `Host`: that name is not one of ours. An address in figures can't be made to point
elsewhere, so it is let in.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Sequence
from ipaddress import ip_address

_HOST = re.compile(r"(?P<name>[A-Za-z0-9_.\-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?P<port>:\d{1,5})?")


def is_plain_host(header: str) -> bool:
    """A name or an address, perhaps with a port, and nothing else."""
    return _HOST.fullmatch(header) is not None


def is_this_machine(header: str) -> bool:
    """A name that every machine has for itself: what is told of it holds for others, too."""
    found = _HOST.fullmatch(header)
    name = found["name"].lower().rstrip(".") if found else ""
    return name == "localhost" or name.endswith(".localhost")


class Hosts:
    def __init__(self, bound: str, trusted: Sequence[str]) -> None:
        """`bound` is where the server listens; a name that begins with a dot is all below it."""
        here = socket.gethostname().lower()
        short = here.partition(".")[0]
        own = {"localhost", bound.lower(), here, short, f"{short}.local"}
        self._names = {name for name in (*own, *trusted) if name and not name.startswith(".")}
        self._endings = tuple(name for name in trusted if name.startswith("."))

    def __repr__(self) -> str:
        return f"<Hosts {', '.join(sorted(self._names | set(self._endings)))}>"

    def know(self, header: str | None) -> bool:
        """Whether this is one of our names. A browser always names one; who names none is none."""
        if header is None or "*" in self._names:
            return True
        found = _HOST.fullmatch(header)
        if found is None:
            return False
        name = found["name"].lower().rstrip(".")
        if name in self._names or name.endswith((".localhost", *self._endings)):
            return True
        return _is_address(name.strip("[]"))


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
