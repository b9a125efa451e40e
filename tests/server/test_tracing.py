"""Who draws the turns of a server as spans, and what it is told of the engines."""

from __future__ import annotations

import pytest

from repartee.engines.chain.members import ChainRules
from repartee.engines.chain.responder import ResponderChain
from repartee.observe.spans import Serving, TurnSpans
from repartee.server.tracing import serving, traced
from repartee.settings import Settings
from tests.calls.fakes import FakeModel
from tests.calls.line import scripted

pytestmark = pytest.mark.anyio


async def test_nobody_does_where_no_collector_is_named() -> None:
    async with traced(Settings(), scripted()) as onlookers:
        assert onlookers == ()


async def test_somebody_does_where_one_is() -> None:
    settings = Settings(otel_exporter_otlp_endpoint="http://127.0.0.1:9")
    async with traced(settings, scripted()) as (onlooker,):
        assert isinstance(onlooker, TurnSpans)


async def test_an_engine_goes_by_its_name() -> None:
    assert serving(scripted(), "stt") == Serving("scripted")


async def test_of_a_chain_it_is_the_one_that_is_asked_first() -> None:
    first, second = FakeModel("Yes."), FakeModel("No.")
    first.name, second.name = "first", "second"
    chain = ResponderChain([first, second], ChainRules())
    await chain.open()
    assert serving(scripted(llm=chain), "llm") == Serving("first")
    await chain.close()
