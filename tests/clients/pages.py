"""What pages and programs fetch over plain HTTP."""

from __future__ import annotations

import ssl

import httpx

from repartee.testing.server_process import ServerProcess

PAGE_ON_PORT_3000 = "http://localhost:3000"

_TLS = ssl.create_default_context()
"""Nobody uses it here; but to make one for every client takes longer than all it asks for."""


def page_at(server: ServerProcess, origin: str = PAGE_ON_PORT_3000) -> httpx.Client:
    """A page of that origin in a browser, with cookies of its own."""
    headers = {"Origin": origin}
    return httpx.Client(base_url=address_of(server), headers=headers, timeout=30, verify=_TLS)


def address_of(server: ServerProcess) -> str:
    return f"http://127.0.0.1:{server.port}"
