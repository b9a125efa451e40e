"""Piper's own library on networks that hum."""

import asyncio
from pathlib import Path

import pytest

from repartee.engines.build import opened
from repartee.engines.local.stopping import Abandoned, while_wanted
from repartee.engines.protocols import Speech
from repartee.engines.tts.piper import Piper
from repartee.errors import EngineFailed, EngineMissing
from repartee.testing.checks import check_synthesizer
from tests.engines.neural import tiny_voices
from tests.engines.neural.needs import needs
from tests.engines.neural.saying import pitch_hz, said

pytestmark = [pytest.mark.anyio, *needs("piper", "piper", "onnx")]

LESSAC = "en_US-lessac-medium"


async def test_it_keeps_the_contract(tmp_path: Path) -> None:
    tiny_voices.piper(tmp_path / f"{LESSAC}.onnx")
    await check_synthesizer(Piper(models_dir=str(tmp_path)))


async def test_a_voice_may_be_named_by_its_file(tmp_path: Path) -> None:
    tiny_voices.piper(tmp_path / f"{LESSAC}.onnx")
    async with opened(Piper(model=str(tmp_path / f"{LESSAC}.onnx"))) as piper:
        assert [voice.name for voice in piper.voices()] == [LESSAC]
        pieces = await said(piper, "good morning")
        assert {piece.rate_hz for piece in pieces} == {22_050}


async def test_a_folder_of_voices_speaks_by_language(tmp_path: Path) -> None:
    tiny_voices.piper(tmp_path / "voices" / f"{LESSAC}.onnx")
    tiny_voices.piper(tmp_path / "voices" / "de_DE-thorsten-low.onnx", language="de_DE")
    async with opened(Piper(model=str(tmp_path / "voices"))) as piper:
        assert piper.resolve("af_heart", "de").name == "de_DE-thorsten-low"
        assert piper.resolve("af_heart", "en").name == LESSAC
        assert await said(piper, "guten tag", Speech("af_heart", "de"))


async def test_each_speaker_of_a_voice_is_one_to_choose(tmp_path: Path) -> None:
    tiny_voices.piper(tmp_path / "crowd.onnx", speakers=3)
    async with opened(Piper(model="crowd", models_dir=str(tmp_path))) as piper:
        names = [voice.name for voice in piper.voices()]
        assert names == ["crowd:ann", "crowd:bob", "crowd:2"]
        heard = [pitch_hz(await said(piper, "hello", Speech(name))) for name in names]
        assert heard[0] < heard[1] < heard[2]


async def test_a_network_without_its_description_is_no_voice(tmp_path: Path) -> None:
    tiny_voices.piper(tmp_path / f"{LESSAC}.onnx")
    (tmp_path / f"{LESSAC}.onnx.json").unlink()
    with pytest.raises(EngineMissing, match=rf"{LESSAC}\.onnx\.json"):
        await Piper(models_dir=str(tmp_path)).open()


async def test_a_broken_description_is_named(tmp_path: Path) -> None:
    tiny_voices.piper(tmp_path / f"{LESSAC}.onnx")
    (tmp_path / f"{LESSAC}.onnx.json").write_text("{}")
    with pytest.raises(EngineMissing, match="can't be loaded by the piper engine"):
        await Piper(models_dir=str(tmp_path)).open()


async def test_what_reads_chinese_is_asked_for_and_not_fetched_in_a_call(tmp_path: Path) -> None:
    tiny_voices.piper(tmp_path / "zh_CN-huayan-medium.onnx", language="zh_CN", reads="pinyin")
    with pytest.raises(EngineMissing, match="“g2pW”"):
        await Piper(model="zh_CN-huayan-medium", models_dir=str(tmp_path)).open()


async def test_nobody_speaks_before_it_is_open() -> None:
    with pytest.raises(EngineFailed, match="not open"):
        await said(Piper(), "hello")


async def test_a_phrase_for_nobody_is_given_up_in_the_network(tmp_path: Path) -> None:
    tiny_voices.piper(tmp_path / f"{LESSAC}.onnx")
    async with opened(Piper(models_dir=str(tmp_path))) as piper:

        def speaking() -> None:
            with while_wanted(lambda: False):
                say = piper._phrases._say
                assert say is not None
                list(say("good morning", piper.resolve(LESSAC, "en"), Speech()))

        with pytest.raises(Abandoned):
            await asyncio.to_thread(speaking)
