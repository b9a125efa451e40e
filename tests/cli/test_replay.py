"""`repartee replay`: a recorded call, once more."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repartee.cli.replay import RULE_OF, changed_rules
from repartee.conversation import Rules
from repartee.conversation import events as ev
from repartee.errors import SettingsError
from repartee.server.house import conversation_rules
from repartee.settings import Settings
from repartee.testing.scripted_call import ScriptedCall, answers, hears
from tests.cli.conftest import Run
from tests.observe.journals.recorded import speech, written


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Two questions; there is a long pause in the second one."""
    call = ScriptedCall(
        hears("what time is it", "tell me about", "tell me about \x1b[31mthe sea"),
        answers("It is noon.", "It is deep and blue."),
    )
    call.play([*speech(1.0, 2.0, 7.0, 8.0, 8.9, 9.5), (20.0, ev.ClientGone())])
    path = tmp_path / "call.jsonl"
    path.write_bytes(written(call.journal))
    return path


def test_the_same_decisions_come_out(run: Run, journal: Path) -> None:
    result = run("replay", str(journal))
    assert (result.exit_code, result.stderr) == (0, "")
    events = len(journal.read_bytes().splitlines()) - 2
    assert result.stdout.startswith(f"{events} events, ")
    assert result.stdout.endswith(" decisions, all the same.\n")


def test_a_decision_that_has_changed_is_shown(run: Run, journal: Path) -> None:
    lines = journal.read_text().splitlines(keepends=True)
    lines[2] = lines[2].replace('"attempt":1', '"attempt":9')
    journal.write_text("".join(lines))
    result = run("replay", str(journal))
    assert result.exit_code == 1
    assert result.stdout.splitlines()[:3] == [
        "line 3, 2.000 s: SpeechPaused(at=2.0)",
        "  then: [{'type': 'Finalise', 'turn': 1, 'attempt': 9}]",
        "  now:  [{'type': 'Finalise', 'turn': 1, 'attempt': 1}]",
    ]
    assert result.stdout.endswith(", 1 of them decided otherwise.\n")


def test_what_another_setting_would_have_changed(run: Run, journal: Path) -> None:
    result = run("replay", str(journal), "--set", "endpoint_min_ms=200")
    assert (result.exit_code, result.stdout) == (
        1,
        "turn 1: answered 250 ms → 200 ms after the words ended; "
        "the reply was begun 50 ms earlier\n"
        "turn 2: answered 250 ms → 200 ms after the words ended; "
        "the reply was begun 50 ms earlier\n",
    )


def test_several_settings_and_a_turn_that_is_cut_in_two(run: Run, journal: Path) -> None:
    result = run("replay", str(journal), "--set", "ENDPOINT_MAX_MS=700", "--set", "Speculation=off")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "turn 1: the reply was begun 100 ms later",
        'turn 2: would have been cut in two: "tell me about" | "�[31mthe sea"',
        "From 10.1 s on, what would have been said is partly guessed.",
    ]


def test_a_setting_that_changes_nothing(run: Run, journal: Path) -> None:
    result = run("replay", str(journal), "--set", "barge_in_ms=700")
    assert (result.exit_code, result.stdout) == (0, "2 turns, all the same.\n")


def test_a_setting_that_only_the_model_would_notice(run: Run, journal: Path) -> None:
    result = run("replay", str(journal), "--set", "instructions=You are a pirate.")
    assert (result.exit_code, result.stdout) == (
        1,
        "2 turns, answered alike, but not every decision is the same.\n",
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("endpoint_min_ms=9", "ENDPOINT_MIN_MS is '9', but must be a whole number"),
        ("ENDPOINT_MIN_MS=900", "at most ENDPOINT_DEFAULT_MS, which is 500."),
        ("speculation=maybe", "SPECULATION is 'maybe', but must be auto, on or off."),
        ("port=80", "--set port=80 changes nothing by which a conversation decides. Write"),
        ("endpoint_min_ms", "Write NAME=VALUE with one of ENDPOINT_MIN_MS, "),
        ("endpoint_min_ms=", "Write NAME=VALUE with one of ENDPOINT_MIN_MS, "),
    ],
)
def test_a_wrong_setting_is_one_sentence(run: Run, journal: Path, change: str, said: str) -> None:
    result = run("replay", str(journal), "--set", change)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_file_that_is_no_journal_is_one_sentence(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.wav").write_bytes(b"RIFF")
    for name in ("x.wav", "none.jsonl"):
        result = run("replay", name)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (0, "The journal has no end: the server was stopped during the call."),
        (9, "The last line breaks off and is left out: the server was stopped as it wrote it."),
    ],
)
def test_how_a_journal_ends_is_said(run: Run, journal: Path, left: int, said: str) -> None:
    *lines, last = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines) + last[:left])
    result = run("replay", str(journal))
    assert result.exit_code == 0
    assert said in result.stdout


# ---------------------------------------------------------------- settings and rules


@settings(max_examples=50, deadline=None, derandomize=True)
@given(
    minimum=st.integers(100, 500),
    seconds=st.floats(1, 600),
    speculation=st.sampled_from(["on", "off"]),
)
def test_the_rules_of_a_server_can_be_named_as_its_settings(
    minimum: int, seconds: float, speculation: str
) -> None:
    """Every setting that makes a rule is known, and the others stay when one is changed."""
    given = {"endpoint_min_ms": minimum, "max_turn_seconds": seconds, "speculation": speculation}
    rules = conversation_rules(Settings.load({}, None, given))
    changed = changed_rules(rules, ["low_confidence=0.5"])
    assert changed.low_confidence == 0.5
    assert changed_rules(changed, [f"LOW_CONFIDENCE={rules.low_confidence}"]) == rules


def test_no_setting_of_the_conversation_is_missing() -> None:
    marked = Rules(
        wait_finished_ms=101,
        wait_default_ms=102,
        wait_open_ms=303,
        low_confidence=0.123,
        max_turn_ms=11_000,
        barge_in_after_ms=111,
        speculate=False,
        reply_within_ms=1_100,
        memory_messages=11,
        max_text_chars=111,
        language="xx",
        instructions="x",
    )
    plain = conversation_rules(Settings.load({}, None, {"speculation": "on"}))
    by_settings = {
        name for name in Rules.__struct_fields__ if getattr(marked, name) != getattr(plain, name)
    }
    assert by_settings == set(RULE_OF.values())


def test_rules_that_no_setting_makes_are_kept() -> None:
    rules = Rules(min_turn_ms=77, prime_words=5)
    assert changed_rules(rules, ["endpoint_min_ms=300"]) == Rules(
        min_turn_ms=77, prime_words=5, wait_finished_ms=300
    )


def test_an_unknown_name_is_cut_short() -> None:
    with pytest.raises(SettingsError) as wrong:
        changed_rules(Rules(), ["x" * 10_000 + "\n=1"])
    assert len(str(wrong.value)) < 900
    assert "\n" not in str(wrong.value)
