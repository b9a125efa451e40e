"""A language model through Hugging Face's router."""

from contextlib import aclosing

import pytest

from repartee.engines.llm.huggingface import HuggingFaceResponder
from repartee.engines.protocols import Caller, Message, Sampling
from repartee.errors import EngineLocked
from repartee.testing.checks import check_responder, check_troubles
from repartee.testing.standins import StandIn
from repartee.testing.standins.openai import OpenAIWire
from tests.engines.remote.impatience import CALM

pytestmark = pytest.mark.anyio

KEY = "hf_test"


async def test_it_keeps_the_contract() -> None:
    async with StandIn(OpenAIWire(key=KEY)) as server:
        model = HuggingFaceResponder(base_url=f"{server.url}/v1", api_key=KEY, patience=CALM)
        await check_responder(model, repeatable=True)


async def test_it_keeps_its_head_in_every_trouble() -> None:
    await check_troubles(
        lambda: OpenAIWire(key=KEY),
        lambda server, patience, key: HuggingFaceResponder(
            base_url=f"{server.url}/v1", api_key=key, patience=patience
        ),
        key=KEY,
        key_setting="HF_TOKEN",
    )


@pytest.mark.parametrize(
    ("settings", "sent"),
    [
        ({}, "HuggingFaceH4/zephyr-7b-beta:featherless-ai"),
        ({"model": "Qwen/Qwen2.5-7B-Instruct"}, "Qwen/Qwen2.5-7B-Instruct"),
        ({"model": "a/b", "provider": "groq"}, "a/b:groq"),
        ({"model": "a/b:together", "provider": "groq"}, "a/b:together"),
    ],
)
async def test_the_provider_is_named_behind_the_model(settings: dict[str, str], sent: str) -> None:
    async with StandIn(OpenAIWire(key=KEY)) as server:
        model = HuggingFaceResponder(base_url=f"{server.url}/v1", api_key=KEY, **settings)  # type: ignore[arg-type]
        await model.open()
        async with aclosing(
            model.respond(Caller("ann"), [Message("user", "Hello.")], Sampling())
        ) as stream:
            assert "".join([piece async for piece in stream]) == "You said: Hello."
        await model.close()
        assert server.asked[0].json()["model"] == sent


async def test_it_is_not_asked_without_a_token() -> None:
    with pytest.raises(EngineLocked, match=r"router\.huggingface\.co needs a key.*HF_TOKEN"):
        await HuggingFaceResponder().open()
