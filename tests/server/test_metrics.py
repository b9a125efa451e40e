"""What Prometheus reads: figures of a server at work, with labels that stay few."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import anyio
import anyio.lowlevel
import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from repartee.dialects.ws import WsDialect
from repartee.engines.chain.members import ChainRules
from repartee.engines.chain.responder import ResponderChain
from repartee.engines.tts.cached import Cached
from repartee.engines.tts.scripted import ScriptedSynthesizer
from repartee.errors import EngineUnreachable
from repartee.server.house import House
from tests.calls.fakes import FakeModel, TroubledVoice, raises, writes
from tests.calls.line import scripted
from tests.server.open_house import asking, on_the_phone, open_house

pytestmark = pytest.mark.anyio

TOKEN = "a-token-of-prometheus"
NAME_OF_A_LABEL = re.compile(r"[a-z0-9._,/+\-]{0,60}|\+Inf")


@pytest.fixture
async def house() -> AsyncIterator[House]:
    tts = Cached(ScriptedSynthesizer(), 1 << 20)
    async with open_house(engines=scripted(tts=tts)) as house:
        yield house


async def read(house: House, **headers: str) -> httpx.Response:
    async with asking(house) as client:
        as_sent = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        return await client.get("/metrics", headers=as_sent)


async def figures(house: House) -> dict[str, float]:
    """Every sample, under its name and its labels, which are sorted."""
    return {name + _written(labels): value for name, labels, value in await samples(house)}


async def samples(house: House) -> list[tuple[str, dict[str, str], float]]:
    page = (await read(house)).text
    return [
        (sample.name, sample.labels, sample.value)
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    ]


def _written(labels: dict[str, str]) -> str:
    inside = ",".join(f"{name}={text}" for name, text in sorted(labels.items()))
    return f"{{{inside}}}" if inside else ""


async def chat(house: House, message: str = "What time is it?") -> None:
    async with on_the_phone(house, WsDialect()) as socket:
        socket.say(type="chat", message=message)
        await socket.until_type("response_complete")


async def test_a_server_at_rest(house: House) -> None:
    found = await figures(house)
    assert found["repartee_gap_seconds_count{mode=spoken}"] == 0
    assert found["repartee_engine_up{engine=scripted,kind=llm}"] == 1
    assert found["repartee_keeper_waiting"] == 0
    assert found["repartee_desk_jobs{desk=hearing}"] == 0
    assert found["process_resident_memory_bytes"] > 0
    assert found["process_cpu_seconds_total"] > 0


async def test_calls_are_counted_by_interface(house: House) -> None:
    async with on_the_phone(house) as socket:
        await socket.until_status("connected")
        found = await figures(house)
        assert found["repartee_calls_active{interface=ws}"] == 1
        assert len(house.outboxes) == 1
    found = await figures(house)
    assert not house.outboxes
    assert found["repartee_calls_active{interface=ws}"] == 0
    assert found["repartee_calls_started_total{interface=ws}"] == 1
    assert found["repartee_calls_ended_total{interface=ws}"] == 1


async def test_whoever_is_not_let_in_is_counted() -> None:
    async with open_house(max_calls=1) as house, on_the_phone(house) as first:
        await first.until_status("connected")
        assert (await figures(house))["repartee_places_free"] == 0
        async with on_the_phone(house) as second:
            await second.until_type("error")
        found = await figures(house)
    assert found["repartee_calls_refused_total{reason=full}"] == 1
    assert found["repartee_limits_reached_total{limit=audio}"] == 0


async def test_a_turn_leaves_its_gap(house: House) -> None:
    await chat(house)
    found = await figures(house)
    assert found["repartee_turns_total{mode=typed,status=complete}"] == 1
    assert found["repartee_gap_seconds_count{mode=typed}"] == 1


async def test_what_a_client_does_not_take_is_seen(house: House) -> None:
    async with on_the_phone(house) as socket:
        await socket.until_status("connected")
        stuck = anyio.Event()
        socket.trouble = stuck.wait
        for _ in range(4):
            socket.say(type="ping")
        while (await figures(house))["repartee_outbox_frames"] < 3:
            await anyio.lowlevel.checkpoint()
        stuck.set()


async def test_the_cache_tells_how_often_it_helped(house: House) -> None:
    for _ in range(2):
        await chat(house)
    found = await figures(house)
    hits = found["repartee_tts_cache_hits_total{engine=scripted}"]
    misses = found["repartee_tts_cache_misses_total{engine=scripted}"]
    assert hits >= misses >= 1
    assert found["repartee_tts_cache_bytes{engine=scripted}"] > 0


async def test_an_engine_that_fails_is_counted() -> None:
    gone = raises(EngineUnreachable("The model can't be reached."))
    model = FakeModel(writes("", gone), "It is noon.")
    async with open_house(engines=scripted(llm=model)) as house:
        async with on_the_phone(house) as socket:
            socket.say(type="chat", message="What time is it?")
            await socket.until_type("error")
        found = await figures(house)
    assert found["repartee_engine_failures_total{engine=fake,kind=llm}"] == 1
    assert found["repartee_engine_failures_total{engine=scripted,kind=stt}"] == 0


async def test_so_is_one_that_fails_outside_of_calls() -> None:
    voice = TroubledVoice(raises(EngineUnreachable("The voice can't be reached.")))
    async with open_house(engines=scripted(tts=voice)) as house:
        with pytest.raises(EngineUnreachable):
            await house.errands.synthesize("It is noon.", house.options.speech)
        found = await figures(house)
    assert found["repartee_engine_failures_total{engine=scripted,kind=tts}"] == 1


async def test_in_a_chain_each_engine_has_its_failures_and_switches() -> None:
    gone = raises(EngineUnreachable("The model can't be reached."))
    first, second = FakeModel(writes("", gone)), FakeModel("It is noon.")
    first.name, second.name = "first", "second"
    chain = ResponderChain([first, second], ChainRules())
    async with open_house(engines=scripted(llm=chain)) as house:
        await chain.open()
        await chat(house)
        found = await figures(house)
        await chain.close()
    assert found["repartee_engine_failures_total{engine=first,kind=llm}"] == 1
    assert found["repartee_engine_failures_total{engine=second,kind=llm}"] == 0
    assert found["repartee_engine_switches_total{after=second,before=first,kind=llm}"] == 1


async def test_no_label_holds_an_id_or_what_was_said(house: House) -> None:
    await chat(house, "My name is Nobody Anywhere.")
    (session,) = await house.store.sessions(limit=2)
    for name, labels, _ in await samples(house):
        for text in labels.values():
            assert NAME_OF_A_LABEL.fullmatch(text), name
            assert session.id not in text


# ---------------------------------------------------------------- who may read it


async def test_a_token_locks_it() -> None:
    async with open_house(metrics_token=TOKEN) as house:
        assert (await read(house)).status_code == 401
        assert (await read(house, Authorization="Bearer another-long-token")).status_code == 401
        assert (await read(house, Authorization="Bearer töken")).status_code == 401
        assert (await read(house, Authorization=f"Bearer {TOKEN}")).status_code == 200


async def test_where_keys_are_asked_for_a_key_opens_it() -> None:
    key = "a-key-that-is-long-enough"
    async with open_house(api_keys=(key,)) as house:
        assert (await read(house)).status_code == 401
        assert (await read(house, Authorization=f"Bearer {key}")).status_code == 200


async def test_its_own_token_is_enough_there_and_opens_nothing_else() -> None:
    key, bearer = "a-key-that-is-long-enough", {"Authorization": f"Bearer {TOKEN}"}
    async with open_house(api_keys=(key,), metrics_token=TOKEN) as house:
        assert (await read(house)).status_code == 401
        assert (await read(house, **bearer)).status_code == 200
        async with asking(house) as client:
            assert (await client.get("/config", headers=bearer)).status_code == 401


async def test_it_can_be_switched_off() -> None:
    async with open_house(metrics=False) as house:
        answer = await read(house)
    assert answer.status_code == 404
    assert "METRICS" in answer.json()["error"]


async def test_it_speaks_openmetrics_to_those_who_ask_for_it(house: House) -> None:
    answer = await read(house, Accept="application/openmetrics-text; version=1.0.0")
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")
