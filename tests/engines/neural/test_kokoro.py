"""Kokoro's own library, its phonemes and its sessions, on a network that hums."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from repartee.engines.local.stopping import Abandoned, while_wanted
from repartee.engines.protocols import Speech
from repartee.engines.tts.kokoro import Kokoro
from repartee.errors import EngineMissing, UnknownVoice
from repartee.testing.checks import check_synthesizer
from tests.engines.neural import tiny_voices
from tests.engines.neural.needs import needs
from tests.engines.neural.saying import joined, pitch_hz, said

pytestmark = [pytest.mark.anyio, *needs("kokoro", "kokoro_onnx", "onnx")]


@pytest.fixture
async def kokoro(tmp_path: Path) -> AsyncIterator[Kokoro]:
    tiny_voices.kokoro(tmp_path / "kokoro")
    engine = Kokoro(models_dir=str(tmp_path))
    await engine.open()
    yield engine
    await engine.close()


async def test_it_keeps_the_contract(tmp_path: Path) -> None:
    tiny_voices.kokoro(tmp_path / "kokoro")
    await check_synthesizer(Kokoro(models_dir=str(tmp_path)))


async def test_a_long_text_comes_phrase_by_phrase(kokoro: Kokoro) -> None:
    text = "First comes a sentence of some length. Then comes another one, no shorter than it."
    pieces = [piece for piece in await said(kokoro, text) if piece.samples.any()]
    assert len(pieces) == 2
    assert {piece.rate_hz for piece in pieces} == {24_000}


async def test_voices_are_those_of_the_file(kokoro: Kokoro) -> None:
    voices = {voice.name: voice for voice in kokoro.voices()}
    assert voices["af_heart"].language == "en-us"
    assert voices["ff_siwis"].language == "fr"
    assert "af_sky" not in voices
    assert kokoro.resolve("af_sky", "en").name in ("af_heart", "af_bella")
    with pytest.raises(UnknownVoice):
        kokoro.resolve("af_nobody", "en")


async def test_a_mixed_voice_lies_between_its_parts(kokoro: Kokoro) -> None:
    high, low, mixed = [
        pitch_hz(await said(kokoro, "Good morning.", Speech(voice)))
        for voice in ("af_heart", "bm_lewis", "af_heart+bm_lewis(2)")
    ]
    assert mixed == pytest.approx((high + 2 * low) / 3, rel=0.05)


async def test_another_language_is_read_in_its_own_way(kokoro: Kokoro) -> None:
    english = await said(kokoro, "maintenant", Speech("ff_siwis", "en"))
    french = await said(kokoro, "maintenant", Speech("ff_siwis", "fr"))
    assert len(joined(english)) != len(joined(french))


async def test_signs_without_a_sound_are_silent(kokoro: Kokoro) -> None:
    assert await said(kokoro, "… — *** 🙂") == []


@pytest.mark.parametrize("missing", ["kokoro-v1.0.onnx", "voices-v1.0.bin"])
async def test_a_part_that_is_missing_is_asked_for(missing: str, tmp_path: Path) -> None:
    tiny_voices.kokoro(tmp_path / "kokoro")
    (tmp_path / "kokoro" / missing).unlink()
    with pytest.raises(EngineMissing, match=r"put kokoro-v1\.0\.onnx and voices-v1\.0\.bin"):
        await Kokoro(models_dir=str(tmp_path)).open()


async def test_a_broken_network_is_named(tmp_path: Path) -> None:
    tiny_voices.kokoro(tmp_path / "kokoro")
    (tmp_path / "kokoro" / "kokoro-v1.0.onnx").write_text("no network")
    with pytest.raises(EngineMissing, match="“kokoro” can't be loaded by the kokoro engine"):
        await Kokoro(models_dir=str(tmp_path)).open()


async def test_a_phrase_for_nobody_is_given_up_in_the_network(kokoro: Kokoro) -> None:
    def speaking() -> None:
        with while_wanted(lambda: False):
            say = kokoro._phrases._say
            assert say is not None
            list(say("Good morning.", kokoro.resolve("af_heart", "en"), Speech()))

    with pytest.raises(Abandoned):
        await asyncio.to_thread(speaking)
