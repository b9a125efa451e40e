"""Personas: those of the house, those of a file, and a file that changes."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest

from repartee import personas as personas_module
from repartee.errors import SettingsError
from repartee.personas import Persona, Personas, UnknownPersona
from repartee.personas_file import MOST_BYTES

pytestmark = pytest.mark.anyio

MARCO = """
[chef_marco]
name = "Chef Marco"
instructions = "You are Chef Marco, an enthusiastic Italian chef."
voice = "am_michael"
speed = 1.1
language = "it"
greeting = "Ciao! What shall we cook today?"
"""
PLAIN = '[plain]\nname = "Plain"\ninstructions = "You are plain."\n'
BUILT_IN = ["wildlife_expert", "friendly_teacher", "casual_chat", "astronaut"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "personas.toml"


def write(file: Path, text: str) -> None:
    """Every time it is another file, however quickly the clock of the disk moves."""
    new = file.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    os.replace(new, file)


def read(file: Path, text: str | bytes) -> Personas:
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    personas = Personas(file)
    personas.read()
    return personas


class TestTheHouse:
    def test_four_are_built_in(self) -> None:
        found = {one.key: (one.name, one.voice) for one in Personas().all}
        assert found == {
            "wildlife_expert": ("Dr. Maya Chen", "af_heart"),
            "friendly_teacher": ("Professor Sam", "am_michael"),
            "casual_chat": ("Alex", "af_bella"),
            "astronaut": ("Captain Alex", "am_adam"),
        }

    def test_none_of_them_greets(self) -> None:
        assert {one.greeting for one in Personas().all} == {""}

    def test_who_is_not_there_is_told_who_is(self) -> None:
        with pytest.raises(UnknownPersona, match=r"no persona 'nobody'\. Known .* astronaut\.$"):
            Personas().named("nobody")

    def test_of_many_only_some_are_named(self, file: Path) -> None:
        many = "".join(f"[p{n}]\nname='x'\ninstructions='y'\n" for n in range(100))
        with pytest.raises(UnknownPersona, match=r"astronaut, p0, .*, p15 and 84 more\.$"):
            read(file, many).named("nobody")

    def test_a_long_key_is_not_repeated(self) -> None:
        with pytest.raises(UnknownPersona) as refusal:
            Personas().named("x" * 10_000)
        assert len(str(refusal.value)) < 300


class TestAFile:
    def test_it_adds_to_those_of_the_house(self, file: Path) -> None:
        personas = read(file, MARCO)
        assert [one.key for one in personas.all] == [*BUILT_IN, "chef_marco"]
        assert personas.named("chef_marco") == Persona(
            key="chef_marco",
            name="Chef Marco",
            instructions="You are Chef Marco, an enthusiastic Italian chef.",
            voice="am_michael",
            speed=1.1,
            language="it",
            greeting="Ciao! What shall we cook today?",
        )

    def test_a_name_and_instructions_are_enough(self, file: Path) -> None:
        plain = read(file, PLAIN).named("plain")
        assert (plain.voice, plain.speed, plain.language, plain.greeting) == (None, None, None, "")

    def test_it_may_replace_one_of_the_house(self, file: Path) -> None:
        personas = read(file, PLAIN.replace("[plain]", "[astronaut]"))
        assert [one.key for one in personas.all] == BUILT_IN
        assert personas.named("astronaut").name == "Plain"

    def test_it_need_not_be_there(self, file: Path) -> None:
        personas = Personas(file)
        personas.read()
        assert [one.key for one in personas.all] == BUILT_IN

    def test_it_may_be_empty_or_begin_with_a_mark(self, file: Path) -> None:
        assert len(read(file, "").all) == 4
        assert len(read(file, b"\xef\xbb\xbf" + MARCO.encode()).all) == 5

    def test_whole_numbers_are_numbers(self, file: Path) -> None:
        assert read(file, PLAIN + "speed = 2").named("plain").speed == 2.0


class TestMistakes:
    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("[chef", "personas.toml is no valid TOML: "),
            ("\n\n[a]\nname = \n", "(at line 4, column 8)"),
            (b"[a]\nname = '\xff'", "personas.toml is not UTF-8 text in line 2."),
            ('name = "x"', "the persona 'name' must be a table: a line [name]"),
            ("[a.b]\nname = 'x'", "the persona 'a' has no 'name'."),
            ("['a b']\nname = 'x'", "the persona 'a b' has a key that can't be used"),
            ("[a]\ninstructions = 'x'", "the persona 'a' has no 'name'."),
            ("[a]\nname = 'x'", "the persona 'a' has no 'instructions'."),
            (PLAIN + "vioce = 'x'", "the persona 'plain' has an unknown field 'vioce'; there are"),
            (PLAIN + "speed = 0", "wrong 'speed': it must be a number above 0, up to 2."),
            (PLAIN + "speed = 2.1", "wrong 'speed'"),
            (PLAIN + "speed = nan", "wrong 'speed'"),
            (PLAIN + "speed = true", "wrong 'speed'"),
            (PLAIN + "speed = 'fast'", "wrong 'speed'"),
            (PLAIN + "language = 'Italian please'", "wrong 'language': it must be the code of a"),
            (PLAIN + "voice = ''", "wrong 'voice': it must be text of 1 to 64 characters."),
            (PLAIN + "voice = 7", "wrong 'voice'"),
            (PLAIN + "greeting = '   '", "wrong 'greeting'"),
            (PLAIN.replace('"You are plain."', "['x']"), "wrong 'instructions'"),
            (PLAIN + f"greeting = '{'x' * 1_001}'", "wrong 'greeting'"),
            ("#" * (MOST_BYTES + 1), "personas.toml is larger than a megabyte."),
            (
                "".join(f"[p{n}]\nname='x'\ninstructions='y'\n" for n in range(201)),
                "personas.toml has more than 200 personas.",
            ),
        ],
    )
    def test_each_is_one_sentence_that_names_its_place(
        self, file: Path, text: str | bytes, sentence: str
    ) -> None:
        with pytest.raises(SettingsError) as wrong:
            read(file, text)
        assert sentence in str(wrong.value)
        assert str(wrong.value).startswith("personas.toml")
        assert str(wrong.value).endswith(".")
        assert "\n" not in str(wrong.value)
        assert len(str(wrong.value)) < 300

    def test_a_folder_is_no_file(self, file: Path) -> None:
        file.mkdir()
        personas = Personas(file)
        with pytest.raises(SettingsError, match=r"personas\.toml can't be read: .*directory\."):
            personas.read()


class TestAFileThatChanges:
    async def test_it_is_read_again(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(personas_module, "LOOK_EVERY_SECONDS", 0.001)
        personas = read(file, PLAIN)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(personas.watch)
            write(file, MARCO)
            with anyio.fail_after(10):
                while "chef_marco" not in {one.key for one in personas.all}:
                    await anyio.lowlevel.checkpoint()
            with pytest.raises(UnknownPersona):
                personas.named("plain")
            tasks.cancel_scope.cancel()

    def test_it_may_come_and_go(self, file: Path) -> None:
        personas = Personas(file)
        personas.read()
        write(file, MARCO)
        personas.look()
        assert len(personas.all) == 5
        file.unlink()
        personas.look()
        assert len(personas.all) == 4

    def test_an_edit_that_went_wrong_changes_nothing_and_is_told_once(
        self, file: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        personas = read(file, MARCO)
        write(file, MARCO + "speed = ")
        for _ in range(3):
            personas.look()
        assert personas.named("chef_marco").name == "Chef Marco"
        (record,) = caplog.records
        assert record.levelno == logging.WARNING
        assert record.getMessage().startswith(
            "The personas stay as they were. personas.toml is no valid TOML"
        )
        assert "\n" not in record.getMessage()
        write(file, MARCO.replace("Chef Marco", "Chef Maria"))
        personas.look()
        assert personas.named("chef_marco").name == "Chef Maria"

    def test_a_file_that_stays_as_it_is_is_not_read(
        self, file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        personas = read(file, MARCO)
        monkeypatch.setattr(personas, "read", lambda: pytest.fail("it was read"))
        personas.look()

    async def test_without_a_file_nobody_looks(self) -> None:
        await Personas().watch()


def test_trouble_is_told_whenever_they_are_read(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(file, PLAIN)
    personas = Personas(file, lambda one: "It is mute." if one.key == "plain" else None)
    personas.read()
    assert personas.named("plain").name == "Plain", "it may be chosen with another voice"
    personas.read()
    assert [record.getMessage() for record in caplog.records] == ["It is mute."] * 2


def test_it_tells_about_itself() -> None:
    assert repr(Personas()) == f"<Personas {', '.join(BUILT_IN)}>"
