"""Tokens: what a browser shows instead of a key, where it can show nothing but an address.

    t1.<id of the key>.<until when>.<signature>

A token opens calls for about a minute and nothing else. It is signed and nowhere kept, so that any
server with the same secret understands it; the key that it stands for must still be there. It may
end up in the logs of proxies, by when it is worth nothing.
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from collections.abc import Callable

from repartee.calls.clock import wall_time

_TOKEN = re.compile(r"(t1\.([0-9a-f]{16}|)\.([0-9]{1,12}))\.([A-Za-z0-9_\-]{43})")


class Tokens:
    def __init__(
        self, secret: str | None, seconds: float, clock: Callable[[], float] = wall_time
    ) -> None:
        """Without a secret it makes its own, and no other server understands it."""
        self.seconds = seconds
        self._secret = secret.encode() if secret is not None else secrets.token_bytes(32)
        self._clock = clock

    def __repr__(self) -> str:
        return f"<Tokens for {self.seconds} s>"

    def issue(self, key_id: str) -> str:
        said = f"t1.{key_id}.{int(self._clock() + self.seconds)}"
        return f"{said}.{self._signature(said)}"

    def read(self, token: str) -> str | None:
        """The id of the key that it stands for, unless it is forged or too old."""
        found = self._signed(token)
        return found[2] if found is not None and self._clock() < int(found[3]) else None

    def is_ours(self, token: str) -> bool:
        """Whether it was issued with this secret, however long ago: then nobody guessed it."""
        return self._signed(token) is not None

    def _signed(self, token: str) -> re.Match[str] | None:
        found = _TOKEN.fullmatch(token)
        if found is None or not hmac.compare_digest(found[4], self._signature(found[1])):
            return None
        return found

    def _signature(self, said: str) -> str:
        made = hmac.digest(self._secret, said.encode(), "sha256")
        return base64.urlsafe_b64encode(made).rstrip(b"=").decode()
