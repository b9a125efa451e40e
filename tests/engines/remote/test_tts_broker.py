"""Speech from a TTS broker: ours, or an older one in front of Kokoro."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from repartee.engines.protocols import Speech
from repartee.engines.tts.tts_broker import TtsBroker
from repartee.engines.tts.whole import whole_sound
from repartee.errors import (
    BadInput,
    EngineBusy,
    EngineNonsense,
    EngineTimeout,
    EngineUnreachable,
    ReparteeError,
    UnknownVoice,
)
from repartee.testing.checks import check_synthesizer
from repartee.testing.standins import Heard, Reply, StandIn
from repartee.testing.standins.sound import RATE_HZ, hum
from repartee.testing.standins.wire import json_reply
from tests.engines.remote.brokers import Sick, TtsBrokerWire
from tests.engines.remote.impatience import CALM, WATCHFUL

pytestmark = pytest.mark.anyio

TEXT = "Hello there."


async def spoken(server: StandIn, speech: Speech | None = None) -> Any:
    tts = TtsBroker(base_url=server.url, patience=CALM)
    await tts.open()
    try:
        return await whole_sound(tts, TEXT, speech or Speech())
    finally:
        await tts.close()


@pytest.mark.parametrize("raw", [False, True])
async def test_it_keeps_the_contract(raw: bool) -> None:
    async with StandIn(TtsBrokerWire(raw=raw)) as server:
        await check_synthesizer(TtsBroker(base_url=server.url, patience=CALM))


@pytest.mark.parametrize("raw", [False, True])
async def test_floats_and_files_are_the_same_sound(raw: bool) -> None:
    async with StandIn(TtsBrokerWire(raw=raw)) as server:
        sound = await spoken(server)
        assert np.array_equal(sound.samples, hum(TEXT))
        assert sound.rate_hz == RATE_HZ


async def test_an_engines_own_voices_answer_to_the_names_that_all_know() -> None:
    async with StandIn(TtsBrokerWire()) as server:
        await spoken(server, Speech(voice="bm_lewis"))
        asked = server.asked[-1].json()
        assert (asked["voice"], asked["lang_code"]) == ("en-gb+m6", "b")


@pytest.mark.parametrize(
    ("voice", "language", "code"),
    [("af_heart", "en", "a"), ("bf_emma", "en", "b"), ("af_heart", "pt", "p"), ("am", "de", "de")],
)
async def test_languages_are_written_as_brokers_know_them(
    voice: str, language: str, code: str
) -> None:
    async with StandIn(TtsBrokerWire(raw=True)) as server:
        await spoken(server, Speech(voice=voice, language=language))
        assert server.asked[-1].json()["lang_code"] == code


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"audio_base64": "???"},
        {"audio_base64": ""},
        {"audio_base64": "AAAAAA==", "audio_sample_rate": 0},
        {"audio_base64": "AAAA"},
        {"audio_base64": base64.b64encode(b"RIFF, or so it says").decode()},
    ],
)
async def test_nonsense_is_told(answer: dict[str, Any]) -> None:
    class Nonsense(TtsBrokerWire):
        def answer(self, heard: Heard) -> Reply:
            return json_reply(answer)

    async with StandIn(Nonsense()) as server:
        with pytest.raises(EngineNonsense):
            await spoken(server)


async def until(what: Callable[[], bool]) -> None:
    async with asyncio.timeout(2):
        while not what():
            await asyncio.sleep(0)


class TestVoices:
    async def test_they_are_learned_when_a_broker_that_was_down_is_there(self) -> None:
        async with StandIn(TtsBrokerWire()) as server:
            pass
        tts = TtsBroker(base_url=server.url, patience=CALM)
        await tts.open()
        assert tts.resolve("bm_lewis", "en").name == "bm_lewis"
        assert tts.resolve("en-gb+m6", "en").name == "en-gb+m6", "It may well have this one."
        with pytest.raises(EngineUnreachable):
            await whole_sound(tts, TEXT, Speech(voice="en-gb+m6"))
        async with server:
            assert len((await whole_sound(tts, TEXT, Speech(voice="bm_lewis"))).samples)
            assert server.asked[-1].json()["voice"] == "en-gb+m6"
            assert tts.resolve("bm_lewis", "en").name == "en-gb+m6"
            with pytest.raises(UnknownVoice):
                tts.resolve("nobody", "en")
            await tts.close()

    async def test_a_name_that_turns_out_to_be_nobodys_is_refused(self) -> None:
        async with StandIn(TtsBrokerWire()) as server:
            pass
        tts = TtsBroker(base_url=server.url, patience=CALM)
        await tts.open()
        async with server:
            with pytest.raises(UnknownVoice):
                await whole_sound(tts, TEXT, Speech(voice="nobody"))
            await tts.close()

    async def test_they_are_learned_again_when_it_is_back_with_others(self) -> None:
        wire = TtsBrokerWire()
        async with StandIn(wire) as server:
            tts = TtsBroker(base_url=server.url, patience=WATCHFUL)
            await tts.open()
        await until(lambda: not tts.ready)
        assert [voice.name for voice in tts.voices()] == ["en-gb+m6"]
        wire.voices = [{"name": "de+f2", "language": "de", "gender": "female"}]
        async with server:
            await until(lambda: tts.ready)
            assert [voice.name for voice in tts.voices()] == ["de+f2"]
            await tts.close()

    async def test_who_really_spoke_is_known_afterwards(self) -> None:
        """An older broker lists nobody, and speaks as whom it has."""
        async with StandIn(TtsBrokerWire(raw=True, voice_used="am_puck")) as server:
            tts = TtsBroker(base_url=server.url, patience=CALM)
            await tts.open()
            await whole_sound(tts, TEXT, Speech(voice="bm_lewis"))
            assert tts.resolve("bm_lewis", "en").name == "am_puck"
            assert tts.resolve("bm_george", "en").name == "bm_george", "Nobody has told yet."
            await whole_sound(tts, TEXT, Speech(voice="bm_lewis"))
            assert server.asked[-1].json()["voice"] == "bm_lewis", "It is asked as before."
            await tts.close()

    async def test_and_stays_known_when_it_is_looked_at_again(self) -> None:
        wire = TtsBrokerWire(voice_used="en-gb+m2")
        async with StandIn(wire) as server:
            pass
        tts = TtsBroker(base_url=server.url, patience=CALM)
        await tts.open()
        async with server:
            await whole_sound(tts, TEXT, Speech(voice="bm_lewis"))
            await until(lambda: tts.ready)
            assert tts.resolve("bm_lewis", "en").name == "en-gb+m2"
            await tts.close()


class TestWhatItsErrorsMean:
    @pytest.mark.parametrize(
        ("status", "kind"),
        [(422, BadInput), (502, EngineNonsense), (503, EngineBusy), (504, EngineTimeout)],
    )
    async def test_they_are_passed_on_as_they_are_meant(
        self, status: int, kind: type[ReparteeError]
    ) -> None:
        wire = TtsBrokerWire()
        wire.sick = Sick(status, "The Kokoro server at gpu:8081 is to blame.")
        async with StandIn(wire) as server:
            with pytest.raises(kind, match=r"^The Kokoro server at gpu:8081 is to blame\.$"):
                await spoken(server)

    async def test_a_broker_that_is_not_there_is_named(self) -> None:
        async with StandIn(TtsBrokerWire()) as gone:
            pass
        with pytest.raises(EngineUnreachable, match="set TTS_BROKER_URL"):
            await spoken(gone)
