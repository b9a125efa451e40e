"""Gemini uses tools in the middle of its reply."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from repartee.engines import tools as bounds
from repartee.engines.llm.gemini import Gemini
from repartee.engines.llm.gemini_tools import MOST_ROUNDS
from repartee.engines.protocols import Caller, Message, Sampling
from repartee.testing.standins import StandIn, Trouble
from repartee.testing.standins.gemini import GeminiWire
from tests.engines.remote.impatience import CALM

pytestmark = pytest.mark.anyio

HELLO = (Message("user", "When do you open on Friday?"),)


def opening_hours(day: str, season: str = "winter") -> dict[str, str]:
    """When the shop is open on this day."""
    return {"day": day, "from": "9:00" if season == "winter" else "8:00"}


async def never() -> str:
    await asyncio.Event().wait()
    return ""


@pytest.fixture
async def server() -> AsyncIterator[StandIn]:
    async with StandIn(GeminiWire()) as server:
        yield server


def calls(server: StandIn, *names_and_args: tuple[str, dict[str, object]]) -> None:
    assert isinstance(server.wire, GeminiWire)
    server.wire.calls = [{"name": name, "args": args} for name, args in names_and_args]


async def reply(server: StandIn) -> str:
    model = Gemini(base_url=server.url, api_key="k", patience=CALM, tools=[opening_hours, never])
    await model.open()
    try:
        async with aclosing(model.respond(Caller("ann"), HELLO, Sampling())) as pieces:
            return "".join([piece async for piece in pieces])
    finally:
        await model.close()


async def test_tools_are_offered_with_what_they_take(server: StandIn) -> None:
    await reply(server)
    offered = server.asked[0].json()["tools"][0]["functionDeclarations"]
    assert offered[0] == {
        "name": "opening_hours",
        "description": "When the shop is open on this day.",
        "parametersJsonSchema": {
            "type": "object",
            "properties": {
                "day": {"type": "string"},
                "season": {"type": "string", "default": "winter"},
            },
            "required": ["day"],
            "additionalProperties": False,
        },
    }


async def test_without_tools_nothing_is_said_of_them(server: StandIn) -> None:
    model = Gemini(base_url=server.url, api_key="k", patience=CALM, tools=[])
    await model.open()
    async with aclosing(model.respond(Caller("ann"), HELLO, Sampling())) as pieces:
        assert [piece async for piece in pieces]
    await model.close()
    assert "tools" not in server.asked[0].json()


async def test_the_reply_goes_on_with_what_the_tool_said(server: StandIn) -> None:
    calls(server, ("opening_hours", {"day": "Friday"}))
    assert await reply(server) == ('Well, You said: {"result": {"day": "Friday", "from": "9:00"}}')
    turns = server.asked[1].json()["contents"]
    assert turns[1:] == [
        {
            "role": "model",
            "parts": [
                {"text": "Well, "},
                {
                    "functionCall": {"name": "opening_hours", "args": {"day": "Friday"}},
                    "thoughtSignature": "signed-0",
                },
            ],
        },
        {
            "role": "user",
            "parts": [
                {
                    "functionResponse": {
                        "name": "opening_hours",
                        "response": {"result": {"day": "Friday", "from": "9:00"}},
                    }
                }
            ],
        },
    ]


@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        ("opening_hours", {"day": 7}, "These arguments don't fit: Expected `str`"),
        ("opening_hours", {"day": "Friday", "shop": "x"}, "These arguments don't fit: Object"),
        ("nobody_has_it", {}, "There is no such tool."),
    ],
)
async def test_what_does_not_fit_is_told_to_the_model(
    server: StandIn, name: str, arguments: dict[str, object], told: str
) -> None:
    calls(server, (name, arguments))
    assert f'{{"error": "{told}' in await reply(server)


async def test_a_tool_has_so_long_and_no_longer(
    server: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "SECONDS", 0.01)
    calls(server, ("never", {}))
    assert "It takes too long." in await reply(server)


async def test_a_model_that_only_uses_tools_is_told_to_speak(server: StandIn) -> None:
    again: tuple[str, dict[str, object]] = ("opening_hours", {"day": "Friday"})
    calls(server, *[again] * 99)
    assert (await reply(server)).endswith("I was not allowed to look.")
    assert len(server.asked) == MOST_ROUNDS + 1


async def test_leaving_while_a_tool_is_at_work_ends_the_reply(server: StandIn) -> None:
    calls(server, ("never", {}))
    model = Gemini(base_url=server.url, api_key="k", patience=CALM, tools=[never])
    await model.open()
    pieces = model.respond(Caller("ann"), HELLO, Sampling())
    assert await anext(pieces) == "Well, "
    waiting = asyncio.ensure_future(anext(pieces))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    await model.close()
    assert len(server.asked) == 1


async def test_a_round_that_fails_in_passing_is_asked_again(server: StandIn) -> None:
    calls(server, ("opening_hours", {"day": "Friday"}))
    server.troubles += [Trouble(), Trouble(status=503)]
    assert '"from": "9:00"' in await reply(server)
