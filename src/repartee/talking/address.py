"""Where the server is, as people write it, and as a WebSocket needs it."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from repartee.errors import SettingsError

_SCHEMES = {"ws": "ws", "wss": "wss", "http": "ws", "https": "wss"}
_PATH = "/ws"


def socket_url(written: str) -> str:
    """`localhost:8000`, `http://localhost:8000/` and `ws://localhost:8000/ws` are the same."""
    text = written.strip()
    try:
        parts = urlsplit(text if "://" in text else f"ws://{text}")
        _ = parts.port  # raises where it is no number
    except ValueError:
        parts = urlsplit("")
    scheme = _SCHEMES.get(parts.scheme.lower())
    if scheme is None or not parts.hostname or any(sign.isspace() for sign in text):
        raise SettingsError(
            f"{text[:100]!r} is no address of a server.", hint="Write ws://localhost:8000/ws."
        )
    return urlunsplit((scheme, parts.netloc, parts.path.rstrip("/") or _PATH, parts.query, ""))
