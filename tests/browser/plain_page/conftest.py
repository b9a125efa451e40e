"""Visits to the plain page."""

from __future__ import annotations

from typing import Any, Protocol

import pytest
from playwright.sync_api import Browser

from repartee.testing.server_process import ServerProcess
from tests.browser.conftest import Says, Visits
from tests.browser.plain_page.visitor import PlainVisitor


class Visit(Protocol):
    def __call__(
        self,
        server: ServerProcess,
        *,
        microphone: bool = True,
        host: str = "127.0.0.1",
        excuse: str = "",
        browser: Browser | None = None,
        **context: Any,
    ) -> PlainVisitor: ...


@pytest.fixture
def visit(visits: Visits, says: Says) -> Visit:
    says("q1_weather.wav")

    def visit(server: ServerProcess, *, host: str = "127.0.0.1", **more: Any) -> PlainVisitor:
        visitor = visits.begin(PlainVisitor, f"http://{host}:{server.port}/page/", **more)
        visitor.until_connected()
        return visitor

    return visit
