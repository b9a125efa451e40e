"""From settings to an open house, for the server and the bridge alike."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from repartee import personas
from repartee.errors import SettingsError
from repartee.server import opening
from repartee.server.opening import opened_house
from repartee.settings import Settings

pytestmark = pytest.mark.anyio

PLAIN = '[plain]\nname = "Plain"\ninstructions = "You are plain."\n'


def settings(folder: Path, **others: Any) -> Settings:
    engines = {"vad": "scripted", "stt": "scripted", "llm": "scripted", "tts": "scripted"}
    file = folder / "personas.toml"
    file.touch()
    given = {"database_url": "sqlite:///:memory:", "personas_file": str(file), **engines, **others}
    return Settings.model_validate(given)


async def test_all_of_it_is_there_and_personas_are_read_when_they_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(personas, "LOOK_EVERY_SECONDS", 0.001)
    async with opened_house(settings(tmp_path)) as house:
        assert house.engines.tts.voices()
        new = tmp_path / "new"
        new.write_text(PLAIN)
        os.replace(new, tmp_path / "personas.toml")
        with anyio.fail_after(10):
            while "plain" not in {one.key for one in house.personas.all}:
                await anyio.lowlevel.checkpoint()


async def test_it_is_empty_when_it_is_left(tmp_path: Path) -> None:
    async with opened_house(settings(tmp_path)) as house:
        visitor = await house.visitors.enter("ada", "upload")
    assert visitor.over
    assert len(house.visitors) == 0


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"tts_default_voice": "nobody"}, "TTS_DEFAULT_VOICE is 'nobody', but There is no voice"),
        ({"default_language": "it"}, "DEFAULT_LANGUAGE is 'it', but the recogniser scripted"),
        ({"personas_file": "nowhere.toml"}, "PERSONAS_FILE is 'nowhere.toml', but there is no"),
    ],
)
async def test_what_is_wrong_stops_it_with_one_sentence(
    wrong: dict[str, str], sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError) as stopped:
        async with opened_house(settings(tmp_path, **wrong)):
            pytest.fail("it opened")
    assert str(stopped.value).startswith(sentence)


async def test_personas_that_are_wrong_stop_it_too(tmp_path: Path) -> None:
    given = settings(tmp_path)
    (tmp_path / "personas.toml").write_text("[chef]\nname = 'Chef'")
    with pytest.raises(SettingsError, match="the persona 'chef' has no 'instructions'"):
        async with opened_house(given):
            pytest.fail("it opened")


async def test_and_nobody_waits_for_the_engines_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = settings(tmp_path)
    (tmp_path / "personas.toml").write_text("[chef")
    monkeypatch.setattr(opening, "build_engines", lambda _: pytest.fail("engines were built"))
    with pytest.raises(SettingsError, match=r"personas\.toml"):
        async with opened_house(given):
            pytest.fail("it opened")


async def test_one_that_can_not_be_chosen_does_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    given = settings(tmp_path)
    (tmp_path / "personas.toml").write_text(PLAIN + "language = 'it'")
    async with opened_house(given):
        told = [one.getMessage() for one in caplog.records if one.levelno == logging.WARNING]
    assert [one for one in told if "'plain' can't be chosen on this server" in one]
