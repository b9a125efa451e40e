"""Whether the server on this machine answers: `python -m repartee.server.alive`, for containers.

It needs nothing but the standard library, so that it costs little however often it is asked. PORT
and TLS_CERT are taken from the environment.
"""

from __future__ import annotations

import os
import ssl
import sys
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection

_PATIENCE_SECONDS = 4.0
_MOST_BYTES = 100_000


def answers(environment: Mapping[str, str]) -> bool:
    """Whether /health is answered, encrypted or not as the server is set."""
    port, encrypted = int(environment.get("PORT") or 8000), bool(environment.get("TLS_CERT"))
    return health(port, encrypted) is not None


def health(port: int, encrypted: bool, patience_s: float = _PATIENCE_SECONDS) -> bytes | None:
    """What the server on this machine says of its health; None if it says nothing good."""
    asked = _connection(port, encrypted, patience_s)
    try:
        asked.request("GET", "/health")
        answer = asked.getresponse()
        return answer.read(_MOST_BYTES) if answer.status == 200 else None
    except (OSError, HTTPException):
        return None
    finally:
        asked.close()


def _connection(port: int, encrypted: bool, patience_s: float) -> HTTPConnection:
    if not encrypted:
        return HTTPConnection("127.0.0.1", port, timeout=patience_s)
    trusting = ssl.create_default_context()
    # The certificate is for the name by which others know this machine.
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    return HTTPSConnection("127.0.0.1", port, timeout=patience_s, context=trusting)


if __name__ == "__main__":
    sys.exit(0 if answers(os.environ) else 1)
