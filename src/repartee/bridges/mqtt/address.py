"""Where the broker is and how it lets us in. Nothing secret is ever shown of it."""

from __future__ import annotations

import ssl
from typing import Self
from urllib.parse import SplitResult, unquote, urlsplit

import msgspec

from repartee.errors import SettingsError
from repartee.settings import Settings
from repartee.settings.security import is_loopback

_PORTS = {"mqtt": 1883, "mqtts": 8883}


class BrokerAddress(msgspec.Struct, frozen=True):
    host: str
    port: int
    encrypted: bool = False
    username: str | None = None
    password: str | None = None
    ca_file: str | None = None
    """The authority that signed the broker's certificate; None: one that this system trusts."""
    cert_file: str | None = None
    key_file: str | None = None

    def __repr__(self) -> str:
        return f"<BrokerAddress {self.name}{' with a name' if self.username else ''}>"

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """What stands in the address itself beats what is set beside it."""
        url, port = _split(settings.mqtt_broker)
        password = settings.mqtt_password and settings.mqtt_password.get_secret_value()
        return cls(
            host=url.hostname or "",
            port=port,
            encrypted=url.scheme == "mqtts",
            username=unquote(url.username) if url.username else settings.mqtt_username,
            password=unquote(url.password) if url.password else password or None,
            ca_file=settings.mqtt_ca_file,
            cert_file=settings.mqtt_cert_file,
            key_file=settings.mqtt_key_file,
        )

    @property
    def name(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def is_here(self) -> bool:
        """Whether the broker is on this machine."""
        return is_loopback(self.host)

    @property
    def introduces_us(self) -> bool:
        """Whether we show the broker who we are: by name and password, or by a certificate."""
        has_password = bool(self.username and self.password)
        return has_password or (self.encrypted and self.cert_file is not None)

    def tls(self) -> ssl.SSLContext | None:
        """Reads certificates from the disk, so not on the event loop."""
        if not self.encrypted:
            return None
        setting = "MQTT_CA_FILE"
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
            if self.cert_file is not None:
                setting = "MQTT_CERT_FILE or MQTT_KEY_FILE"
                context.load_cert_chain(self.cert_file, self.key_file)
        except OSError as problem:  # what is wrong with a certificate is one too
            raise SettingsError(
                f"{setting} names no file that can be used: {type(problem).__name__}.",
                hint="Certificates and keys must be readable files in PEM format.",
            ) from problem
        return context


def _split(written: str) -> tuple[SplitResult, int]:
    try:
        url = urlsplit(written.strip())
        port = url.port or _PORTS.get(url.scheme, 0)
    except ValueError:  # a bracket too few, or a port that is no number
        url, port = SplitResult("", "", "", "", ""), 0
    if not (port and url.hostname) or url.path not in ("", "/") or url.query or url.fragment:
        raise SettingsError(
            "MQTT_BROKER must be an address such as mqtt://localhost:1883, or mqtts://… for one "
            "that is encrypted."
        )
    return url, port
