"""Making the best of a very small model."""

from __future__ import annotations

import pytest

from repartee.engines.llm.small_model import EXAMPLES, SYSTEM, Brevity, Small, shortened, written
from repartee.engines.protocols import Message, Sampling


def handed_out(*pieces: str, complete: bool = True) -> list[str]:
    """What `Brevity` hands out at each piece, and at the end."""
    brevity = Brevity()
    taken = []
    for piece in pieces:
        taken.append(brevity.take(piece))
        if brevity.enough:
            break
    return [*taken, brevity.rest(complete=complete)]


def test_the_first_sentence_is_handed_out_as_it_is_written() -> None:
    assert handed_out("The", " sky", " is blue", ".") == ["The", " sky", " is blue", ".", ""]


def test_the_second_is_handed_out_whole() -> None:
    assert handed_out("Yes.", " I can", " hear you", ".") == [
        "Yes.",
        " ",  # at once, for it tells that the first sentence is over
        "",
        "",
        "I can hear you.",
    ]


def test_after_the_second_it_is_enough() -> None:
    assert handed_out("One.", " Two.", " Three", ".") == ["One.", " ", "Two.", ""]


def test_a_second_sentence_that_is_cut_off_is_dropped() -> None:
    assert "".join(handed_out("One.", " Two goes", " on and", complete=False)) == "One. "


def test_a_second_sentence_that_says_the_same_again_is_dropped() -> None:
    assert "".join(handed_out("I am sorry.", " I am sorry.", " No")) == "I am sorry. "


def test_the_end_of_the_paragraph_is_the_end() -> None:
    assert "".join(handed_out("Some ideas:", "\n", "1. A book")) == "Some ideas:"


def test_a_leading_line_break_is_no_end() -> None:
    assert "".join(handed_out("\n", "Hello.")).strip() == "Hello."


@pytest.mark.parametrize(
    "text",
    ["Dr. Maya Chen", "about 3.5 miles", "J. K. Rowling", "at 5 p.m. today"],
)
def test_a_dot_that_ends_no_sentence_is_passed_over(text: str) -> None:
    said = f"It was {text} or so. And then. Never this."

    assert "".join(handed_out(*said)) == f"It was {text} or so. And then."


def test_the_examples_stand_between_the_system_message_and_the_conversation() -> None:
    before, turns = Small(None).prompt([Message("system", "You are Ann."), Message("user", "hi")])

    assert before[0] == Message("system", "You are Ann.")
    assert [message.role for message in before[1:]] == ["user", "assistant"] * len(EXAMPLES)
    assert turns == [Message("user", "Hi.")]


def test_of_the_system_message_only_the_first_sentence_is_kept() -> None:
    assert shortened("You are Dr. Chen, a biologist. Never use lists.") == (
        "You are Dr. Chen, a biologist."
    )
    assert shortened("word " * 100) == " ".join(["word"] * 40)


def test_the_assistant_of_the_examples_goes_by_the_name_in_the_system_message() -> None:
    def introduction(system: str) -> str:
        before, _ = Small(None).prompt([Message("system", system)])
        return next(m.content for m in before if "voice assistant. How" in m.content)

    assert introduction("You are Dr. Maya Chen, a biologist.").startswith("I'm Dr. Maya Chen, ")
    assert introduction("Be kind {to} all.").startswith("I'm Repartee, ")


@pytest.mark.parametrize(
    ("heard", "text"),
    [
        ("what is this", "What is this?"),
        ("i think i am lost", "I think I am lost."),
        ("Typed by hand", "Typed by hand"),
        ("already marked!", "already marked!"),
        ("", ""),
    ],
)
def test_what_a_recogniser_heard_is_written_as_people_write(heard: str, text: str) -> None:
    assert written(heard) == text


def test_without_a_system_message_it_gets_one() -> None:
    before, _ = Small(None).prompt([Message("user", "hi")])

    assert before[0] == Message("system", SYSTEM)


def test_the_length_is_capped_and_the_caller_may_choose_the_rest() -> None:
    assert Small(None).options(Sampling())["max_tokens"] == 60
    assert Small(30).options(Sampling())["max_tokens"] == 30
    assert Small(None).options(Sampling(max_tokens=10))["max_tokens"] == 10
    assert Small(None).options(Sampling(temperature=0.9))["temperature"] == 0.9


def test_every_example_is_short_and_as_it_should_be_spoken() -> None:
    for _, answer in EXAMPLES:
        assert len(answer.split()) <= 25
        assert "".join(handed_out(*answer)) == answer
