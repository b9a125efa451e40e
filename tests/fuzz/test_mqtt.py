"""The MQTT bridge, given topics and payloads that no device should send.

The broker between them is left out: what it would hand over is handed to the bridge.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import msgspec
import pytest
from anyio.lowlevel import checkpoint
from hypothesis import given
from hypothesis import strategies as st

from repartee.bridges.mqtt.address import BrokerAddress
from repartee.bridges.mqtt.bridge import Bridge
from repartee.bridges.mqtt.incoming import SUBSCRIPTIONS
from repartee.bridges.mqtt.parcel import Parcel
from tests.bridges.mqtt.device import QUIET, VOICE, wav
from tests.fuzz.budget import patiently, tries
from tests.fuzz.leaks import assert_nothing_leaks, left_over
from tests.fuzz.values import broken_recordings, mutated, texts
from tests.fuzz.whole_app import OnStage, WholeApp, on_stage

pytestmark = patiently

AT_ONCE = 10
SITE = "kitchen"
HERMES: tuple[dict[str, Any], ...] = (
    {"siteId": SITE, "sessionId": "s1", "stopOnSilence": True, "lang": "en"},
    {"siteId": SITE, "input": "What time is it?"},
    {"siteId": SITE, "text": "Dinner is ready.", "id": "a", "lang": "en", "volume": 0.5},
    {"siteId": SITE, "id": "a"},
    {"persona": "astronaut", "voice": "af_heart", "speed": 1.5, "language": "en"},
)

places = st.one_of(st.just(SITE), st.just(SITE), st.sampled_from(["s1", "", "a/b", "+", "#", "\0"]))


@st.composite
def topics(draw: st.DrawFn) -> str:
    """One that the bridge listens to, with whatever stands where a plus is."""
    topic = draw(st.sampled_from(SUBSCRIPTIONS))
    return re.sub(r"\+", lambda _: draw(places), topic)


payloads = st.one_of(
    mutated(HERMES).map(lambda text: text.encode("utf-8", "surrogatepass")),
    mutated(HERMES).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.sampled_from([wav(VOICE, 32), wav(VOICE, 500), wav(QUIET, 800), wav(VOICE, 32)[:50], b""]),
    st.binary(max_size=60),
    broken_recordings(6_000),
    texts.map(lambda text: text.encode("utf-8", "surrogatepass")),
)


class NoBroker:
    """In the place of a link: `sent` is all that would have been published."""

    def __init__(self, *_: object) -> None:
        self.sent: list[Parcel] = []

    async def run(self) -> None:
        await anyio.sleep_forever()

    async def publish(self, parcel: Parcel) -> None:
        self.sent.append(parcel)
        await checkpoint()


@asynccontextmanager
async def bridged(app: WholeApp) -> AsyncIterator[tuple[Bridge, list[Parcel]]]:
    links: list[NoBroker] = []

    def new_link(*given: Any) -> Any:
        links.append(NoBroker(*given))
        return links[0]

    bridge = Bridge(app.house, BrokerAddress("nowhere", 1883), new_link)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(bridge.run)
        await checkpoint()
        yield bridge, links[0].sent
        tasks.cancel_scope.cancel()


@pytest.fixture(scope="module")
def stage() -> Iterator[OnStage]:
    with on_stage(max_frame_bytes=65_536) as it:
        yield it
    assert left_over() == []


@given(st.lists(st.tuples(topics(), payloads, st.sampled_from([0.0, 0.05, 2.0])), max_size=AT_ONCE))
@tries(0.1, AT_ONCE)
def test_any_message(stage: OnStage, messages: list[tuple[str, bytes, float]]) -> None:
    """Afterwards a device that asks in an orderly way is answered."""

    async def talk(app: WholeApp) -> None:
        async with bridged(app) as (bridge, sent):
            for topic, payload, pause in messages:
                bridge.arrived(topic, payload)
                await anyio.sleep(pause)
            bridge.arrived("hermes/nlu/query", b'{"siteId": "hall", "input": "Are you there?"}')
            while not any(parcel.topic == "repartee/hall/reply/done" for parcel in sent):
                await anyio.sleep(0.1)
            for parcel in sent:
                check(parcel)

    stage.run(talk(stage.app))


def check(parcel: Parcel) -> None:
    """A topic must be one that can be published to, and an error a sentence."""
    assert not set(parcel.topic) & set("+#\0")
    if parcel.topic.startswith("hermes/error/"):
        error = msgspec.json.decode(parcel.payload)
        assert error["error"].rstrip()[-1] in ".?!"
        assert_nothing_leaks(error["error"])
