"""Whether somebody is there who lets us in, without anything being asked."""

from __future__ import annotations

import pytest

from repartee.engines.llm.gemini import Gemini
from repartee.engines.llm.openai import OpenAIResponder
from repartee.engines.stt.openai import OpenAIRecognizer
from repartee.engines.tts.openai import OpenAISynthesizer
from repartee.errors import EngineBusy, EngineError, EngineLocked, EngineUnreachable
from repartee.testing.standins import StandIn, Trouble
from repartee.testing.standins.gemini import GeminiWire
from repartee.testing.standins.openai import OpenAIWire
from tests.engines.remote.impatience import IMPATIENT

pytestmark = pytest.mark.anyio

Reaching = type[Gemini] | type[OpenAIResponder] | type[OpenAIRecognizer] | type[OpenAISynthesizer]
ALL = [Gemini, OpenAIResponder, OpenAIRecognizer, OpenAISynthesizer]


async def reach(kind: Reaching, url: str, key: str = "k") -> None:
    engine = kind(base_url=url, api_key=key, patience=IMPATIENT)
    await engine.open()
    try:
        await engine.reach()
    finally:
        await engine.close()


@pytest.mark.parametrize("kind", ALL)
async def test_a_server_without_a_list_of_its_models_is_there(kind: Reaching) -> None:
    async with StandIn(OpenAIWire(), Trouble(status=404)) as server:
        await reach(kind, server.url)
        assert [heard.method for heard in server.heard] == ["GET"]


async def test_so_is_one_where_only_the_list_is_forbidden() -> None:
    async with StandIn(OpenAIWire(), Trouble(status=403)) as server:
        await reach(OpenAIResponder, server.url)


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        (Trouble(status=401), EngineLocked),
        (Trouble(status=429), EngineBusy),
        (Trouble(status=503), EngineBusy),
        (Trouble(reset=True), EngineUnreachable),
        (Trouble(hang_after=-1), EngineError),
    ],
)
async def test_one_that_is_of_no_use_is_not(trouble: Trouble, error: type[EngineError]) -> None:
    async with StandIn(OpenAIWire(), trouble) as server:
        with pytest.raises(error):
            await reach(OpenAIResponder, server.url)


async def test_a_wrong_key_by_another_status() -> None:
    async with StandIn(GeminiWire(key="right"), Trouble()) as server:
        with pytest.raises(EngineLocked):
            await reach(Gemini, server.url, "wrong")


async def test_nobody_is_there() -> None:
    async with StandIn(OpenAIWire()) as server:
        url = server.url
    with pytest.raises(EngineUnreachable):
        await reach(OpenAIResponder, url)
