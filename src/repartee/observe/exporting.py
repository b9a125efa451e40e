"""Traces on their way to a collector: in the background, by OTLP over HTTP, within bounds.

A collector that is slow or gone costs spans, never a call: when the queue is full the oldest are
dropped. The tracer is nobody's but ours, so no other library sends anything through it.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from opentelemetry.trace import Tracer

from repartee.installing import command, extra

log = logging.getLogger(__name__)

_MOST_WAITING = 2_048
_AT_ONCE = 256
_PATIENCE_SECONDS = 3.0
_LAST_SECONDS = 4.0
"""So long the end of the server may wait for what is still to be sent."""


@asynccontextmanager
async def traces_to(endpoint: str, service: str, version: str) -> AsyncIterator[Tracer | None]:
    """A tracer whose spans go there until this is left; None where its package is missing."""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        log.warning("No traces are sent. Run: %s", command(extra("otel")))
        yield None
        return
    resource = Resource.create({"service.name": service, "service.version": version})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    exporter = OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces", timeout=_PATIENCE_SECONDS)
    provider.add_span_processor(
        BatchSpanProcessor(exporter, max_queue_size=_MOST_WAITING, max_export_batch_size=_AT_ONCE)
    )
    try:
        yield provider.get_tracer("repartee", version)
    finally:
        # A daemon, for a collector that hangs must not hold up the end of the server.
        ending = threading.Thread(target=provider.shutdown, daemon=True)
        ending.start()
        await asyncio.to_thread(ending.join, _LAST_SECONDS)
