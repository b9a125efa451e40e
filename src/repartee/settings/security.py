"""Who may come in."""

from __future__ import annotations

from ipaddress import ip_address

from pydantic import Field

from repartee.settings.section import Section
from repartee.settings.values import HostNames, Keys, Networks, Secret


class SecuritySettings(Section):
    """Who may come in: keys, names, proxies, encryption. See security.md."""

    require_keys: bool = Field(
        default=False,
        description="true: whoever comes shows a key. So it is without this, too, where API_KEYS "
        "are set, and where others can reach the server.",
    )
    api_keys: Keys = Field(
        default=(),
        description="Keys that open the server, for simple set-ups. Others are made by `repartee "
        "keys create`.",
    )
    allow_strangers: bool = Field(
        default=False,
        description="true: nobody is asked for a key, even where HOST or TRUSTED_PROXIES lets "
        "others reach the server.",
    )
    token_secret: Secret | None = Field(
        default=None,
        description="What tokens for browsers are signed with. Several servers behind one address "
        "need the same; a single one makes its own at every start.",
    )
    token_seconds: float = Field(
        default=60, ge=5, le=86_400, description="For how long a token opens calls."
    )
    trusted_hosts: HostNames = Field(
        default=(),
        description="Names by which the server is reached, beside its addresses and the name of "
        "this machine. .example.org is every name that ends so, * is any.",
    )
    trusted_proxies: Networks = Field(
        default=(),
        description="Proxies in front of the server: what they say of who comes, and if it was "
        "encrypted, is believed.",
    )
    tls_cert: str | None = Field(
        default=None,
        max_length=1_000,
        description="The file of a certificate, and of those that vouch for it: the server speaks "
        "HTTPS.",
    )
    tls_key: str | None = Field(
        default=None,
        max_length=1_000,
        description="The file of its key, unless that stands in the same file.",
    )
    hsts_days: int = Field(
        default=0,
        ge=0,
        le=3_650,
        description="Browsers that came by HTTPS are told to come to this name by nothing else for "
        "so long; 0: they are not told.",
    )


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach what listens there."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
