"""What recognisers make up, and what only looks like it."""

import pytest

from repartee.engines.protocols import Transcript
from repartee.engines.stt.artefacts import goes_in_circles, heard_in, plausible


@pytest.mark.parametrize(
    "text",
    [
        "Thanks for watching!",
        "Thank you so much for watching, and see you next time.",
        "Please subscribe to my channel.",
        "See you in the next video.",
        "Subtitles by the Amara.org community",
        "Transcribed by https://otter.ai",
        "Untertitelung des ZDF, 2020",
        "Sous-titres réalisés par la communauté d'Amara.org",
        "ご視聴ありがとうございました",
        "[BLANK_AUDIO]",
        "...",
        "you know " * 30,
        "ha" * 100,
        "Well, " + "the end of the story, " * 12,
    ],
)
def test_nobody_said_it(text: str) -> None:
    assert heard_in(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "Thank you.",
        "Thank you for coming.",
        "I subscribe to two newspapers.",
        "No, no, no, no, no!",
        "See you in the next room.",
        "My number is 7 7 7 7 7 7 7 7 7 7.",
        "Who wrote the subtitles by the way?",
    ],
)
def test_somebody_may_have_said_it(text: str) -> None:
    assert heard_in(text) == text


def test_a_loop_at_the_end_of_a_long_text_spares_the_text() -> None:
    text = "We went to the market early, bought bread and cheese, and came home before the rain. "
    assert not goes_in_circles(f"{text}{'no ' * 9}")


def test_what_nobody_said_is_believed_by_nobody() -> None:
    assert plausible(Transcript("Thanks for watching!", 0.9)) == Transcript("", 0.0)
    assert plausible(Transcript(" Good  morning. ", 0.9)) == Transcript("Good morning.", 0.9)
