"""The synthesisers that ask a server elsewhere: what they share, what is their own."""

import asyncio
import json
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

import numpy as np
import pytest

from repartee.audio.pcm import pcm_bytes
from repartee.audio.wav import wav_bytes
from repartee.engines.protocols import Sound, Speech, Synthesizer
from repartee.engines.remote.patience import Patience
from repartee.engines.tts.gtts import GoogleTranslate
from repartee.engines.tts.huggingface import HuggingFaceSynthesizer
from repartee.engines.tts.kokoro_server import KokoroServer
from repartee.engines.tts.openai import OpenAISynthesizer
from repartee.engines.tts.whole import whole_sound
from repartee.errors import (
    EngineNonsense,
    UnknownVoice,
)
from repartee.testing.checks import check_synthesizer, check_troubles
from repartee.testing.standins import Heard, Reply, StandIn, Trouble, Wire
from repartee.testing.standins.gtts import GoogleTranslateWire, mp3
from repartee.testing.standins.huggingface import HuggingFaceWire
from repartee.testing.standins.kokoro import MORE_VOICES, VOICES, KokoroWire
from repartee.testing.standins.openai import OpenAIWire
from repartee.testing.standins.sound import SAMPLES_PER_LETTER, hum
from tests.engines.remote.impatience import CALM, WATCHFUL

pytestmark = pytest.mark.anyio

KEY = "k-test"
TEXT = "Hello there. How are you?"

Made = Callable[[StandIn, Patience, str], Synthesizer]
WIRES: dict[str, tuple[Callable[[], Wire], Made]] = {
    "openai": (
        lambda: OpenAIWire(key=KEY),
        lambda server, patience, key: OpenAISynthesizer(
            base_url=f"{server.url}/v1", api_key=key, patience=patience
        ),
    ),
    "kokoro-server": (
        KokoroWire,
        lambda server, patience, key: KokoroServer(base_url=server.url, patience=patience),
    ),
    "huggingface": (
        lambda: HuggingFaceWire(key=KEY),
        lambda server, patience, key: HuggingFaceSynthesizer(
            base_url=server.url, api_key=key, patience=patience
        ),
    ),
    "gtts": (
        GoogleTranslateWire,
        lambda server, patience, key: GoogleTranslate(base_url=server.url, patience=patience),
    ),
}
KEY_SETTINGS = {"openai": "OPENAI_API_KEY", "huggingface": "HF_TOKEN"}
STREAMED = ("openai", "kokoro-server")


async def said(engine: Synthesizer, text: str = TEXT, speech: Speech | None = None) -> list[Sound]:
    await engine.open()
    try:
        async with aclosing(engine.synthesize(text, speech or Speech())) as pieces:
            return [piece async for piece in pieces]
    finally:
        await engine.close()


async def until(what: Callable[[], bool]) -> None:
    async with asyncio.timeout(2):
        while not what():
            await asyncio.sleep(0)


def seconds(pieces: list[Sound]) -> float:
    return sum(len(piece.samples) / piece.rate_hz for piece in pieces)


def samples(pieces: list[Sound]) -> bytes:
    return pcm_bytes(np.concatenate([piece.samples for piece in pieces]))


@pytest.mark.parametrize("name", WIRES)
class TestEveryOne:
    async def test_it_keeps_the_contract(self, name: str) -> None:
        wire, made = WIRES[name]
        async with StandIn(wire()) as server:
            engine = made(server, CALM, KEY)
            assert engine.name == name
            await check_synthesizer(engine)

    @pytest.mark.parametrize("text", ["", "  \n"])
    async def test_nothing_to_say_is_no_request(self, name: str, text: str) -> None:
        wire, made = WIRES[name]
        async with StandIn(wire()) as server:
            assert await said(made(server, CALM, KEY), text) == []
            assert [heard for heard in server.asked if heard.method == "POST"] == []

    @pytest.mark.parametrize("cut_bytes", [1_001, 1 << 20])
    async def test_it_sounds_the_same_wherever_the_bytes_are_cut(
        self, name: str, cut_bytes: int
    ) -> None:
        wire, made = WIRES[name]
        async with StandIn(wire()) as server:
            whole = samples(await said(made(server, CALM, KEY)))
            server.usual = Trouble(cut_bytes=cut_bytes)
            assert samples(await said(made(server, CALM, KEY))) == whole

    async def test_it_keeps_its_head_in_every_trouble(self, name: str) -> None:
        wire, made = WIRES[name]
        await check_troubles(wire, made, key=KEY, key_setting=KEY_SETTINGS.get(name, ""))

    async def test_a_name_that_is_nobodys_is_refused(self, name: str) -> None:
        wire, made = WIRES[name]
        async with StandIn(wire()) as server:
            with pytest.raises(UnknownVoice):
                await said(made(server, CALM, KEY), TEXT, Speech("nobody"))


@pytest.mark.parametrize("name", STREAMED)
class TestStreamed:
    async def test_the_first_sound_does_not_wait_for_the_rest(self, name: str) -> None:
        wire, made = WIRES[name]
        async with StandIn(wire()) as server:
            engine = made(server, CALM, KEY)
            await engine.open()
            server.usual = Trouble(hang_after=1)
            stream = engine.synthesize(TEXT, Speech())
            assert len((await anext(stream)).samples)
            await stream.aclose()
            await server.until_left()
            await engine.close()

    async def test_sound_that_breaks_off_is_an_error(self, name: str) -> None:
        wire, made = WIRES[name]
        async with StandIn(wire()) as server:
            engine = made(server, CALM, KEY)
            await engine.open()
            server.usual = Trouble(lose_after=1)
            stream = engine.synthesize(TEXT, Speech())
            await anext(stream)
            with pytest.raises(EngineNonsense, match="broke off in the middle of its answer"):
                await anext(stream)
            await engine.close()

    async def test_one_connection_serves_many_texts(self, name: str) -> None:
        wire, made = WIRES[name]
        async with StandIn(wire()) as server:
            engine = made(server, CALM, KEY)
            await engine.open()
            for _ in range(3):
                async with aclosing(engine.synthesize("Yes.", Speech())) as pieces:
                    assert [piece async for piece in pieces]
            await engine.close()
            assert {heard.connection for heard in server.heard} == {1}


class Playing:
    """A server that answers with exactly this, whatever is asked."""

    def __init__(self, content_type: str, *pieces: bytes) -> None:
        self.reply = Reply(content_type, pieces)

    def answer(self, heard: Heard) -> Reply:
        return self.reply

    def complaint(self, status: int, heard: Heard) -> Reply:
        raise AssertionError("nobody complains here")


class TestOpenAI:
    async def said(self, wire: Wire, **settings: Any) -> tuple[list[Sound], list[Heard]]:
        async with StandIn(wire) as server:
            engine = OpenAISynthesizer(base_url=f"{server.url}/v1", **settings)
            return await said(engine, "Yes.", Speech(speed=1.5)), server.asked

    async def test_what_is_asked(self) -> None:
        _, [asked] = await self.said(OpenAIWire(key=KEY), api_key=KEY, model="m")
        assert asked.json() == {
            "model": "m",
            "input": "Yes.",
            "voice": "coral",
            "speed": 1.5,
            "response_format": "pcm",
        }

    async def test_another_servers_voices(self) -> None:
        _, [asked] = await self.said(OpenAIWire(), voices=["am_adam", "af_heart"])
        assert asked.json()["voice"] == "af_heart"

    async def test_a_long_text_is_asked_for_in_portions(self) -> None:
        async with StandIn(OpenAIWire()) as server:
            engine = OpenAISynthesizer(base_url=f"{server.url}/v1")
            pieces = await said(engine, "Yes. " * 1_000, Speech(speed=4))
            assert [len(heard.json()["input"]) for heard in server.asked] == [3_999, 999]
        assert sum(len(p.samples) for p in pieces) == 2 * 2_499 * SAMPLES_PER_LETTER // 4

    async def test_a_wav_file_where_raw_sound_was_asked_for(self) -> None:
        file = wav_bytes(hum("Yes."), 22_050)
        pieces, _ = await self.said(Playing("audio/wav", file[:2], file[2:50], file[50:]))
        assert {piece.rate_hz for piece in pieces} == {22_050}
        assert samples(pieces) == pcm_bytes(hum("Yes."))

    async def test_a_rate_that_the_answer_names(self) -> None:
        raw = pcm_bytes(hum("Yes."))
        pieces, _ = await self.said(Playing("audio/pcm;rate=16000;channels=1", raw))
        assert {piece.rate_hz for piece in pieces} == {16_000}

    @pytest.mark.parametrize(
        ("content_type", "body"),
        [
            ("audio/mpeg", b"\xff\xfb\x90\x00" * 100),
            ("application/json", b'{"ok": true}'),
            ("audio/wav", b"RIFF\x10\0\0\0WAVEdata\x04\0\0\0abcd"),
            ("audio/pcm", b""),
            ("audio/pcm; rate=0000", b"abcd"),
            ("audio/pcm", b"x"),
        ],
    )
    async def test_what_is_no_such_sound_is_called_nonsense(
        self, content_type: str, body: bytes
    ) -> None:
        with pytest.raises(EngineNonsense):
            await self.said(Playing(content_type, body))


class TestKokoroServer:
    async def test_words_come_with_their_times(self) -> None:
        text = "It's $5 today. How are you?"
        async with StandIn(KokoroWire()) as server:
            pieces = await said(KokoroServer(base_url=server.url), text)
        words = [word for piece in pieces for word in piece.words]
        assert [text[word.offset : word.offset + word.length] for word in words] == [
            "It's", "today", "How", "are", "you",
        ]  # fmt: skip
        assert [len(piece.words) for piece in pieces] == [2, 3]
        assert words[2].start_ms == round(len(pieces[0].samples) / 24)

    async def test_a_server_without_captions_is_asked_once(self) -> None:
        async with StandIn(KokoroWire(captions=False)) as server:
            engine = KokoroServer(base_url=f"{server.url}/v1/")
            await engine.open()
            for _ in range(2):
                async with aclosing(engine.synthesize(TEXT, Speech())) as pieces:
                    assert seconds([piece async for piece in pieces]) > 1
            await engine.close()
            assert [heard.path for heard in server.asked] == [
                "/v1/audio/voices",
                "/dev/captioned_speech",
                "/v1/audio/speech",
                "/v1/audio/speech",
            ]

    @pytest.mark.parametrize("names", ["new", "old"])
    async def test_its_voices_are_the_servers(self, names: Any) -> None:
        async with StandIn(KokoroWire(names=names)) as server:
            engine = KokoroServer(base_url=server.url)
            await engine.open()
            assert [voice.name for voice in engine.voices()] == [*VOICES, *MORE_VOICES]
            dora = engine.resolve("ef_dora", "es")
            assert (dora.language, dora.gender) == ("es", "female")
            assert engine.resolve("af", "en").name == "af_heart"
            assert engine.resolve("bm_lewis", "en").name == "bm_george"
            assert engine.resolve("af_bella(2)+af_sky(0.5)", "en").name == "af_bella(2)+af_sky(0.5)"
            with pytest.raises(UnknownVoice):
                engine.resolve("af_bella+af_nobody", "en")
            await engine.close()

    async def test_what_is_known_of_it_is_found_out_anew_when_it_is_back(self) -> None:
        wire = KokoroWire(captions=False)
        async with StandIn(wire) as server:
            engine = KokoroServer(base_url=server.url, patience=WATCHFUL)
            await engine.open()
            await whole_sound(engine, TEXT, Speech())
        await until(lambda: not engine.ready)
        wire.captions = True
        async with server:
            await until(lambda: engine.ready)
            assert (await whole_sound(engine, TEXT, Speech())).words
            await engine.close()

    async def test_voices_that_are_not_known_yet_are_believed_in(self) -> None:
        async with StandIn(KokoroWire()) as server:
            pass
        engine = KokoroServer(base_url=server.url, patience=CALM)
        await engine.open()
        assert engine.resolve("ef_dora", "es").language == "es"
        async with server:
            assert (await whole_sound(engine, "Hola.", Speech("ef_dora", "es"))).samples.any()
            with pytest.raises(UnknownVoice):
                engine.resolve("ef_nobody", "es")
            await engine.close()

    @pytest.mark.parametrize("trouble", [Trouble(status=500), Trouble(nonsense=True)])
    async def test_without_a_list_the_well_known_voices_speak(self, trouble: Trouble) -> None:
        async with StandIn(KokoroWire()) as server:
            server.troubles += [trouble] * (3 if trouble.status else 1)
            engine = KokoroServer(base_url=server.url, patience=CALM)
            await engine.open()
            assert engine.resolve("bm_lewis", "en").name == "bm_lewis"
            await engine.close()

    @pytest.mark.parametrize(
        ("voice", "language", "letter"),
        [
            ("af_heart", "en", "a"),
            ("bf_emma", "en-US", "b"),
            ("af_heart", "fr", "f"),
            ("ef_dora", "es-MX", "e"),
            ("ef_dora", "en", "a"),
            ("af_heart", "pt-BR", "p"),
            ("af_heart", "de", "a"),
        ],
    )
    async def test_the_text_says_which_language_is_spoken(
        self, voice: str, language: str, letter: str
    ) -> None:
        async with StandIn(KokoroWire()) as server:
            await said(KokoroServer(base_url=server.url), "Yes.", Speech(voice, language))
            asked = server.asked[-1].json()
            assert (asked["voice"], asked["lang_code"]) == (voice, letter)

    @pytest.mark.parametrize(
        "line",
        [
            b"{}\n",
            b'{"audio": "*"}\n',
            b'{"audio": 1}\n',
            b'{"audio": "", "timestamps": [{}]}\n',
            b'{"audio": ""}',
            b"",
        ],
    )
    async def test_nonsense_is_called_so(self, line: bytes) -> None:
        async with StandIn(Playing("application/json", line)) as server:
            with pytest.raises(EngineNonsense):
                await said(KokoroServer(base_url=server.url))


class TestWholeFiles:
    async def test_hugging_face_sends_whatever_format_it_likes(self) -> None:
        wire = HuggingFaceWire()
        async with StandIn(wire) as server:
            engine = HuggingFaceSynthesizer(base_url=server.url, api_key=KEY)
            wire.sound = mp3(hum("Yes."))
            assert seconds(await said(engine, "Yes.")) == pytest.approx(0.2, abs=0.1)
            asked = server.asked[0]
            assert asked.path == "/models/facebook/mms-tts-eng"
            assert asked.json() == {"inputs": "Yes."}
            wire.sound = json.dumps({"audio": "none"}).encode()
            with pytest.raises(EngineNonsense):
                await said(engine, "Yes.")

    async def test_google_takes_a_hundred_characters_at_a_time(self) -> None:
        text = "This sentence has some forty characters. " * 5
        async with StandIn(GoogleTranslateWire()) as server:
            engine = GoogleTranslate(base_url=server.url)
            pieces = await said(engine, text)
            assert len(server.asked) == len(pieces) == 3
            assert seconds(pieces) == pytest.approx(len(text) * 0.05, rel=0.1)

    @pytest.mark.parametrize(
        ("voice", "language", "code"),
        [
            ("af_heart", "en-GB", "en"),
            ("bm_lewis", "pt-BR", "pt"),
            ("af", "zh", "zh-cn"),
            ("af", "zh_TW", "zh-tw"),
            ("de", "en", "de"),
            ("af_heart", "tlh", "en"),
        ],
    )
    async def test_google_has_one_voice_for_a_language(
        self, voice: str, language: str, code: str
    ) -> None:
        assert GoogleTranslate().resolve(voice, language).name == code

    @pytest.mark.parametrize(
        "body",
        [
            b")]}'\n\n[]",
            b'[["wrb.fr","jQ1olc",null]]',
            b'["jQ1olc"]',
            b'[["x","jQ1olc","[\\"*\\"]"]]',
        ],
    )
    async def test_what_google_does_not_say_is_called_nonsense(self, body: bytes) -> None:
        async with StandIn(Playing("application/json", body)) as server:
            with pytest.raises(EngineNonsense):
                await said(GoogleTranslate(base_url=server.url))
