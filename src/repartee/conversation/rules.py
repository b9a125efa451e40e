"""The figures by which a conversation decides. All of them are settings; all have sane bounds."""

from __future__ import annotations

import msgspec

LOW_CONFIDENCE_SENTENCE = "I'm sorry, I didn't catch that. Could you please repeat?"
THINKING_FAILED_SENTENCE = "I'm sorry, I lost my train of thought. Please ask me again."
HEARING_FAILED_SENTENCE = "I'm sorry, I can't hear properly just now. Please try again."
FIXED_SENTENCES = frozenset(
    {LOW_CONFIDENCE_SENTENCE, THINKING_FAILED_SENTENCE, HEARING_FAILED_SENTENCE}
)
"""What is said without the model, in the same words to everybody."""
FIXED_LANGUAGE = "en"

SPOKEN_STYLE = (
    "You are speaking aloud. Answer in natural speech with at most four short sentences: "
    "no markdown, no lists, no emoji, no web addresses."
)


class Rules(msgspec.Struct, frozen=True):
    wait_finished_ms: int = 250
    """Silence after a finished sentence before it is answered."""
    wait_default_ms: int = 500
    """Silence after words that could be all or could go on."""
    wait_open_ms: int = 1200
    """Silence after words that ask for more: "and", "um", half a number."""

    low_confidence: float = 0.3
    """Below this a transcript is not believed."""
    min_turn_ms: int = 200
    """A sound shorter than this, with no words in it, was nobody speaking."""
    max_turn_ms: int = 60_000
    """Somebody who speaks longer than this is answered in mid-sentence."""
    final_within_ms: int = 8_000
    """A recogniser that takes longer than this for its final has failed."""

    barge_in_after_ms: int = 600
    """Speech over a reply for this long is meant, whatever its words."""

    sent_at_once: bool = False
    """Replies leave phrase by phrase as soon as each is ready, and are complete when all of it has
    left; the listener plays them. A reply to a typed message always does."""

    speculate: bool = True
    """Think and synthesise during a pause, before it is certain that the turn is over."""
    prime_words: int = 3
    """Let the model read ahead whenever this many more words are known."""
    reply_within_ms: int = 15_000
    """A model that writes nothing for this long has failed."""
    hold_after_ms: int = 0
    """A caller who has heard nothing for this long is asked for a moment, unless that is how long
    it takes of late; 0: never."""
    max_reply_chars: int = 6_000
    """A reply longer than this ends here."""

    memory_messages: int = 12
    """How many of the latest messages go to the model."""
    max_text_chars: int = 4_000
    """The longest message that may be typed."""

    language: str = "en"
    """The one that is spoken, unless another is chosen; `auto` is whichever is heard."""
    instructions: str = "You are Repartee, a warm and quick voice assistant."
    """Who the voice is; the rule of spoken style is always added."""

    def __post_init__(self) -> None:
        if not self.wait_finished_ms <= self.wait_default_ms <= self.wait_open_ms:
            raise ValueError(
                "The waits must not shrink: wait_finished_ms <= wait_default_ms <= wait_open_ms."
            )
        for name, low, high in BOUNDS:
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"{name} must be from {low} to {high}.")
        if 0 < self.hold_after_ms < SOONEST_HOLD_MS:
            raise ValueError(f"hold_after_ms must be 0 or at least {SOONEST_HOLD_MS}.")


SOONEST_HOLD_MS = 500
"""Engines that are well need as long; nobody is to hear it from them."""

BOUNDS: tuple[tuple[str, float, float], ...] = (
    ("wait_finished_ms", 50, 2_000),
    ("wait_default_ms", 50, 4_000),
    ("wait_open_ms", 50, 8_000),
    ("low_confidence", 0.0, 1.0),
    ("min_turn_ms", 0, 2_000),
    ("max_turn_ms", 1_000, 600_000),
    ("final_within_ms", 100, 60_000),
    ("barge_in_after_ms", 100, 5_000),
    ("prime_words", 1, 100),
    ("reply_within_ms", 500, 300_000),
    ("hold_after_ms", 0, 10_000),
    ("max_reply_chars", 100, 100_000),
    ("memory_messages", 0, 1_000),
    ("max_text_chars", 1, 100_000),
)
