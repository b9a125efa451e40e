"""Speech to text by an STT broker: what it tells of itself, and what its errors mean."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
import pytest

from repartee.engines.protocols import Caller
from repartee.engines.stt.sst_broker import SstBroker
from repartee.engines.stt.whisper_answer import LANGUAGES
from repartee.errors import (
    BadInput,
    EngineBusy,
    EngineLocked,
    EngineNonsense,
    EngineTimeout,
    ReparteeError,
    TooLarge,
)
from repartee.testing.checks import check_recognizer
from repartee.testing.standins import Heard, Reply, StandIn, Trouble
from repartee.testing.standins.whispercpp import WhisperCppWire
from repartee.testing.standins.wire import json_reply
from tests.engines.remote.brokers import Sick, SttBrokerWire
from tests.engines.remote.impatience import CALM

pytestmark = pytest.mark.anyio


async def settled(broker: SstBroker, language: str = "en") -> str:
    async with broker.listen(Caller("ann"), language) as hearing:
        hearing.feed(np.ones(16_000, np.int16))
        return (await hearing.settle()).text


async def heard(server: StandIn, language: str = "en") -> str:
    broker = SstBroker(base_url=server.url, patience=CALM)
    await broker.open()
    try:
        return await settled(broker, language)
    finally:
        await broker.close()


async def test_it_keeps_the_contract() -> None:
    async with StandIn(SttBrokerWire()) as server:
        await check_recognizer(SstBroker(base_url=f"{server.url}/inference", patience=CALM))


class TestWhatItTells:
    @pytest.mark.parametrize(
        ("info", "languages", "model"),
        [
            ({"engine": "pocketsphinx", "languages": ["en"]}, ("en",), "pocketsphinx"),
            ({"engine": "whisper.cpp", "model": "base.en"}, LANGUAGES, "base.en"),
            ({"engine": "whisper.cpp", "model": None, "languages": []}, LANGUAGES, "whisper.cpp"),
            ({"languages": "all of them", "engine": "?"}, LANGUAGES, ""),
            ({}, LANGUAGES, ""),
        ],
    )
    async def test_languages_and_who_hears(
        self, info: dict[str, Any], languages: tuple[str, ...], model: str
    ) -> None:
        async with StandIn(SttBrokerWire(**info)) as server:
            broker = SstBroker(base_url=server.url, patience=CALM)
            await broker.open()
            assert (broker.languages, broker.model) == (languages, model)
            await broker.close()

    async def test_it_is_believed_again_when_it_is_back_with_another_engine(self) -> None:
        async with StandIn(SttBrokerWire()) as server:
            pass
        broker = SstBroker(base_url=server.url, patience=CALM)
        await broker.open()
        assert broker.languages == LANGUAGES
        server.wire = SttBrokerWire(engine="pocketsphinx", languages=["en"])
        async with server:
            await settled(broker)
            async with asyncio.timeout(2):
                while not broker.ready:
                    await asyncio.sleep(0)
            assert (broker.languages, broker.model) == (("en",), "pocketsphinx")
            await broker.close()

    @pytest.mark.parametrize(
        ("languages", "asked", "sent"),
        [
            (["en", "de-DE"], "de-AT", b"de"),
            (["en"], "de", b"auto"),
            (None, "tlh", b"auto"),
        ],
    )
    async def test_it_is_told_a_language_that_it_knows(
        self, languages: list[str] | None, asked: str, sent: bytes
    ) -> None:
        async with StandIn(SttBrokerWire(languages=languages)) as server:
            await heard(server, asked)
            assert server.asked[-1].form()["language"] == sent

    async def test_one_that_says_nothing_of_its_health_is_fine(self) -> None:
        async with StandIn(WhisperCppWire()) as server:
            assert await heard(server)
            assert [asked.path for asked in server.asked] == ["/healthz", "/info", "/inference"]


class TestWhatItsErrorsMean:
    @pytest.mark.parametrize(
        ("status", "kind"),
        [
            (400, BadInput),
            (413, TooLarge),
            (422, BadInput),
            (502, EngineNonsense),
            (503, EngineBusy),
            (504, EngineTimeout),
        ],
    )
    async def test_they_are_passed_on_as_they_are_meant(
        self, status: int, kind: type[ReparteeError]
    ) -> None:
        wire = SttBrokerWire()
        wire.sick = Sick(status, "The whisper.cpp server at gpu:8082\n  is to blame.")
        async with StandIn(wire) as server:
            with pytest.raises(kind) as raised:
                await heard(server)
            assert type(raised.value) is kind
            assert str(raised.value) == "The whisper.cpp server at gpu:8082 is to blame."

    @pytest.mark.parametrize(
        ("status", "kind", "meant"),
        [
            (421, EngineNonsense, r"^127.0.0.1:\d+ is a name .* TRUSTED_HOSTS at the broker\.$"),
            (429, EngineBusy, r"^127.0.0.1:\d+ takes no more for now\. It is enough\.$"),
        ],
    )
    async def test_what_is_to_be_done_at_the_broker_is_said(
        self, status: int, kind: type[ReparteeError], meant: str
    ) -> None:
        wire = SttBrokerWire()
        wire.sick = Sick(status, "It is enough.")
        async with StandIn(wire) as server:
            with pytest.raises(kind, match=meant):
                await heard(server)

    @pytest.mark.parametrize(
        ("status", "times"), [(421, 1), (422, 1), (429, 3), (502, 1), (503, 3), (504, 1)]
    )
    async def test_only_what_may_pass_is_asked_again(self, status: int, times: int) -> None:
        wire = SttBrokerWire()
        wire.sick = Sick(status, "No.")
        async with StandIn(wire) as server:
            with pytest.raises(ReparteeError):
                await heard(server)
            assert [asked.path for asked in server.asked].count("/inference") == times

    async def test_a_bad_request_is_no_illness(self) -> None:
        wire = SttBrokerWire()
        async with StandIn(wire) as server:
            broker = SstBroker(base_url=server.url, patience=CALM)
            await broker.open()
            asked = len(server.asked)
            wire.sick = Sick(422, "This language is unknown.")
            with pytest.raises(BadInput):
                await settled(broker)
            assert broker.ready
            assert len(server.asked) == asked + 1
            await broker.close()

    @pytest.mark.parametrize(
        "body", [{"detail": "The key is 123."}, {"detail": "A.", "error": "B."}, {"detail": [1]}]
    )
    async def test_what_a_stranger_says_is_not_repeated(self, body: dict[str, Any]) -> None:
        class Stranger(SttBrokerWire):
            def answer(self, heard: Heard) -> Reply:
                return (
                    json_reply(body, 422) if heard.path == "/inference" else super().answer(heard)
                )

        async with StandIn(Stranger()) as server:
            with pytest.raises(EngineNonsense, match="refused the request with the status 422"):
                await heard(server)

    async def test_one_that_wants_a_key_names_the_setting_for_it(self) -> None:
        async with StandIn(SttBrokerWire(), Trouble(status=401)) as server:
            with pytest.raises(EngineLocked, match=r"needs a key\. Please set SST_BROKER_KEYS\."):
                await heard(server)
