"""The keys that open the server, and who holds its lines with them.

A key is known by its SHA-256: it is long and random, so that nothing slower is needed, and what is
kept of it opens nothing. The first digits of that find the key, and the others are compared in a
time that does not tell how many are right.
"""

from __future__ import annotations

import hmac
import logging
import secrets
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256

import anyio

from repartee.errors import ReparteeError
from repartee.store.protocol import Store, StoredKey

log = logging.getLogger(__name__)

_LOOK_EVERY_SECONDS = 2.0
_PREFIX = "rk_"
"""So that those who look for keys in published files know what they have found."""


def new_key() -> str:
    return _PREFIX + secrets.token_urlsafe(32)


def digest_of(key: str) -> str:
    return sha256(key.encode()).hexdigest()


class KeyRing:
    """`given` are the keys of the settings; those of the store are followed."""

    def __init__(self, given: Iterable[str] = ()) -> None:
        plain = (StoredKey(digest=digest_of(key), name="API_KEYS", created_at=0) for key in given)
        self._given = {key.id: key for key in plain}
        self._known = self._given
        self._lines: dict[str, set[anyio.CancelScope]] = {}

    def __repr__(self) -> str:
        return f"<KeyRing of {len(self)}>"

    def __len__(self) -> int:
        return len(self._known)

    def find(self, text: str) -> StoredKey | None:
        """The key that this is, if it is one."""
        digest = digest_of(text)
        key = self._known.get(digest[:16])
        return key if key is not None and hmac.compare_digest(key.digest, digest) else None

    def named_by(self, key_id: str) -> StoredKey | None:
        """The key that a token was given for, unless it was revoked meanwhile."""
        return self._known.get(key_id)

    # ------------------------------------------------------------ keys that come and go

    async def follow(
        self,
        store: Store,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
        send_off: Callable[[str], Awaitable[None]] | None = None,
    ) -> None:
        """Until cancelled: what was created opens soon, and what was revoked no longer does.
        `send_off` ends what goes on beside the lines of such a key."""
        while True:
            for key_id in await self.look(store):
                if send_off is not None:
                    await send_off(key_id)
            await sleep(_LOOK_EVERY_SECONDS)

    async def look(self, store: Store) -> set[str]:
        """Read what is in the store. If it can't be read, what was known holds. Gives those that
        were revoked since the last time."""
        try:
            stored = await store.keys()
        except ReparteeError as trouble:
            log.debug("The keys could not be read; it is tried again soon. %s", trouble)
            return set()
        before, self._known = self._known, {key.id: key for key in stored} | self._given
        for key_id in self._lines.keys() - self._known.keys():
            log.info("A key was revoked, and what goes on with it ends.")
            for line in self._lines[key_id]:
                line.cancel()
        return before.keys() - self._known.keys()

    @contextmanager
    def line(self, key_id: str) -> Iterator[anyio.CancelScope]:
        """What goes on inside ends when the key is revoked."""
        lines = self._lines.setdefault(key_id, set())
        with anyio.CancelScope() as scope:
            lines.add(scope)
            try:
                yield scope
            finally:
                lines.discard(scope)
                if not lines:
                    self._lines.pop(key_id, None)
