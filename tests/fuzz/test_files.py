"""Files that anybody may have written: each is read, or refused with one sentence."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from repartee.conversation import Rules
from repartee.engines.script import read_script
from repartee.engines.stt.scripted import HearingScript
from repartee.errors import BadInput, SettingsError
from repartee.observe.journals.differences import differences
from repartee.observe.journals.exchanges import exchanges
from repartee.observe.journals.reading import parse_journal
from repartee.observe.journals.replay import departures, replayed
from repartee.observe.journals.what_if import what_if
from repartee.personas_file import read_personas
from repartee.settings import Settings
from repartee.testing.scripted_call import ScriptedCall, answers, hears
from tests.fuzz.budget import patiently, tries
from tests.fuzz.leaks import assert_nothing_leaks
from tests.fuzz.values import TEXTS, mutated, nested, numbers, texts
from tests.observe.journals.recorded import speech, written

pytestmark = patiently

SHARE = 0.04
"""Of all frames; each of these files counts as one."""


# ---------------------------------------------------------------- journals


def a_journal() -> list[bytes]:
    call = ScriptedCall(hears("what time is it", "stop"), answers("It is noon. It is warm."))
    call.play(speech(1.0, 2.0, 4.1, 4.9))
    return written(call.journal).splitlines(keepends=True)


LINES = a_journal()


@st.composite
def journals(draw: st.DrawFn) -> bytes:
    """Lines of a real one, some of them gone, twice, elsewhere, or with other signs in them."""
    lines = list(LINES)
    for _ in range(draw(st.integers(0, 4))):
        at, other = draw(st.integers(0, len(lines) - 1)), draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from("drop copy swap bytes figure".split())):
            case "drop" if len(lines) > 1:
                del lines[at]
            case "copy":
                lines.insert(other, lines[at])
            case "swap":
                lines[at], lines[other] = lines[other], lines[at]
            case "bytes":
                place = draw(st.integers(0, len(lines[at])))
                lines[at] = lines[at][:place] + draw(st.binary(max_size=3)) + lines[at][place + 1 :]
            case "figure":
                figure = str(draw(numbers)).encode()
                lines[at] = lines[at].replace(str(draw(st.integers(0, 9))).encode(), figure, 1)
    return b"".join(lines)[: draw(st.sampled_from([None, None, None, 400]))]


@given(journals(), st.sampled_from([Rules(), Rules(speculate=False), Rules(max_turn_ms=1_000)]))
@tries(SHARE)
def test_journals(data: bytes, rules: Rules) -> None:
    """One that can be read can also be gone through again, under other rules too."""
    try:
        journal = parse_journal(io.BytesIO(data))
    except BadInput as refused:
        assert_nothing_leaks(str(refused))
        return
    steps = replayed(journal)
    departures(journal, steps)
    differences(exchanges(steps), exchanges(what_if(journal, rules).steps))


# ---------------------------------------------------------------- TOML

PERSONA = {"name": '"Ada"', "instructions": '"Be brief."', "voice": '"af_heart"', "speed": "1.1"}
TOML_VALUES = ("1e400", "nan", "-inf", "[]", "{}", "1979-05-27", '"""', "true", "9" * 5_000, "''")
PERSONAS = "[ada]\n" + "\n".join(f"{name} = {value}" for name, value in PERSONA.items())
SCRIPT = '[stt]\ntranscripts = ["Hello.", "Good bye."]\nconfidence = 0.5\nby_tone = false\n'


@st.composite
def tomls(draw: st.DrawFn, whole: str, names: Sequence[str]) -> bytes:
    lines = whole.splitlines()
    for _ in range(draw(st.integers(0, 3))):
        name = draw(st.sampled_from([*names, "extra", "a.b.c", '"\\u0000"']))
        value = draw(
            st.one_of(
                st.sampled_from(TOML_VALUES),
                st.sampled_from([50, 2_000, 40_000]).map(nested),
                texts.map(lambda text: f'"{text}"'),
            )
        )
        line = draw(st.sampled_from([f"{name} = {value}", f"[{name}]", f"[[{name}]]"]))
        lines.insert(draw(st.integers(0, len(lines))), line)
    data = "\n".join(lines).encode("utf-8", "surrogatepass")
    place = draw(st.integers(0, len(data)))
    return data[:place] + draw(st.sampled_from([b""] * 5 + [b"\xff", b"\0", b"]"])) + data[place:]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz") / "file.toml"


def check_refusal(refused: SettingsError) -> None:
    """It is for whoever wrote the file, who may well be told which one it was."""
    assert_nothing_leaks(str(refused).replace("file.toml", ""))


@example(f"a = {nested(40_000)}".encode())
@example(b"a = " + b"9" * 5_000)
@given(tomls(PERSONAS, list(PERSONA)))
@tries(SHARE)
def test_personas(file: Path, data: bytes) -> None:
    file.write_bytes(data)
    try:
        read_personas(file)
    except SettingsError as refused:
        check_refusal(refused)


@example(f"a = {nested(40_000)}".encode())
@given(tomls(SCRIPT, ["transcripts", "confidence", "word_ms"]))
@tries(SHARE / 4)
def test_scripts_of_engines(file: Path, data: bytes) -> None:
    file.write_bytes(data)
    try:
        asyncio.run(read_script(str(file), "stt", HearingScript()))
    except SettingsError as refused:
        check_refusal(refused)


# ---------------------------------------------------------------- settings

FIELDS = sorted(Settings.model_fields)
VALUES = st.one_of(
    st.sampled_from(TEXTS),
    texts,
    numbers.map(lambda number: str(number)[:4_000]),
    st.sampled_from([5, 2_000, 200_000]).map(nested),
    mutated([{"a": "b"}]),
    st.sampled_from(["[1, 2", '["http://a"]', "http://", "https://[::1", "sqlite:///", "on", "0"]),
)


@example({"cors_origins": nested(200_000)})
@given(st.dictionaries(st.sampled_from(FIELDS), VALUES, min_size=1, max_size=3))
@tries(SHARE)
def test_settings(given_values: dict[str, str]) -> None:
    """Whatever stands in the environment: it is taken, or told in a sentence that names it."""
    env = {name.upper(): value for name, value in given_values.items()}
    sentence = ""
    try:
        Settings.load(env, None)
    except SettingsError as refused:
        sentence = str(refused)
    assert not sentence or any(name in sentence for name in env), sentence


@given(
    st.binary(max_size=200) | mutated([{"PORT": "1"}]).map(lambda t: t.encode("utf-8", "ignore"))
)
@tries(SHARE / 4)
def test_dotenv(file: Path, data: bytes) -> None:
    file.write_bytes(b"PORT=8001\n" + data + b"\nMAX_CALLS=7\n")
    env: dict[str, Any] = {}
    try:
        Settings.load(env, file)
    except SettingsError as refused:
        check_refusal(refused)
