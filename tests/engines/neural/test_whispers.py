"""Whisper in its three libraries: each loads a tiny model from its own kind of files and hears."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from repartee.engines.local.stopping import Abandoned, while_wanted
from repartee.engines.protocols import LISTENING_RATE_HZ, Caller, Recognizer, Transcript
from repartee.engines.stt.faster_whisper import FasterWhisper
from repartee.engines.stt.mlx_whisper import MlxWhisper
from repartee.engines.stt.whisper import Whisper
from repartee.errors import EngineMissing
from repartee.testing.checks import check_recognizer
from repartee.testing.checks.looking import babble
from tests.engines.neural import tiny_whisper
from tests.engines.neural.needs import needs

pytestmark = pytest.mark.anyio

SAID = "good morning"
Made = Callable[[Path], Recognizer]


def faster_whisper(folder: Path) -> Recognizer:
    tiny_whisper.for_ctranslate2(folder / "tiny", SAID)
    return FasterWhisper(model="tiny", models_dir=str(folder), device="cpu")


def whisper(folder: Path) -> Recognizer:
    tiny_whisper.for_openai(folder / "tiny.pt", SAID)
    return Whisper(model="tiny", models_dir=str(folder), device="cpu")


def mlx_whisper(folder: Path) -> Recognizer:
    tiny_whisper.for_mlx(folder / "tiny", SAID)
    return MlxWhisper(model="tiny", models_dir=str(folder))


def engine(made: object, extra: str, *modules: str) -> object:
    return pytest.param(made, marks=needs(extra, *modules), id=extra)


each_whisper = pytest.mark.parametrize(
    "made",
    [
        engine(faster_whisper, "faster-whisper", "faster_whisper", "transformers", "torch"),
        engine(whisper, "whisper", "whisper"),
        engine(mlx_whisper, "mlx-whisper", "mlx_whisper", "mlx"),
    ],
)


@each_whisper
async def test_it_keeps_the_contract(made: Made, tmp_path: Path) -> None:
    bound_s = 0.1 if made is whisper else 1.0  # the others finish what they are at
    await check_recognizer(made(tmp_path), babble(LISTENING_RATE_HZ), abandon_within_s=bound_s)


@each_whisper
async def test_it_tells_what_the_model_says_and_believes_it(made: Made, tmp_path: Path) -> None:
    recognizer = made(tmp_path)
    await recognizer.open()
    try:
        async with recognizer.listen(Caller("ann"), "en") as hearing:
            hearing.feed(babble(LISTENING_RATE_HZ))
            assert await anext(hearing.partials()) == SAID
            final = await hearing.settle()
    finally:
        await recognizer.close()
    assert final.text == SAID
    assert final.confidence > 0.8


@each_whisper
async def test_it_finds_out_the_language_by_itself(made: Made, tmp_path: Path) -> None:
    recognizer = made(tmp_path)
    await recognizer.open()
    try:
        async with recognizer.listen(Caller("ann"), "tlh") as hearing:
            hearing.feed(babble(LISTENING_RATE_HZ))
            assert (await hearing.settle()).text == SAID
    finally:
        await recognizer.close()


@each_whisper
async def test_a_moment_is_no_words(made: Made, tmp_path: Path) -> None:
    recognizer = made(tmp_path)
    await recognizer.open()
    try:
        async with recognizer.listen(Caller("ann"), "en") as hearing:
            hearing.feed(np.ones(100, np.int16))
            assert await hearing.settle() == Transcript("", 0.0)
    finally:
        await recognizer.close()


@pytest.mark.parametrize(
    "recognizer",
    [
        engine(FasterWhisper, "faster-whisper", "faster_whisper"),
        engine(Whisper, "whisper", "whisper"),
        engine(MlxWhisper, "mlx-whisper", "mlx_whisper"),
    ],
)
class TestAModel:
    async def test_that_is_not_there_is_asked_for_by_name(
        self, recognizer: Callable[..., Recognizer], tmp_path: Path
    ) -> None:
        with pytest.raises(EngineMissing, match=r"“nobody” .* is not on this machine.*STT_MODEL"):
            await recognizer(model="nobody", models_dir=str(tmp_path)).open()

    async def test_that_is_no_model_is_refused(
        self, recognizer: Callable[..., Recognizer], tmp_path: Path
    ) -> None:
        (tmp_path / "odd.pt").write_text("no model")
        (tmp_path / "odd").mkdir()
        for name in ("model.bin", "config.json", "tokenizer.json"):
            (tmp_path / "odd" / name).write_text("{}")
        with pytest.raises(EngineMissing, match="“odd” can't be loaded"):
            await recognizer(model="odd", models_dir=str(tmp_path)).open()


@each_whisper
async def test_who_leaves_is_not_read_to_the_end(made: Made, tmp_path: Path) -> None:
    recognizer = made(tmp_path)
    await recognizer.open()
    try:
        with pytest.raises(Abandoned):
            await asyncio.to_thread(reading_for_nobody, recognizer)
    finally:
        await recognizer.close()


def reading_for_nobody(recognizer: Any) -> None:
    with while_wanted(lambda: False):
        recognizer._readers._read(babble(LISTENING_RATE_HZ).astype(np.float32), "en", lambda: False)
