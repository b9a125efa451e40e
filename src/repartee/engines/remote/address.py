"""Where a service is and how it lets us in, with the names of the settings that say so.

The settings are named so that an error can say which of them is wrong. Neither the key nor what
else may be secret in an address ever leaves this object but in a request.
"""

from __future__ import annotations

import logging
import re

import httpx

from repartee.errors import EngineLocked, SettingsError

log = logging.getLogger(__name__)

_HOST = re.compile(r"[\w.:-]+")
_KEY = re.compile(r"[!-~]*")
"""Anything else can't stand in a header, and an error about it would show the key."""


class Address:
    def __init__(
        self,
        base_url: str,
        *,
        url_setting: str,
        key: str = "",
        key_setting: str = "",
        key_header: str = "Authorization",
        key_needed: bool = False,
    ) -> None:
        self.url_setting = url_setting
        self.key_setting = key_setting
        self._base_url = base_url.strip()
        self._key = key.strip()
        self._key_header = key_header
        self._key_needed = key_needed
        self._told_why = ""

    def __repr__(self) -> str:
        return f"<Address {self.name}{' with a key' if self._key else ''}>"

    @property
    def name(self) -> str:
        """What the service is called: its host, and its port if that is no usual one."""
        url = self._url()
        host = f"[{url.host}]" if ":" in url.host else url.host
        return f"{host}:{url.port}" if url.port else host

    @property
    def has_key(self) -> bool:
        return bool(self._key)

    @property
    def is_encrypted(self) -> bool:
        return self._url().scheme == "https"

    def not_reached(self, why: str) -> None:
        """The log learns why: once, until somebody is reached there."""
        if why != self._told_why:
            log.warning("%s can't be reached: %s", self.name, why)
            self._told_why = why

    def reached(self) -> None:
        self._told_why = ""

    def check(self) -> None:
        """An error that names the setting if this can't be an address or a key."""
        self._url()
        if not _KEY.fullmatch(self._key):
            raise EngineLocked(
                f"{self.key_setting} holds spaces or other characters that no key has."
            )
        if self._key_needed and not self._key:
            raise EngineLocked(f"{self.name} needs a key. Please set {self.key_setting}.")

    def url(self, path: str) -> httpx.URL:
        """The address of something at this service, without a name or a password in it."""
        base = self._url()
        whole = base.raw_path.rstrip(b"/") + path.encode()
        return base.copy_with(raw_path=whole, userinfo=b"")

    def auth(self) -> httpx.BasicAuth | None:
        """The name and the password that stand in the address."""
        url = self._url()
        return httpx.BasicAuth(url.username, url.password) if url.userinfo else None

    def headers(self) -> dict[str, str]:
        if not self._key:
            return {}
        bearer = "Bearer " if self._key_header == "Authorization" else ""
        return {self._key_header: f"{bearer}{self._key}"}

    def _url(self) -> httpx.URL:
        try:
            url = httpx.URL(self._base_url)
        except httpx.InvalidURL:
            url = httpx.URL("")
        plain = url.scheme in ("http", "https") and not url.query and not url.fragment
        if not plain or not _HOST.fullmatch(url.host):
            raise SettingsError(
                f"{self.url_setting} must be a web address such as http://localhost:8080/v1."
            ) from None
        return url
