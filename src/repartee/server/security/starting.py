"""What is looked at before the server opens its door."""

from __future__ import annotations

import logging
import ssl
from typing import NamedTuple

from repartee.errors import SettingsError
from repartee.settings import Settings
from repartee.store.opening import visited

log = logging.getLogger(__name__)


class Door(NamedTuple):
    """What is opened, and the settings that say to whom, as people know them."""

    what: str
    host: str
    keys: str
    strangers: str


THE_SERVERS = Door("server", "HOST", "API_KEYS", "ALLOW_STRANGERS")


async def check_who_may_come(settings: Settings, door: Door = THE_SERVERS) -> None:
    """Nobody opens a server to the network by mistake: where there is no key, they have to say so.

    Whoever asks for keys in so many words may make the first one while the server runs.
    """
    what, host, keys, strangers = door
    if settings.is_reachable and not settings.asks_for_keys:
        sentence = "Everybody who reaches the %s is let in without a key, for %s is true."
        log.warning(sentence, what, strangers)
    if settings.api_keys or not settings.asks_for_keys:
        return
    async with visited(settings.database_url) as store:
        if await store.keys():
            return
    if settings.require_keys:
        log.warning("There is no key yet, so nobody can come in: repartee keys create NAME.")
        return
    cause = "TRUSTED_PROXIES is set" if settings.trusted_proxies else f"{host} is {settings.host}"
    raise SettingsError(
        f"{cause}, so others can reach the {what}, but there is no key that they could show.",
        hint=f"Make one with `repartee keys create NAME` (or write one into {keys}), let everybody"
        f" in with {strangers}=true, or keep the {what} to this machine with {host}=127.0.0.1.",
    )


def check_certificate(settings: Settings) -> None:
    if settings.tls_cert is None:
        return
    try:
        # With no password to be asked for: nobody sits before a server.
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(
            settings.tls_cert, settings.tls_key, password=lambda: ""
        )
    except FileNotFoundError:
        raise SettingsError("TLS_CERT or TLS_KEY names no file that is there.") from None
    except (OSError, ValueError):  # an SSLError is an OSError
        raise SettingsError(
            "TLS_CERT and TLS_KEY are no certificate and its key.",
            hint="Both must be PEM files that the server may read, without a password.",
        ) from None
