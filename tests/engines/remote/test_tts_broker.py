"""Speech from a TTS broker: ours, or an older one in front of Kokoro."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pytest

from repartee.audio.wav import wav_bytes
from repartee.engines.protocols import Speech
from repartee.engines.tts.tts_broker import TtsBroker
from repartee.engines.tts.whole import whole_sound
from repartee.errors import EngineNonsense, EngineUnreachable
from repartee.testing.checks import check_synthesizer
from repartee.testing.standins import Heard, Reply, StandIn, Trouble
from repartee.testing.standins.sound import RATE_HZ, hum
from repartee.testing.standins.wire import json_reply
from tests.engines.remote.impatience import CALM

pytestmark = pytest.mark.anyio

TEXT = "Hello there."


class BrokerWire:
    """`raw` is the older kind: it sends floats and lists no voices."""

    def __init__(self, *, raw: bool = False) -> None:
        self.raw = raw

    def answer(self, heard: Heard) -> Reply:
        if heard.path == "/synthesize":
            asked = heard.json()
            sound = hum(asked["text"], asked["speed"])
            data = (
                (sound / 32_768).astype("<f4").tobytes() if self.raw else wav_bytes(sound, RATE_HZ)
            )
            return json_reply(
                {"audio_base64": base64.b64encode(data).decode(), "audio_sample_rate": RATE_HZ}
            )
        if heard.path == "/voices" and not self.raw:
            details = [{"name": "en-gb+m6", "language": "en-gb", "gender": "male"}]
            return json_reply({"voices": ["en-gb+m6"], "details": details})
        return self.complaint(404, heard)

    def complaint(self, status: int, heard: Heard) -> Reply:
        return json_reply({"detail": "It went wrong.", "error": "It went wrong."}, status)


async def spoken(server: StandIn, speech: Speech | None = None) -> Any:
    tts = TtsBroker(base_url=server.url, patience=CALM)
    await tts.open()
    try:
        return await whole_sound(tts, TEXT, speech or Speech())
    finally:
        await tts.close()


@pytest.mark.parametrize("raw", [False, True])
async def test_it_keeps_the_contract(raw: bool) -> None:
    async with StandIn(BrokerWire(raw=raw)) as server:
        await check_synthesizer(TtsBroker(base_url=server.url, patience=CALM))


@pytest.mark.parametrize("raw", [False, True])
async def test_floats_and_files_are_the_same_sound(raw: bool) -> None:
    async with StandIn(BrokerWire(raw=raw)) as server:
        sound = await spoken(server)
        assert np.array_equal(sound.samples, hum(TEXT))
        assert sound.rate_hz == RATE_HZ


async def test_an_engines_own_voices_answer_to_the_names_that_all_know() -> None:
    async with StandIn(BrokerWire()) as server:
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
    async with StandIn(BrokerWire(raw=True)) as server:
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
    class Nonsense(BrokerWire):
        def answer(self, heard: Heard) -> Reply:
            return json_reply(answer)

    async with StandIn(Nonsense()) as server:
        with pytest.raises(EngineNonsense):
            await spoken(server)


async def test_a_broker_that_is_lost_is_tried_again() -> None:
    async with StandIn(BrokerWire(raw=True)) as server:
        server.troubles += [Trouble(), Trouble(reset=True)]
        assert len((await spoken(server)).samples)


async def test_a_broker_that_is_not_there_is_named() -> None:
    async with StandIn(BrokerWire()) as gone:
        pass
    with pytest.raises(EngineUnreachable, match="set TTS_BROKER_URL"):
        await spoken(gone)


async def test_one_that_is_down_keeps_nobody_from_starting(
    caplog: pytest.LogCaptureFixture,
) -> None:
    server = StandIn(BrokerWire())
    async with server:
        pass
    tts = TtsBroker(base_url=server.url, patience=CALM)
    await tts.open()
    assert "The voices of the TTS broker are not known yet." in caplog.text
    assert tts.resolve("bm_lewis", "en").name == "bm_lewis"
    with pytest.raises(EngineUnreachable):
        await whole_sound(tts, TEXT, Speech(voice="bm_lewis"))
    async with server:
        assert len((await whole_sound(tts, TEXT, Speech(voice="bm_lewis"))).samples)
        assert server.asked[-1].json()["voice"] == "en-gb+m6"
        await whole_sound(tts, TEXT, Speech())
        assert [asked.path for asked in server.asked].count("/voices") == 1
    await tts.close()
