"""Recorded questions, spoken in real time into a server as `make run` starts it."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from repartee.testing.server_process import ServerProcess
from repartee.testing.talker import RATE, Message, Talker
from tests.e2e.conftest import Dial
from tests.recordings import recording, spoken_parts

pytestmark = [pytest.mark.engines, pytest.mark.timeout(120)]


def is_final(message: Message) -> bool:
    return message.type == "transcript" and bool(message.body["data"]["is_final"])


def finals(talker: Talker) -> list[str]:
    return [m.body["data"]["text"] for m in talker.messages if is_final(m)]


def speech(name: str, part: int = 0) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """One spoken part with a little quiet around it."""
    spoken = spoken_parts(name)[part]
    start, end = int((spoken["start"] - 0.3) * RATE), int(spoken["end"] * RATE)
    return np.concatenate([recording(name)[start:end], np.zeros(RATE, np.int16)])


def test_a_question_is_heard_live_and_answered_aloud(embedded: ServerProcess, dial: Dial) -> None:
    async def call() -> Talker:
        async with dial(embedded) as talker:
            await talker.play(speech("q1_weather.wav"))
            await talker.until(lambda message: message.is_status("complete"))
            return talker

    talker = asyncio.run(call())
    assert talker.messages[0].is_status("connected")
    partials = [
        m.body["data"]["text"]
        for m in talker.messages
        if m.type == "transcript" and not is_final(m)
    ]
    assert len(partials) >= 2
    (final,) = finals(talker)
    assert "weather" in final
    assert "paris" in final
    order = [m.type if m.type != "status" else m.body["data"] for m in talker.messages]
    assert order.index("transcript") < order.index("generating") < order.index("text_chunk")
    assert order.index("text_chunk") < order.index("audio") < order.index("complete")
    assert any(m.audible_at() for m in talker.messages)


def test_a_pause_in_mid_sentence_is_one_turn(embedded: ServerProcess, dial: Dial) -> None:
    async def call() -> list[str]:
        async with dial(embedded) as talker:
            await talker.play(recording("q3_midpause.wav"))
            await talker.until(lambda message: message.is_status("generating"))
            await talker.send(type="interrupt")
            return finals(talker)

    (final,) = asyncio.run(call())
    assert "know" in final
    assert "how far away" in final


def test_talking_over_a_reply_silences_it(embedded: ServerProcess, dial: Dial) -> None:
    async def call() -> Talker:
        async with dial(embedded) as talker:
            await talker.send(type="config", instructions="Tell long stories.", speed=0.6)
            await talker.play(speech("barge_in.wav", 0))
            await talker.until(lambda message: message.audible_at() is not None)
            since = len(talker.messages)
            await talker.play(speech("barge_in.wav", 1))
            await talker.until(lambda message: message.is_status("interrupted"), since)
            await talker.until(lambda message: message.is_status("generating"), since)
            return talker

    talker = asyncio.run(call())
    cut = next(m for m in talker.messages if m.is_status("interrupted"))
    after = talker.messages[talker.messages.index(cut) + 1 :]
    assert not [m for m in after if m.type == "audio" and m.body["reply"] == cut.body["reply"]]
    written = "".join(
        m.body["data"]
        for m in talker.messages
        if m.type == "text_chunk" and m.body["reply"] == cut.body["reply"]
    )
    assert len(cut.body["heard"].split()) < len(written.split())
    assert written.split()[: len(cut.body["heard"].split())] == cut.body["heard"].split()


def test_a_listening_noise_does_not_stop_the_reply(embedded: ServerProcess, dial: Dial) -> None:
    async def call() -> Talker:
        async with dial(embedded) as talker:
            await talker.send(type="config", speed=0.5)
            await talker.play(speech("backchannel.wav", 0))
            await talker.until(lambda message: message.audible_at() is not None)
            await talker.play(speech("backchannel.wav", 1))
            await talker.until(lambda message: message.is_status("complete"))
            return talker

    talker = asyncio.run(call())
    assert not [m for m in talker.messages if m.is_status("interrupted")]


def test_a_typed_question_is_answered_in_text_and_sound(
    embedded: ServerProcess, dial: Dial
) -> None:
    async def call() -> Talker:
        async with dial(embedded) as talker:
            await talker.send(type="chat", message="Tell me a story about a dragon.")
            await talker.until(lambda message: message.type == "response_complete")
            return talker

    talker = asyncio.run(call())
    chunks = [m.body["data"] for m in talker.messages if m.type == "chunk"]
    text = "".join(chunk["data"] for chunk in chunks if chunk["type"] == "text")
    assert text.strip() == talker.messages[-1].body["full_text"]
    assert "audio" in [chunk["type"] for chunk in chunks]


@pytest.mark.parametrize("kind", ["white", "hum"])
def test_steady_noise_is_never_taken_for_words(
    kind: str, embedded: ServerProcess, dial: Dial
) -> None:
    time = np.arange(3 * RATE) / RATE
    noise = (
        np.random.default_rng(1).normal(0, 2_000, len(time))
        if kind == "white"
        else 4_000 * np.sin(2 * np.pi * 120 * time)
    ).astype(np.int16)

    async def call() -> Talker:
        async with dial(embedded) as talker:
            await talker.play(np.concatenate([noise, np.zeros(RATE * 2, np.int16)]), speed=2)
            await talker.send(type="ping")
            await talker.until(lambda message: message.type == "pong")
            return talker

    talker = asyncio.run(call())
    replies = "".join(m.body["data"] for m in talker.messages if m.type == "text_chunk")
    assert replies in ("", "I'm sorry, I didn't catch that. Could you please repeat?")
