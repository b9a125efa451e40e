"""sherpa-onnx's own recogniser on a transducer that recites."""

from pathlib import Path

import numpy as np
import pytest

from repartee.engines.build import opened
from repartee.engines.protocols import LISTENING_RATE_HZ, Caller, Transcript
from repartee.engines.stt.sherpa_onnx import SherpaOnnx
from repartee.errors import BadInput, EngineMissing
from repartee.testing.checks import check_recognizer
from repartee.testing.checks.looking import babble
from tests.engines.neural.needs import needs
from tests.engines.neural.tiny_transducer import transducer

pytestmark = [pytest.mark.anyio, *needs("sherpa-onnx", "sherpa_onnx", "onnx")]

SAID = "good morning ann"


def engine(folder: Path) -> SherpaOnnx:
    transducer(folder / "tiny")
    return SherpaOnnx(model="tiny", models_dir=str(folder))


async def test_it_keeps_the_contract(tmp_path: Path) -> None:
    await check_recognizer(engine(tmp_path))


async def test_words_come_while_one_speaks_and_are_believed(tmp_path: Path) -> None:
    async with (
        opened(engine(tmp_path)) as sherpa,
        sherpa.listen(Caller("ann"), "en-GB") as hearing,
    ):
        hearing.feed(babble(LISTENING_RATE_HZ))
        async for partial in hearing.partials():
            if partial == SAID:
                break
        final = await hearing.settle()
    assert final.text == SAID
    assert final.confidence > 0.9


async def test_silence_is_no_words(tmp_path: Path) -> None:
    async with opened(engine(tmp_path)) as sherpa, sherpa.listen(Caller("ann"), "en") as hearing:
        hearing.feed(np.zeros(LISTENING_RATE_HZ, np.int16))
        assert await hearing.settle() == Transcript("", 0.0)


async def test_who_goes_on_after_a_pause_is_heard_as_a_whole(tmp_path: Path) -> None:
    async with opened(engine(tmp_path)) as sherpa, sherpa.listen(Caller("ann"), "en") as hearing:
        hearing.feed(np.zeros(LISTENING_RATE_HZ, np.int16))
        assert (await hearing.settle()).text == ""
        hearing.feed(babble(LISTENING_RATE_HZ))
        assert (await hearing.settle()).text == SAID


async def test_a_language_that_the_model_does_not_know_is_refused(tmp_path: Path) -> None:
    async with opened(engine(tmp_path)) as sherpa:
        with pytest.raises(BadInput, match="understands en only"):
            async with sherpa.listen(Caller("ann"), "de"):
                pass


@pytest.mark.parametrize("missing", ["tokens.txt", "encoder", "joiner"])
async def test_a_part_that_is_missing_is_asked_for(missing: str, tmp_path: Path) -> None:
    sherpa = engine(tmp_path)
    for file in (tmp_path / "tiny").glob(f"{missing}*"):
        file.unlink()
    with pytest.raises(EngineMissing, match=f"Put {missing}"):
        await sherpa.open()


async def test_a_model_of_another_kind_is_refused_before_it_ends_the_process(
    tmp_path: Path,
) -> None:
    sherpa = engine(tmp_path)
    joiner = (tmp_path / "tiny" / "joiner-epoch-99.onnx").read_bytes()
    (tmp_path / "tiny" / "encoder-epoch-99.onnx").write_bytes(joiner)
    with pytest.raises(EngineMissing, match="no streaming transducer"):
        await sherpa.open()
