"""Where the server is, as people write it, and as a WebSocket needs it."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit, urlunsplit

from repartee.errors import SettingsError

_SCHEMES = {"ws": "ws", "wss": "wss", "http": "ws", "https": "wss"}
_PATH = "/ws"


def socket_url(written: str, **wishes: str | None) -> str:
    """`localhost:8000`, `http://localhost:8000/` and `ws://localhost:8000/ws` are the same.

    `wishes` say how we would like to be spoken with: a persona, a voice, a language.
    """
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
    wanted = urlencode({name: value for name, value in wishes.items() if value})
    query = "&".join(filter(None, (parts.query, wanted)))
    return urlunsplit((scheme, parts.netloc, parts.path.rstrip("/") or _PATH, query, ""))
