"""One line of `.env` leads to any engine, or to a sentence that says what is missing."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from repartee.engines import build
from repartee.engines.catalogue import BUILT_IN, Kind
from repartee.engines.registry import Registry
from repartee.errors import EngineMissing, ReparteeError
from repartee.settings import Settings

MAKERS: dict[Kind, Callable[[Settings], Any]] = {
    "voice": build.voice_detector,
    "turn": build.turn_detector,
    "stt": build.recognizer,
    "llm": build.responder,
    "tts": build.synthesizer,
}
SETTING: dict[Kind, str] = {"voice": "VAD"}
ENGINES = [(kind, name) for kind, engines in BUILT_IN.items() for name in engines if kind in MAKERS]


def settings_with(kind: Kind, name: str, **more: str) -> Settings:
    env = {SETTING.get(kind, kind.upper()): name, **more}
    return Settings.load(env, dotenv=None)


@pytest.mark.parametrize(("kind", "name"), ENGINES)
def test_one_line_of_settings_moves_to_it(kind: Kind, name: str) -> None:
    engine = BUILT_IN[kind][name]
    settings = settings_with(kind, name)
    if Registry([]).available(kind, name):
        assert MAKERS[kind](settings).name == name
        return
    with pytest.raises(EngineMissing) as told:
        MAKERS[kind](settings)
    assert engine.packages[0] in told.value.sentence or engine.packages[-1] in told.value.sentence
    assert f"pip install 'repartee-voice[{engine.extra}]'" in told.value.hint


NEEDS = [
    (kind, name)
    for kind, name in ENGINES
    if BUILT_IN[kind][name].where != "here" and "api_key" in BUILT_IN[kind][name].settings
]


@pytest.mark.anyio
@pytest.mark.parametrize(("kind", "name"), NEEDS)
async def test_a_key_that_is_missing_is_named_at_the_start(kind: Kind, name: str) -> None:
    engine = MAKERS[kind](settings_with(kind, name))
    setting = BUILT_IN[kind][name].settings["api_key"].upper()
    try:
        with pytest.raises(ReparteeError, match=setting):
            await engine.open()
    finally:
        await engine.close()


def test_importing_the_package_imports_no_engine() -> None:
    engines = [engine for kind in BUILT_IN.values() for engine in kind.values()]
    packages = {package for engine in engines for package in engine.packages}
    asked = (
        "import sys, repartee, repartee.settings, repartee.engines.build, repartee.models.known;"
        f"print([name for name in {sorted(packages)} if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
