"""The synthesisers that know one voice: MMS, SpeechT5 and Coqui's Glow-TTS."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from repartee.engines.build import opened
from repartee.engines.local.stopping import Abandoned, while_wanted
from repartee.engines.protocols import Speech, Synthesizer
from repartee.engines.tts.coqui import Coqui
from repartee.engines.tts.mms import Mms
from repartee.engines.tts.speecht5 import SpeechT5
from repartee.errors import EngineMissing
from repartee.testing.checks import check_synthesizer
from tests.engines.neural import tiny_speech
from tests.engines.neural.needs import needing, needs
from tests.engines.neural.saying import joined, said

pytestmark = pytest.mark.anyio

Made = Callable[[Path], Synthesizer]


def mms(folder: Path) -> Synthesizer:
    tiny_speech.mms(folder / "tiny")
    return Mms(model="tiny", models_dir=str(folder), device="cpu")


def speecht5(folder: Path) -> Synthesizer:
    tiny_speech.speecht5(folder / "tiny", folder / "hifigan", folder / "speaker.npy")
    return SpeechT5(model="tiny", vocoder="hifigan", models_dir=str(folder), device="cpu")


def coqui(folder: Path) -> Synthesizer:
    tiny_speech.glow_tts(folder / "tiny")
    return Coqui(model="tiny", vocoder="", models_dir=str(folder), device="cpu")


each_voice = pytest.mark.parametrize(
    "made",
    [
        pytest.param(mms, marks=needs("mms", "transformers", "torch"), id="mms"),
        pytest.param(
            speecht5,
            marks=needs("speecht5", "transformers", "torch", "sentencepiece"),
            id="speecht5",
        ),
        pytest.param(coqui, marks=needs("coqui", "TTS", "torchaudio"), id="coqui"),
    ],
)


@each_voice
async def test_it_keeps_the_contract(made: Made, tmp_path: Path) -> None:
    bound_s = 1.0 if made is coqui else 0.1  # it has no vocoder here
    await check_synthesizer(made(tmp_path), abandon_within_s=bound_s)


@each_voice
async def test_a_phrase_for_nobody_is_given_up_in_the_network(made: Made, tmp_path: Path) -> None:
    async with opened(made(tmp_path)) as engine:
        with pytest.raises(Abandoned):
            await asyncio.to_thread(speaking_to_nobody, engine)


def speaking_to_nobody(engine: Any) -> None:
    [voice] = engine.voices()
    with while_wanted(lambda: False):
        list(engine._solo._phrases._say("Good morning.", voice, Speech()))


@each_voice
async def test_a_longer_text_lasts_longer(made: Made, tmp_path: Path) -> None:
    async with opened(made(tmp_path)) as engine:
        short = joined(await said(engine, "good morning"))
        long = joined(await said(engine, "good morning to you and to everybody in the house"))
    assert 0 < len(short) < len(long)


@each_voice
async def test_everybody_is_the_one_voice_it_has(made: Made, tmp_path: Path) -> None:
    engine = made(tmp_path)
    (own,) = engine.voices()
    assert {engine.resolve(name, "en") for name in ("af_heart", "bm_lewis", own.name)} == {own}


@pytest.mark.parametrize(
    "engine",
    [
        pytest.param(Mms, marks=needs("mms", "transformers"), id="mms"),
        pytest.param(SpeechT5, marks=needs("speecht5", "transformers"), id="speecht5"),
        pytest.param(Coqui, marks=needs("coqui", "TTS", "torchaudio"), id="coqui"),
    ],
)
async def test_a_model_that_is_not_there_is_asked_for(
    engine: Callable[..., Synthesizer], tmp_path: Path
) -> None:
    with pytest.raises(EngineMissing, match=r"“nobody” .* is not on this machine.*TTS_MODEL"):
        await engine(model="nobody", models_dir=str(tmp_path)).open()


@needing("mms", "transformers", "torch")
class TestMms:
    async def test_a_language_in_other_letters_is_refused(self, tmp_path: Path) -> None:
        tiny_speech.mms(tmp_path / "tiny", is_uroman=True)
        with pytest.raises(EngineMissing, match="Latin letters only"):
            await Mms(model="tiny", models_dir=str(tmp_path), device="cpu").open()

    async def test_letters_that_it_does_not_know_are_silent(self, tmp_path: Path) -> None:
        async with opened(mms(tmp_path)) as engine:
            assert not any(piece.samples.any() for piece in await said(engine, "привет"))
