"""Whom something is counted for: whoever shows a key, or else the address that asks.

A request's whole work knows its payer (`calls/shares.py`), without its being handed on from hand to
hand.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv6Address, ip_address

from starlette.requests import HTTPConnection
from starlette.types import Scope

from repartee.server.security.callers import STRANGER, caller_of

_HOUSEHOLD_BITS = 64
"""Of an IPv6 address: whoever has one has all that begin so."""


def payer_of(scope: Scope) -> str:
    """A key's id, or an address. That a proxy speaks for somebody else is settled before."""
    owner = caller_of(HTTPConnection(scope)).owner
    if owner not in ("", STRANGER.owner):
        return f"key {owner}"
    address = address_of(scope)
    return f"address {address}" if address else ""


def address_of(scope: Scope) -> str:
    """Where a request comes from, and all that its owner has; empty behind a socket file."""
    client = scope.get("client")
    return household_of(client[0]) if client else ""


@lru_cache(maxsize=4_096)
def household_of(address: str) -> str:
    try:
        known = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(known, IPv6Address):
        return str(known)
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(IPv6Address(int(known) >> _HOUSEHOLD_BITS << _HOUSEHOLD_BITS))
