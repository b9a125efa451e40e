import subprocess
import sys
from importlib.metadata import EntryPoint
from typing import get_args

import pytest

from repartee.engines import registry
from repartee.engines.catalogue import BUILT_IN, BuiltIn, Kind
from repartee.engines.registry import Registry
from repartee.engines.stt.scripted import ScriptedRecognizer
from repartee.errors import EngineMissing, SettingsError
from repartee.settings import Settings


def other(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, registry.GROUP)


class TestOurOwn:
    def test_every_kind_has_a_scripted_engine_that_needs_nothing(self) -> None:
        found = Registry([])
        for kind in set(get_args(Kind)) - {"turn"}:  # there, words alone need nothing
            assert "scripted" in found.names(kind)
            assert found.available(kind, "scripted")
            assert found.create(kind, "scripted").name == "scripted"

    @pytest.mark.engines
    def test_every_one_can_be_made_and_bears_its_name(self) -> None:
        found = Registry([])
        for kind, engines in BUILT_IN.items():
            for name in engines:
                if found.available(kind, name):
                    assert found.create(kind, name).name == name

    def test_every_setting_of_theirs_is_one_of_the_house(self) -> None:
        for engines in BUILT_IN.values():
            for engine in engines.values():
                assert all(hasattr(Settings(), setting) for setting in engine.settings.values())

    def test_settings_go_to_the_constructor(self) -> None:
        made = Registry([]).create("stt", "scripted", transcripts=["Yes."], confidence=0.5)
        assert isinstance(made, ScriptedRecognizer)

    def test_a_setting_that_it_does_not_take_is_named(self) -> None:
        with pytest.raises(SettingsError, match=r"speech recogniser “scripted”.*'colour'"):
            Registry([]).create("stt", "scripted", colour="red")

    def test_an_unknown_name_is_answered_with_those_there_are(self) -> None:
        with pytest.raises(SettingsError) as raised:
            Registry([]).create("stt", "pocketsfinks")
        assert str(raised.value).startswith(
            "There is no speech recogniser named “pocketsfinks”. There are: pocketsphinx, "
        )

    def test_a_missing_package_is_named_with_the_command_that_brings_it(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        absent = BuiltIn("nowhere:Engine", ("no_such_package",), "embedded")
        monkeypatch.setitem(BUILT_IN["tts"], "absent", absent)
        assert not Registry([]).available("tts", "absent")
        with pytest.raises(EngineMissing) as raised:
            Registry([]).create("tts", "absent")
        assert "needs the package no_such_package" in str(raised.value)
        assert "pip install 'repartee-voice[embedded]'" in str(raised.value)

    def test_nothing_is_imported_before_an_engine_is_made(self) -> None:
        asked = (
            "import sys; from repartee.engines.registry import BUILT_IN, Registry; r = Registry();"
            "[r.available(k, n) for k in BUILT_IN for n in r.names(k)];"
            "engines = {'.'.join(m.split('.')[:3]) for m in sys.modules"
            " if m.startswith('repartee.engines.')};"
            "heavy = {'onnxruntime', 'pocketsphinx', 'xllamacpp', 'espeakng_loader'};"
            "print(sorted(engines), sorted(heavy & set(sys.modules)))"
        )
        ran = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True)
        assert ran.stdout.strip() == (
            "['repartee.engines.catalogue', 'repartee.engines.protocols', "
            "'repartee.engines.registry'] []"
        )


class TestOthers:
    def test_they_are_listed_after_ours_and_made_like_ours(self) -> None:
        found = Registry(
            [
                other("stt:mine", "repartee.engines.stt.scripted:ScriptedRecognizer"),
                other("tts:elsewhere", "nowhere:Engine"),
            ]
        )
        assert found.names("stt") == [*BUILT_IN["stt"], "mine"]
        assert found.available("stt", "mine")
        assert isinstance(found.create("stt", "mine", confidence=0.1), ScriptedRecognizer)

    def test_an_engine_of_ours_keeps_its_name(self) -> None:
        found = Registry([other("stt:scripted", "nowhere:Engine")])
        assert found.names("stt") == [*BUILT_IN["stt"]]
        assert isinstance(found.create("stt", "scripted"), ScriptedRecognizer)

    @pytest.mark.parametrize("value", ["nowhere:Engine", "json:NoSuchClass", "this:that:what"])
    def test_one_that_cannot_be_loaded_is_named_by_its_entry_point(self, value: str) -> None:
        with pytest.raises(EngineMissing, match="entry point “stt:broken”"):
            Registry([other("stt:broken", value)]).create("stt", "broken")

    def test_one_whose_package_is_gone_is_not_available(self) -> None:
        assert not Registry([other("stt:gone", "nowhere.engine:Engine")]).available("stt", "gone")
