"""The turn model: its picture of the sound, its real loading code, and what it does in trouble."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from repartee.engines.protocols import LISTENING_RATE_HZ, Samples
from repartee.engines.turn.mel import BANDS, log_mel
from repartee.engines.turn.smart_turn import MODEL, MOST_WAITING, SECONDS, SmartTurn
from repartee.errors import EngineFailed, EngineMissing
from tests.engines.onnx_by_hand import network, node

pytestmark = pytest.mark.anyio

PICTURE = (1, BANDS, 100 * SECONDS)
LOOKS = [
    node("ReduceMean", "input_features", "mean", axes=[1, 2], keepdims=1),
    node("Flatten", "mean", "flat", axis=1),
    node("Sigmoid", "flat", "logits"),
]
"""A network that calls a bright picture finished and a dark one not."""


def tone(hz: float, seconds: float) -> Samples:
    moments = np.arange(int(seconds * LISTENING_RATE_HZ)) / LISTENING_RATE_HZ
    return (8_000 * np.sin(2 * np.pi * hz * moments)).astype(np.int16)


@pytest.fixture
def models(tmp_path: Path) -> Path:
    file = network(LOOKS, ("input_features", PICTURE), ("logits", (1, 1)))
    (tmp_path / f"{MODEL}.onnx").write_bytes(file)
    return tmp_path


@pytest.fixture
async def engine(models: Path) -> AsyncIterator[SmartTurn]:
    engine = SmartTurn(models_dir=str(models))
    await engine.open()
    yield engine
    await engine.close()


class TestThePicture:
    def test_has_a_column_for_ten_milliseconds_and_a_row_for_each_band(self) -> None:
        assert log_mel(np.zeros(8 * LISTENING_RATE_HZ, np.float32)).shape == (80, 800)

    def test_of_silence_is_one_shade(self) -> None:
        assert np.unique(log_mel(np.zeros(LISTENING_RATE_HZ, np.float32))).size == 1

    @pytest.mark.parametrize(("hz", "band"), [(200, 4), (500, 12), (1_000, 26), (4_000, 62)])
    def test_of_a_tone_is_bright_where_its_pitch_is(self, hz: float, band: int) -> None:
        picture = log_mel(tone(hz, 1.0).astype(np.float32))
        assert abs(int(picture[:, 50].argmax()) - band) <= 1

    def test_ends_eight_powers_of_ten_below_its_brightest_point(self) -> None:
        picture = log_mel(tone(500, 1.0).astype(np.float32))
        assert picture.max() - picture.min() == pytest.approx(8 / 4)


class TestJudging:
    async def test_a_network_is_asked_about_the_latest_eight_seconds(
        self, engine: SmartTurn
    ) -> None:
        latest = tone(500, SECONDS)
        before = np.random.default_rng(0).integers(-9_000, 9_000, 3 * LISTENING_RATE_HZ)
        longer = np.concatenate([before.astype(np.int16), latest])
        assert await engine.finished(longer) == await engine.finished(latest)

    async def test_it_tells_sounds_apart_whatever_their_level(self, engine: SmartTurn) -> None:
        noise = np.random.default_rng(0).integers(-9_000, 9_000, 8 * LISTENING_RATE_HZ)
        loud, quiet = noise.astype(np.int16), (noise // 8).astype(np.int16)
        assert await engine.finished(loud) == pytest.approx(await engine.finished(quiet), abs=1e-3)
        assert abs(await engine.finished(loud) - await engine.finished(tone(500, 2.0))) > 0.05

    async def test_several_calls_ask_at_once(self, engine: SmartTurn) -> None:
        asked = (engine.finished(tone(400 + 50 * one, 1.0)) for one in range(MOST_WAITING))
        assert all(0 <= verdict <= 1 for verdict in await asyncio.gather(*asked))

    async def test_more_than_it_can_do_in_time_is_refused(self, engine: SmartTurn) -> None:
        asked = [engine.finished(tone(500, 1.0)) for _ in range(MOST_WAITING + 1)]
        verdicts = await asyncio.gather(*asked, return_exceptions=True)
        assert sum(isinstance(verdict, EngineFailed) for verdict in verdicts) == 1

    async def test_once_closed_it_says_so(self, models: Path) -> None:
        engine = SmartTurn(models_dir=str(models))
        with pytest.raises(EngineFailed, match="closed"):
            await engine.finished(tone(500, 1.0))


class TestItsFile:
    async def test_is_missed_in_a_sentence_that_says_what_to_do(self, tmp_path: Path) -> None:
        with pytest.raises(EngineMissing, match=MODEL) as missing:
            await SmartTurn(models_dir=str(tmp_path)).open()
        assert "TURN_MODEL" in missing.value.hint

    @pytest.mark.parametrize(
        "file",
        [
            b"",
            b"<html>not found</html>",
            network(LOOKS, ("something_else", PICTURE), ("logits", (1, 1))),
            network(LOOKS[:2], ("input_features", PICTURE), ("flat", (1, 1))),
        ],
        ids=["empty", "a web page", "another network", "no probability"],
    )
    async def test_that_is_none_is_said_at_the_start(self, tmp_path: Path, file: bytes) -> None:
        (tmp_path / f"{MODEL}.onnx").write_bytes(file)
        with pytest.raises(EngineMissing, match="can't be loaded"):
            await SmartTurn(models_dir=str(tmp_path)).open()
