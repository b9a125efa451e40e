"""By which names a broker is known, and how often one may ask, as it is at the server."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator

import anyio
import httpx
import pytest

from repartee.brokers import building
from repartee.brokers.door import Kind, in_the_servers_place
from repartee.calls.fair_queue import MOST_WAITING
from repartee.engines.protocols import Sound, Speech
from repartee.engines.tts.scripted import ScriptedSynthesizer
from repartee.settings import Settings
from tests.brokers.behind import listening, served, speaking, tts

pytestmark = pytest.mark.anyio

KEY, OTHER_KEY = "a-key-of-the-broker", "another-key-of-it"
KEYS = {"tts_broker_keys": f"{KEY},{OTHER_KEY}"}


class TestNames:
    async def test_one_that_is_not_ours_is_refused(self) -> None:
        async with (
            served(tts("", "scripted", trusted_hosts="voice.example")) as url,
            httpx.AsyncClient(base_url=url) as client,
        ):
            for name, status in (
                ("evil.example", 421),
                ("evil.example:8080", 421),
                ("127.0.0.1.evil.example", 421),
                ("localhost", 200),
                ("127.0.0.1:8080", 200),
                ("voice.example", 200),
            ):
                answer = await client.get("/info", headers={"Host": name})
                assert answer.status_code == status, name
                assert ("TRUSTED_HOSTS" in answer.text) is (status == 421)

    async def test_nor_does_a_key_help(self) -> None:
        async with speaking("", "scripted", **KEYS) as client:
            headers = {"Host": "evil.example", "X-API-Key": KEY}
            assert (await client.get("/info", headers=headers)).status_code == 421


class TestLimits:
    @pytest.mark.parametrize("kind", ["stt", "tts"])
    def test_what_was_had_at_the_server_is_not_had_again_here(self, kind: Kind) -> None:
        """A Redis of the server's would count every text twice."""
        as_server = in_the_servers_place(Settings(limits_storage="redis://localhost/0"), kind)
        assert as_server.limits_storage == "memory"

    async def test_who_asks_too_often_is_told_when_to_come_back(self) -> None:
        given = {"limits": "on", "limit_broker_requests_per_minute": 2, **KEYS}
        async with speaking("", "scripted", **given) as client:
            ours = {"X-API-Key": KEY}
            for _ in range(2):
                assert (await client.get("/voices", headers=ours)).status_code == 200
            refused = await client.post("/synthesize", json={"text": "Hello."}, headers=ours)
            assert refused.status_code == 429
            assert 0 < int(refused.headers["retry-after"]) <= 120
            assert refused.json()["error"].startswith("The limit of 2 requests per minute is ")
            theirs = {"X-API-Key": OTHER_KEY}
            assert (await client.get("/voices", headers=theirs)).status_code == 200

    async def test_who_comes_from_this_machine_alone_is_not_counted(self) -> None:
        async with listening("", "scripted", limit_broker_requests_per_minute=1) as client:
            for _ in range(3):
                assert (await client.get("/info")).status_code == 200

    async def test_others_are(self) -> None:
        given = {
            "sst_broker_host": "0.0.0.0",
            "sst_broker_keys": KEY,
            "limit_broker_requests_per_minute": 1,
        }
        async with listening("", "scripted", **given) as client:
            headers = {"X-API-Key": KEY}
            answers = [await client.get("/info", headers=headers) for _ in range(2)]
            assert [answer.status_code for answer in answers] == [200, 429]

    async def test_who_guesses_keys_has_to_wait(self) -> None:
        given = {"limits": "on", "limit_refused_keys_per_minute": 2, **KEYS}
        async with speaking("", "scripted", **given) as client:
            tries = [await client.get("/info", headers={"X-API-Key": "a-guess"}) for _ in range(3)]
            assert [answer.status_code for answer in tries] == [401, 401, 429]

    async def test_a_body_that_is_too_large_is_refused(self) -> None:
        async with speaking("", "scripted") as client:
            answer = await client.post("/synthesize", content=b"x" * ((1 << 20) + 1))
            assert answer.status_code == 413


class TestPlacesToWait:
    async def test_one_server_may_have_them_all(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """It asks with one key for all of its callers."""
        full = anyio.Event()

        class Slow(ScriptedSynthesizer):
            async def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
                await full.wait()
                async for sound in super().synthesize(text, speech):
                    yield sound

        monkeypatch.setattr(building, "synthesizer", lambda settings: Slow())
        monkeypatch.setattr(building, "_engine_at_once", lambda: 2)
        statuses: Counter[int] = Counter()

        async def ask(client: httpx.AsyncClient) -> None:
            answer = await client.post("/synthesize", json={"text": "Hi."}, headers=ours)
            statuses[answer.status_code] += 1
            full.set()  # the first to be answered is the one for whom there is no place

        given = {"tts_broker_host": "0.0.0.0", **KEYS}
        ours = {"X-API-Key": KEY}
        async with speaking("", "scripted", **given) as client:
            with anyio.fail_after(20):
                async with anyio.create_task_group() as tasks:
                    for _ in range(2 + MOST_WAITING + 1):
                        tasks.start_soon(ask, client)
        assert statuses == {200: 2 + MOST_WAITING, 503: 1}
