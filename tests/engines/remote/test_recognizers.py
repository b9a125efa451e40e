"""The recognisers that send a turn to a server elsewhere: what they share, what is their own."""

import asyncio
import math
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import pytest

from repartee.engines.protocols import Caller, Recognizer, Samples, Transcript
from repartee.engines.remote.patience import Patience
from repartee.engines.stt.huggingface import HuggingFaceRecognizer
from repartee.engines.stt.openai import OpenAIRecognizer
from repartee.engines.stt.upload import MOST_SAMPLES
from repartee.engines.stt.whisper_answer import UNMEASURED
from repartee.engines.stt.whispercpp import WhisperCpp
from repartee.errors import (
    EngineBusy,
    EngineFailed,
    EngineLocked,
    EngineNonsense,
)
from repartee.testing.checks import check_recognizer, check_troubles
from repartee.testing.standins import Heard, Reply, StandIn, Trouble, Wire
from repartee.testing.standins.huggingface import HuggingFaceWire
from repartee.testing.standins.openai import OpenAIWire
from repartee.testing.standins.whispercpp import WhisperCppWire
from tests.engines.remote.impatience import CALM

pytestmark = pytest.mark.anyio

KEY = "k-test"
SECOND: Samples = np.ones(16_000, np.int16)

Made = Callable[[StandIn, Patience, str], Recognizer]
WIRES: dict[str, tuple[Callable[[], Wire], Made]] = {
    "openai": (
        lambda: OpenAIWire(key=KEY),
        lambda server, patience, key: OpenAIRecognizer(
            base_url=f"{server.url}/v1", api_key=key, patience=patience
        ),
    ),
    "whispercpp": (
        WhisperCppWire,
        lambda server, patience, key: WhisperCpp(base_url=server.url, patience=patience),
    ),
    "huggingface": (
        lambda: HuggingFaceWire(key=KEY),
        lambda server, patience, key: HuggingFaceRecognizer(
            base_url=f"{server.url}/hf-inference", api_key=key, patience=patience
        ),
    ),
}
KEY_SETTINGS = {"openai": "OPENAI_API_KEY", "huggingface": "HF_TOKEN"}


async def heard(
    recognizer: Recognizer, samples: Samples = SECOND, language: str = "en"
) -> Transcript:
    await recognizer.open()
    try:
        return await settled(recognizer, samples, language)
    finally:
        await recognizer.close()


async def settled(
    recognizer: Recognizer, samples: Samples = SECOND, language: str = "en"
) -> Transcript:
    async with recognizer.listen(Caller("ann"), language) as hearing:
        hearing.feed(samples)
        return await hearing.settle()


def turns(server: StandIn) -> list[Heard]:
    """What was sent to be recognised."""
    return [heard for heard in server.asked if heard.method == "POST"]


async def until(what: Callable[[], bool]) -> None:
    async with asyncio.timeout(2):
        while not what():
            await asyncio.sleep(0)


@pytest.mark.parametrize("name", WIRES)
class TestEveryOne:
    async def test_it_keeps_the_contract(self, name: str) -> None:
        wire, made = WIRES[name]
        async with StandIn(wire()) as server:
            recognizer = made(server, CALM, KEY)
            assert recognizer.name == name
            await check_recognizer(recognizer)

    async def test_a_turn_that_goes_on_is_sent_as_a_whole(self, name: str) -> None:
        wire, made = WIRES[name]
        async with StandIn(wire()) as server:
            recognizer = made(server, CALM, KEY)
            await recognizer.open()
            async with recognizer.listen(Caller("ann"), "en") as hearing:
                hearing.feed(SECOND)
                assert (await hearing.settle()).text == "This took 1.00 seconds."
                assert (await hearing.settle()).text == "This took 1.00 seconds."
                hearing.feed(SECOND)
                assert (await hearing.settle()).text == "This took 2.00 seconds."
            await recognizer.close()
            assert len(turns(server)) == 2, "What is settled is not sent again."

    async def test_a_breath_is_not_sent(self, name: str) -> None:
        wire, made = WIRES[name]
        async with StandIn(wire()) as server:
            assert await heard(made(server, CALM, KEY), SECOND[:1000]) == Transcript("", 0.0)
            assert turns(server) == []

    async def test_a_settle_that_is_cancelled_frees_the_server(self, name: str) -> None:
        wire, made = WIRES[name]
        async with StandIn(wire()) as server:
            recognizer = made(server, CALM, KEY)
            await recognizer.open()
            server.usual = Trouble(hang_after=-1)
            async with recognizer.listen(Caller("ann"), "en") as hearing:
                hearing.feed(SECOND)
                settling = asyncio.ensure_future(hearing.settle())
                await until(lambda: bool(turns(server)))
                settling.cancel()
                await server.until_left()
                server.usual = Trouble()
                hearing.feed(SECOND)
                assert (await hearing.settle()).text == "This took 2.00 seconds."
            await recognizer.close()

    async def test_it_keeps_its_head_in_every_trouble(self, name: str) -> None:
        wire, made = WIRES[name]
        await check_troubles(wire, made, key=KEY, key_setting=KEY_SETTINGS.get(name, ""))

    async def test_a_turn_without_end_is_refused(self, name: str) -> None:
        wire, made = WIRES[name]
        async with StandIn(wire()) as server:
            with pytest.raises(EngineFailed, match="too long"):
                await heard(made(server, CALM, KEY), np.zeros(MOST_SAMPLES + 1, np.int16))
            assert turns(server) == []


class TestOpenAI:
    async def form(self, language: str = "en", **settings: Any) -> tuple[dict[str, bytes], float]:
        async with StandIn(OpenAIWire(key=KEY)) as server:
            recognizer = OpenAIRecognizer(base_url=f"{server.url}/v1", api_key=KEY, **settings)
            transcript = await heard(recognizer, language=language)
            form = server.asked[0].form()
            assert form.pop("file").startswith(b"RIFF")
            return form, transcript.confidence

    async def test_it_asks_how_sure_the_model_is(self) -> None:
        form, confidence = await self.form("en-GB")
        assert form == {
            "model": b"whisper-1",
            "temperature": b"0",
            "response_format": b"verbose_json",
            "language": b"en",
        }
        assert confidence == pytest.approx(math.exp(-0.2) * 0.98)

    async def test_newer_models_are_asked_in_another_way(self) -> None:
        form, confidence = await self.form(model="gpt-4o-mini-transcribe")
        assert form["response_format"] == b"json"
        assert form["include[]"] == b"logprobs"
        assert confidence == pytest.approx(math.exp(-0.1))

    async def test_a_server_that_can_only_do_plain_json_may_be_asked_for_it(self) -> None:
        form, confidence = await self.form(response_format="json")
        assert form["response_format"] == b"json"
        assert confidence == UNMEASURED

    async def test_an_unknown_language_is_left_to_the_model(self) -> None:
        form, _ = await self.form("tlh")
        assert "language" not in form


class TestWhisperCpp:
    async def test_it_asks_for_what_it_needs_and_no_more(self) -> None:
        async with StandIn(WhisperCppWire()) as server:
            await heard(WhisperCpp(base_url=f"{server.url}/inference/"), language="de")
            [turn] = turns(server)
            form = turn.form()
            assert form.pop("file").startswith(b"RIFF")
            assert form == {
                "response_format": b"verbose_json",
                "language": b"de",
                "temperature": b"0.0",
                "no_language_probabilities": b"true",
            }

    async def test_lines_are_joined_and_silence_is_nothing(self) -> None:
        wire = WhisperCppWire("Hello there. How are you.")
        async with StandIn(wire) as server:
            assert (await heard(WhisperCpp(base_url=server.url))).text == wire.text
            wire.text = "[BLANK_AUDIO]"
            assert await heard(WhisperCpp(base_url=server.url)) == Transcript("", 0.0)

    @pytest.mark.parametrize("loading", ["hidden", "told"])
    async def test_one_that_loads_its_model_is_not_ready_yet(
        self, loading: Literal["hidden", "told"]
    ) -> None:
        wire = WhisperCppWire()
        wire.loading = loading
        async with StandIn(wire) as server:
            recognizer = WhisperCpp(base_url=server.url, patience=CALM)
            await recognizer.open()
            assert not recognizer.ready
            with pytest.raises(EngineBusy, match=r"127\.0\.0\.1:\d+ is .*still loading"):
                await settled(recognizer)
            wire.loading = ""
            assert (await settled(recognizer)).text
            await until(lambda: recognizer.ready)
            wire.loading = loading  # another one, by /load
            with pytest.raises(EngineBusy):
                await settled(recognizer)
            await until(lambda: not recognizer.ready)
            await recognizer.close()

    async def test_an_older_one_knows_no_health_but_declines_an_empty_form(self) -> None:
        wire = WhisperCppWire()
        wire.is_older = True
        async with StandIn(wire) as server:
            recognizer = WhisperCpp(base_url=server.url, patience=CALM)
            await recognizer.open()
            assert recognizer.ready
            assert server.asked[-1].form() == {"response_format": b"json"}
            await recognizer.close()

    async def test_one_that_has_nothing_at_this_address_is_no_whisper_server(self) -> None:
        class Another(WhisperCppWire):
            def answer(self, heard: Heard) -> Reply:
                return Reply("text/html", [b"<h1>404</h1>"], 404)

        async with StandIn(Another()) as server:
            recognizer = WhisperCpp(base_url=server.url, patience=CALM)
            await recognizer.open()
            assert not recognizer.ready
            with pytest.raises(EngineNonsense, match="Check REMOTE_SST_URL"):
                await settled(recognizer)
            await recognizer.close()

    async def test_trouble_names_the_setting_that_gave_the_address(self) -> None:
        async with StandIn(WhisperCppWire(), Trouble(status=404)) as server:
            with pytest.raises(EngineBusy, match="check REMOTE_SST_URL"):
                await heard(WhisperCpp(base_url=server.url, patience=CALM))
            server.usual = Trouble(status=401)
            with pytest.raises(EngineLocked, match=r"does not let us in\..*REMOTE_SST_URL"):
                await heard(WhisperCpp(base_url=server.url, patience=CALM))


async def test_hugging_face_gets_the_recording_as_it_is() -> None:
    async with StandIn(HuggingFaceWire(key=KEY)) as server:
        url = f"{server.url}/hf-inference"
        transcript = await heard(HuggingFaceRecognizer(base_url=url, api_key=KEY))
        assert transcript == Transcript("This took 1.00 seconds.", UNMEASURED)
        asked = server.asked[0]
        assert asked.path == "/hf-inference/models/openai/whisper-large-v3"
        assert asked.headers["content-type"] == "audio/wav"
        assert asked.body.startswith(b"RIFF")
