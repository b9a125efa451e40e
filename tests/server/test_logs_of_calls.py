"""The log of calls: each line names its call, and none holds what was said, sound or a key."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from repartee.observe.logs import configure
from tests.calls.fakes import FakeModel, raises, writes
from tests.calls.line import scripted
from tests.observe.restored import log_restored
from tests.server.every_interface import EVERY_INTERFACE, WAV_BASE64
from tests.server.open_house import on_the_phone, open_house

pytestmark = pytest.mark.anyio

ANSWER = "Tangerine trees and marmalade skies."
KEY = "a-key-that-nobody-knows"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    with log_restored():
        configure("DEBUG", "json", stream=stream)
        yield stream


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    """What Repartee itself wrote, and not the libraries."""
    written = [json.loads(line) for line in log.getvalue().splitlines()]
    return [line for line in written if line["logger"].startswith("repartee.")]


def private(log: io.StringIO) -> list[str]:
    """What of the things that nobody should read can be read."""
    secrets = ["tangerine", "marmalade", "what time", KEY, WAV_BASE64[100:160].lower()]
    return [secret for secret in secrets if secret in log.getvalue().lower()]


@pytest.mark.parametrize("interface", EVERY_INTERFACE)
async def test_each_line_of_a_call_names_it(interface: str, log: io.StringIO) -> None:
    async with open_house(engines=scripted(llm=FakeModel(ANSWER))) as house:
        await EVERY_INTERFACE[interface](house)
        ids = {session.id for session in await house.store.sessions(limit=9)}
    told = [line for line in lines(log) if line["logger"].startswith("repartee.calls.")]
    assert any(line["message"].startswith("A turn is ") for line in told)
    assert {line.get("call_id") for line in told} <= ids
    assert private(log) == []


async def test_trouble_is_told_of_the_call_that_met_it(log: io.StringIO) -> None:
    broken = raises(ValueError(f"api_key={KEY}"))
    async with open_house(engines=scripted(llm=FakeModel(writes("", broken)))) as house:
        async with on_the_phone(house) as socket:
            socket.say(type="chat", message="What time is it?")
            await socket.until_type("error")
        (session,) = await house.store.sessions(limit=9)
    (trouble,) = [line for line in lines(log) if line["level"] == "error"]
    assert trouble["call_id"] == session.id
    assert private(log) == []


async def test_two_calls_at_once_are_told_apart(log: io.StringIO) -> None:
    async with (
        open_house(engines=scripted(llm=FakeModel(ANSWER))) as house,
        on_the_phone(house) as one,
        on_the_phone(house) as other,
    ):
        for socket in (one, other):
            socket.say(type="chat", message="What time is it?")
        for socket in (one, other):
            await socket.until_type("response_complete")
    ended = [line["call_id"] for line in lines(log) if line["message"] == "A turn is complete."]
    assert len(set(ended)) == len(ended) == 2
