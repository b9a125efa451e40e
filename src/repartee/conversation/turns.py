"""Judging the user's turn: is it over, was it meant, how long to wait after what was said.

Pure functions over words, and the small record of the turn that is being heard.
"""

from __future__ import annotations

import re
from enum import Enum, IntEnum

import msgspec

from repartee.conversation.lexicon import Lexicon, lexicon_for
from repartee.conversation.rules import Rules

_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_ARTEFACT = re.compile(r"\[[^\]]*\]|\([^)]*\)|\*[^*]*\*")
_FINISHED = tuple(".?!。？！।؟")
_OPEN_MARKS = (",", ";", ":", "-", "–", "—", "...", "…")
_FINISHED_WORDS = 4
"""From this many words on, a sentence that does not end openly is taken as finished."""
_SOUNDS_FINISHED = 0.5
"""A turn model that is surer than this hears somebody who has finished."""
_CLEAR_WORDS = 3
"""So many words of a partial transcript are more than a mishearing."""
_ECHO_WORDS = 40
"""An echo is young: it repeats one of the latest words that were spoken."""
_ECHO_HEARD = 24
"""Of what was heard only the end is compared, so that the echo of a long reply is one too."""


class TurnPhase(Enum):
    SPEAKING = "speaking"
    PAUSED = "paused"


class UserTurn(msgspec.Struct):
    """The turn being heard. `over_reply` is set while it is unclear if it interrupts that reply."""

    number: int
    began_at: float
    voice_from: float
    """When the voice began that is heard now, or was heard last."""
    phase: TurnPhase = TurnPhase.SPEAKING
    over_reply: int | None = None
    attempt: int = 0
    paused_at: float = 0.0
    asked_at: float = 0.0
    partial: str = ""
    final: str = ""
    confidence: float = 0.0
    answer_at: float | None = None
    language: str | None = None
    """The one it is answered in, where that depends on what is heard."""
    finished: float | None = None
    """What a turn model says of this pause; None while it has said nothing."""
    primed_words: int = 0
    held: bool = False
    """The speaker says when it is over, by a button; until then it is never answered."""
    voiced: bool = False
    """A voice was heard in it. What a recogniser makes of a hum or a hiss is not believed."""
    forced: bool = False
    """However the words end, they are answered without a wait."""
    let_go_at: float | None = None
    asked_to_hold: bool = False
    """Once is enough."""
    over_hold_from: float | None = None
    """Since when a voice is heard over the sentence that asks to wait; it may be that sentence."""
    echo: str = ""
    """That sentence, once a voice was heard over it: the words may have it among them since."""
    words_before: int = 0
    """How many words were known before that voice."""

    def contest_hold(self, at: float, sentence: str) -> None:
        if self.over_hold_from is None:
            self.over_hold_from, self.echo = at, sentence
            self.words_before = max(len(words_of(self.partial)), len(words_of(self.final)))

    def resume(self, at: float) -> None:
        self.phase = TurnPhase.SPEAKING
        self.voice_from = at
        self.over_hold_from = None
        self.answer_at = self.finished = None

    def pause(self, at: float, now: float) -> None:
        self.phase = TurnPhase.PAUSED
        self.paused_at = max(at, self.began_at)
        self.asked_at = now
        self.attempt += 1
        self.answer_at = self.finished = None

    def settle(self, final: str, confidence: float) -> None:
        self.final = final
        self.confidence = min(max(0.0, confidence), 1.0) if final else 0.0

    @property
    def spoken_ms(self) -> float:
        return (self.paused_at - self.began_at) * 1000

    @property
    def over_at(self) -> float:
        """When the speaker had finished, in their own eyes."""
        return self.paused_at if self.let_go_at is None else self.let_go_at


def words_of(text: str) -> list[str]:
    return _WORD.findall(text.lower().replace("’", "'"))


def speech_in(text: str) -> str:
    """The text without what recognisers write for no speech: [BLANK_AUDIO], (silence), dots."""
    rest = _ARTEFACT.sub(" ", text)
    return " ".join(rest.split()) if words_of(rest) else ""


class Openness(IntEnum):
    """How much the words leave open."""

    FINISHED = 0
    UNCLEAR = 1
    OPEN = 2


def wait_ms(text: str, rules: Rules, language: str, finished: float | None = None) -> int:
    """How much silence shows that somebody who said this in this language has finished.

    `finished` is what a turn model says of the sound. It speaks up where words are unclear; and
    where it hears that more will come, the wait is longer. But words that are plainly open stay
    open: a voice that is cut off in mid-sentence often sounds finished.
    """
    openness = openness_of(text, language)
    if finished is not None and finished < _SOUNDS_FINISHED:
        openness = Openness(min(openness + 1, Openness.OPEN))
    elif finished is not None and openness is Openness.UNCLEAR:
        openness = Openness.FINISHED
    return (rules.wait_finished_ms, rules.wait_default_ms, rules.wait_open_ms)[openness]


def openness_of(text: str, language: str) -> Openness:
    lexicon = lexicon_for(language)
    words = words_of(text)
    if not words:
        return Openness.UNCLEAR
    if " ".join(words) in lexicon.whole:
        return Openness.FINISHED
    if _is_open(text, words, lexicon):
        return Openness.OPEN
    if _is_number(words[-1], lexicon):
        in_a_row = len(words) > 1 and _is_number(words[-2], lexicon)
        return Openness.OPEN if in_a_row else Openness.UNCLEAR
    if _ends_sentence(text) or len(words) >= _FINISHED_WORDS:
        return Openness.FINISHED
    return Openness.UNCLEAR


def _ends_sentence(text: str) -> bool:
    return text.rstrip("\"'”’) ").endswith(_FINISHED) and not text.rstrip().endswith("...")


def _is_number(word: str, lexicon: Lexicon) -> bool:
    return word.isdigit() or word in lexicon.numbers


def _is_open(text: str, words: list[str], lexicon: Lexicon) -> bool:
    if text.rstrip().endswith(_OPEN_MARKS):
        return True
    if _ends_sentence(text):
        return False
    if words[-1] in lexicon.ends_question and any(w in lexicon.asking for w in words[:-2]):
        return False
    endings = (" ".join(words[-length:]) for length in (2, 3, 4))
    return words[-1] in lexicon.open_words or any(e in lexicon.open_phrases for e in endings)


def is_meant(text: str, being_said: str, language: str) -> bool:
    """Whether words said during a reply are more than listening noises or the reply's echo."""
    if not words_of(text) or is_backchannel(text, language):
        return False
    return not is_echo(text, being_said)


def is_clearly_meant(text: str, being_said: str, language: str) -> bool:
    """The same of words that may still turn out to be others. The first of them are often wrong,
    and an echo is often misheard; a "stop" is worth believing at once."""
    words = words_of(text)
    if len(words) < _CLEAR_WORDS and not lexicon_for(language).seizing.intersection(words):
        return False
    return is_meant(text, being_said, language)


def is_backchannel(text: str, language: str) -> bool:
    """Words by which a listener shows that they listen; they ask for nothing."""
    words = words_of(text)
    lexicon = lexicon_for(language)
    return 0 < len(words) <= 4 and all(word in lexicon.backchannel for word in words)


def is_echo(text: str, being_said: str) -> bool:
    """Whether the voice that was heard is the reply itself, come back through the microphone.

    A single word proves nothing: "stop" must stop a reply that is about traffic signs.
    """
    heard = words_of(text)[-_ECHO_HEARD:]
    if len(heard) < 2:
        return False
    said = words_of(being_said)[-_ECHO_WORDS:]
    place = found = 0
    for word in heard:
        if word in said[place:]:
            place = said.index(word, place) + 1
            found += 1
    return found >= 0.8 * len(heard)
