"""Traces find their way to a collector, and one that is missing or hangs holds nobody up."""

from __future__ import annotations

import asyncio
import sys

import pytest

from repartee.observe.exporting import traces_to

pytestmark = pytest.mark.anyio


class Collector:
    """Takes what is sent to it, and answers that all is well."""

    def __init__(self) -> None:
        self.requests: list[bytes] = []

    async def __aenter__(self) -> str:
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()
        return f"http://{host}:{port}"

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.decode().lower().split("\r\n")
        length = next(int(line.split(":")[1]) for line in lines if "content-length" in line)
        self.requests.append(head + await reader.readexactly(length))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()


async def test_what_waits_is_sent_at_the_end() -> None:
    collector = Collector()
    async with collector as address:
        async with traces_to(address, "the kitchen", "1.2.3") as tracer:
            assert tracer is not None
            tracer.start_span("a turn").end()
        (request,) = collector.requests
    assert request.startswith(b"POST /v1/traces ")
    assert b"the kitchen" in request
    assert b"a turn" in request


async def test_without_its_package_there_are_no_traces_but_a_hint(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    async with traces_to("http://127.0.0.1:9", "repartee", "1") as tracer:
        assert tracer is None
    assert "pip install 'repartee-voice[otel]'" in caplog.text
