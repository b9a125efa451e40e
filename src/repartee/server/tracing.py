"""Traces of turns, where a collector for them is named."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from repartee import __version__
from repartee.engines.build import Engines
from repartee.engines.chain.recognizer import RecognizerChain
from repartee.engines.chain.responder import ResponderChain
from repartee.engines.chain.synthesizer import SynthesizerChain
from repartee.observe.exporting import traces_to
from repartee.observe.onlookers import Onlooker
from repartee.observe.spans import Kind, Serving, TurnSpans
from repartee.settings import Settings


@asynccontextmanager
async def traced(settings: Settings, engines: Engines) -> AsyncIterator[tuple[Onlooker, ...]]:
    """Whoever draws the turns as spans; nobody, if that is not wished or can't be."""
    endpoint = settings.otel_exporter_otlp_endpoint
    if endpoint is None:
        yield ()
        return
    async with traces_to(endpoint, settings.otel_service_name, __version__) as tracer:
        if tracer is None:
            yield ()
            return

        def who(kind: Kind) -> Serving:
            return serving(engines, kind)

        yield (TurnSpans(tracer, who, content=settings.log_transcripts),)


def serving(engines: Engines, kind: Kind) -> Serving:
    """Of a chain: who is asked first at the moment."""
    engine = getattr(engines, kind)
    if isinstance(engine, RecognizerChain | ResponderChain | SynthesizerChain):
        return Serving(engine.report().serving or engine.name)
    return Serving(engine.name, str(getattr(engine, "model", "") or ""))
