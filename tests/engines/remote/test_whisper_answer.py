"""What the answers of Whisper's servers mean."""

import json
import math

import pytest

from repartee.engines.protocols import Transcript
from repartee.engines.remote.address import Address
from repartee.engines.stt.notes import said_in
from repartee.engines.stt.whisper_answer import UNMEASURED, language_code, transcript_of
from repartee.errors import EngineNonsense

HERE = Address("http://here", url_setting="HERE_URL", key_setting="HERE_KEY")
LOW = 0.3
"""Below this, the caller is asked to repeat."""


def heard(text: str, **segment: float) -> Transcript:
    body = {"text": text, "segments": [{"text": text, **segment}]}
    return transcript_of(json.dumps(body).encode(), HERE)


@pytest.mark.parametrize(
    "text",
    [
        "[BLANK_AUDIO]",
        " [MUSIC PLAYING]\n",
        "(silence)",
        "*applause*",
        "♪♪",
        "...",
        ". . .",
        "",
        "[BLANK_AUDIO] (wind blowing) …",
    ],
)
def test_notes_about_no_speech_are_nothing(text: str) -> None:
    assert said_in(text) == ""
    assert heard(text, avg_logprob=-0.1) == Transcript("", 0.0)
    assert transcript_of(json.dumps({"text": text}).encode(), HERE) == Transcript("", 0.0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (" Hello,\n world.\n", "Hello, world."),
        ("[door slams] Who is there?", "Who is there?"),
        ("Call (555) 1234 (laughs)", "Call (555) 1234"),
        ("你好。", "你好。"),
    ],
)
def test_the_words_are_kept(text: str, said: str) -> None:
    assert said_in(text) == said


class TestConfidence:
    def test_it_is_the_models_own_chance(self) -> None:
        assert heard("Hello.", avg_logprob=-0.2).confidence == pytest.approx(math.exp(-0.2))
        assert heard("Hello.", avg_logprob=-0.2, no_speech_prob=0.5).confidence == pytest.approx(
            math.exp(-0.2) / 2
        )

    def test_what_it_guesses_from_silence_is_nothing(self) -> None:
        assert heard("Thank you.", avg_logprob=-1.2, no_speech_prob=0.9) == Transcript("", 0.0)

    def test_what_it_invents_from_noise_is_not_believed(self) -> None:
        assert heard("Thank you.", avg_logprob=-0.6, no_speech_prob=0.7).confidence < LOW
        assert heard("no no no no", avg_logprob=-0.1, compression_ratio=3.1).confidence < LOW

    def test_segments_count_by_their_length(self) -> None:
        segments = [
            {"text": " Hello there, all of you.", "avg_logprob": 0.0},
            {"text": " [BLANK_AUDIO]", "avg_logprob": -3.0},
            {"text": " Hm.", "avg_logprob": -1.0},
        ]
        body = json.dumps({"text": "…", "segments": segments}).encode()
        both = transcript_of(body, HERE)
        assert both.text == "Hello there, all of you. Hm."
        assert 0.9 < both.confidence < 1.0

    def test_tokens_are_measured_too(self) -> None:
        body = json.dumps({"text": "Yes.", "logprobs": [{"logprob": -0.1}, {"logprob": -0.3}]})
        assert transcript_of(body.encode(), HERE).confidence == pytest.approx(math.exp(-0.2))

    def test_without_any_measure_it_is_what_such_models_reach(self) -> None:
        assert transcript_of(b'{"text": "Yes.", "segments": null}', HERE) == Transcript(
            "Yes.", UNMEASURED
        )

    def test_impossible_figures_stay_within_bounds(self) -> None:
        assert heard("Yes.", avg_logprob=3.0, no_speech_prob=-2.0).confidence == 1.0
        assert heard("Yes.", avg_logprob=-0.5, no_speech_prob=7.0).confidence == 0.0


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"words": 1}', b'{"text": 1}', b"\xff"])
def test_nonsense_is_called_so(body: bytes) -> None:
    with pytest.raises(EngineNonsense, match="here answered something that makes no sense"):
        transcript_of(body, HERE)


@pytest.mark.parametrize(
    ("language", "code"), [("en", "en"), ("en-GB", "en"), ("PT_br", "pt"), ("xx", ""), ("", "")]
)
def test_a_language_is_written_as_whisper_does(language: str, code: str) -> None:
    assert language_code(language) == code
