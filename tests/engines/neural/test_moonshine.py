"""Moonshine: its engine on a stand-in for its library, and the stand-in beside the library."""

import inspect
from pathlib import Path

import numpy as np
import pytest

from repartee.engines.build import opened
from repartee.engines.protocols import LISTENING_RATE_HZ, Caller, Samples
from repartee.engines.stt.moonshine import Moonshine
from repartee.errors import EngineMissing, SettingsError
from repartee.testing.checks import check_recognizer
from tests.engines.neural import moonshine_standin
from tests.engines.neural.needs import needing

pytestmark = pytest.mark.anyio

PARTS = ("tokenizer.bin", "streaming_config.json", "encoder.ort", "decoder_kv.ort")


def model(folder: Path) -> Path:
    folder.mkdir()
    for part in PARTS:
        (folder / part).write_bytes(b"tokens")
    return folder


def sound(*loud: bool) -> Samples:
    """A quarter of a second for each word, loud or not."""
    return np.concatenate([np.full(LISTENING_RATE_HZ // 4, 9_000 * yes, np.int16) for yes in loud])


class TestTheEngine:
    @pytest.fixture(autouse=True)
    def library(self, monkeypatch: pytest.MonkeyPatch) -> None:
        moonshine_standin.install(monkeypatch)

    async def test_it_keeps_the_contract(self, tmp_path: Path) -> None:
        await check_recognizer(Moonshine(model=str(model(tmp_path / "tiny-streaming-en"))))

    async def test_lines_are_one_turn(self, tmp_path: Path) -> None:
        engine = Moonshine(model=str(model(tmp_path / "tiny-streaming-en")))
        async with opened(engine), engine.listen(Caller("ann"), "en") as hearing:
            hearing.feed(sound(True, True))
            async for partial in hearing.partials():
                if partial == "w0 w1":
                    break
            hearing.feed(sound(False, True))
            assert (await hearing.settle()).text == "w0 w1 w3"
            hearing.feed(sound(True))
            assert (await hearing.settle()).text == "w0 w1 w3 w4"

    async def test_a_hearing_that_is_left_is_closed_in_the_library(self, tmp_path: Path) -> None:
        engine = Moonshine(model=str(model(tmp_path / "tiny-streaming-en")), at_once=1)
        async with opened(engine):
            for caller in ("ann", "bob"):  # the one thread closes the first before the second
                async with engine.listen(Caller(caller), "en") as hearing:
                    hearing.feed(sound(True, True))
                    await hearing.settle()
            first, _ = moonshine_standin.Transcriber.latest.streams
            assert first.state == "closed"

    async def test_it_is_as_sure_as_its_words_where_they_are_timed(self, tmp_path: Path) -> None:
        folder = model(tmp_path / "tiny-streaming-en")
        (folder / "decoder_with_attention.ort").touch()
        engine = Moonshine(model=str(folder))
        async with opened(engine), engine.listen(Caller("ann"), "en") as hearing:
            hearing.feed(sound(True))
            assert (await hearing.settle()).confidence == 0.5

    async def test_its_size_is_read_off_its_name(self, tmp_path: Path) -> None:
        model(tmp_path / "small-streaming")
        async with opened(Moonshine(models_dir=str(tmp_path))):
            assert moonshine_standin.Transcriber.latest.arch == 4

    async def test_a_size_alone_means_the_model_for_the_language(self, tmp_path: Path) -> None:
        (tmp_path / "moonshine").mkdir()
        model(tmp_path / "moonshine" / "tiny-streaming-de")
        engine = Moonshine(model="tiny-streaming", models_dir=str(tmp_path), language="de-AT")
        async with opened(engine):
            assert moonshine_standin.Transcriber.latest.arch == 2

    async def test_a_name_that_says_no_size_is_a_wrong_setting(self) -> None:
        with pytest.raises(SettingsError, match=r"STT_MODEL is “whisper”.* says no size"):
            await Moonshine(model="whisper").open()

    async def test_a_model_that_is_not_there_is_asked_for(self, tmp_path: Path) -> None:
        with pytest.raises(
            EngineMissing, match=r"models pull moonshine/small-streaming-en\. Or put tokenizer\.bin"
        ):
            await Moonshine(models_dir=str(tmp_path)).open()

    async def test_a_broken_model_is_named(self, tmp_path: Path) -> None:
        folder = model(tmp_path / "tiny-streaming")
        (folder / "tokenizer.bin").write_bytes(b"")
        with pytest.raises(EngineMissing, match="“tiny-streaming” can't be loaded"):
            await Moonshine(model=str(folder)).open()


@needing("moonshine", "moonshine_voice")
class TestTheLibrary:
    def test_the_stand_in_has_its_calls(self) -> None:
        from moonshine_voice.transcriber import Stream, Transcriber

        for real, standin in (
            (Transcriber, moonshine_standin.Transcriber),
            (Stream, moonshine_standin.Stream),
        ):
            calls = [name for name in vars(standin) if not name.startswith("_")]
            for name in filter(lambda name: callable(getattr(standin, name)), calls):
                wished = list(inspect.signature(getattr(standin, name)).parameters)
                offered = list(inspect.signature(getattr(real, name)).parameters)
                assert wished == offered[: len(wished)], name
        made = list(inspect.signature(moonshine_standin.Transcriber).parameters)
        assert made == list(inspect.signature(Transcriber).parameters)[: len(made)]

    async def test_it_refuses_what_is_no_model(self, tmp_path: Path) -> None:
        folder = model(tmp_path / "tiny-streaming")
        with pytest.raises(EngineMissing, match="“tiny-streaming” can't be loaded"):
            await Moonshine(model=str(folder)).open()

    async def test_what_it_has_fetched_is_found(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from moonshine_voice import ModelArch
        from moonshine_voice.download import find_model_info

        known = find_model_info("en", ModelArch.SMALL_STREAMING)["download_url"]
        kept = tmp_path / known.removeprefix("https://")
        kept.parent.mkdir(parents=True)
        model(kept)
        monkeypatch.setenv("MOONSHINE_VOICE_CACHE", str(tmp_path))
        with pytest.raises(EngineMissing, match="can't be loaded"):  # found, but made of nothing
            await Moonshine(models_dir=str(tmp_path / "none")).open()
