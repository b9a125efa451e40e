"""Making the best of a very small model: examples to follow, and an end before it rambles.

A model of 135 million parameters answers a bare question with whatever comes to its mind. A few
turns in the tone we want, and a recogniser's words written as people write them, keep most of its
answers short and to the point. It still gets sums and many facts wrong: it is there so that a
fresh installation can talk, not to be believed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from repartee.engines.llm.manner import chosen
from repartee.engines.llm.window import Window
from repartee.engines.protocols import Message, Sampling

SYSTEM = "You are Repartee, a warm and quick voice assistant."
LONGEST_SYSTEM_CHARS = 200

MAX_TOKENS = 60
MOST_SENTENCES = 2

# Penalties on repetition would keep it from using the words of the question and of the examples.
OPTIONS = {"temperature": 0.1, "min_p": 0.1, "repeat_penalty": 1.0}

# Chosen by trying some fifty such sets on fifty questions. Order matters, and every word is
# contagious: one "sorry" here, and it regrets everything.
EXAMPLES = (
    ("hello can you hear me", "Yes, I can hear you! How can I help you today?"),
    ("tell me a joke", "Why did the bicycle fall over? Because it was two tired!"),
    ("who are you", "I'm {name}, your voice assistant. How can I help you?"),
    ("how do bees make honey", "Bees collect nectar from flowers and turn it into honey."),
    (
        "set a timer for five minutes",
        "I can't set a timer from here, but I can answer questions and chat.",
    ),
    ("what is the capital of italy", "The capital of Italy is Rome."),
    (
        "what's the weather like",
        "I can't look up the weather from here, but I can answer questions and chat.",
    ),
    ("my name is john", "Nice to meet you, John! How can I help you today?"),
    ("i am going to the beach", "That sounds lovely! Have a great time at the beach."),
    ("hello", "Hello! How can I help you today?"),
    ("call my brother", "I can't make calls from here, but I can answer questions and chat."),
    ("thanks", "You're welcome! Is there anything else?"),
)

_QUESTION = re.compile(
    r"(what|who|when|where|why|how|which|whose|can|could|do|does|did|is|are|was|were|will|would"
    r"|should|have|has|may)\b"
)
_NAME = re.compile(r"You are ((?:[A-Z][\w'-]*\.? ?)+),")

# A full stop that follows a title, an initial or the "m" of "p.m." ends no sentence.
_SENTENCE_END = re.compile(
    r"(?<!\bDr)(?<!\bMr)(?<!\bMrs)(?<!\bMs)(?<!\bSt)(?<!\b[A-Za-z])[.!?…]+[\"”’)]*(?=\s)"
    r"|(?<=\S)(?=\n)"
)


class Small:
    """The manner for the model that comes as a package."""

    def __init__(self, max_tokens: int | None) -> None:
        self._max_tokens = max_tokens or MAX_TOKENS

    def prompt(self, messages: Sequence[Message]) -> tuple[list[Message], list[Message]]:
        given = " ".join(message.content for message in messages if message.role == "system")
        system = shortened(given) or SYSTEM
        named = _NAME.match(system)
        name = named[1] if named else "Repartee"
        before = [Message("system", system)]
        for said, answer in EXAMPLES:
            before += (Message("user", said), Message("assistant", answer.format(name=name)))
        turns = [message for message in messages if message.role != "system"]
        return [*map(_written, before)], [*map(_written, turns)]

    def options(self, sampling: Sampling) -> dict[str, float]:
        return {**OPTIONS, **chosen(sampling, self._max_tokens)}

    def window(self) -> Window:
        return Window(most_chars=2400, kept_chars=800)

    def shape(self) -> Brevity:
        return Brevity()


class Brevity:
    """Two sentences of an answer, in one paragraph.

    The first is handed out as it is written. The second is held back until it is whole, which
    nobody notices while the first is being spoken, and dropped if it never is.
    """

    def __init__(self) -> None:
        self.enough = False
        self._sentence = ""
        self._handed_out = 0
        self._first = ""
        self._count = 0

    def take(self, piece: str) -> str:
        self._sentence += piece
        out = ""
        while not self.enough and (end := sentence_end(self._sentence)):
            out += self._finish(end)
        if not self.enough and self._count == 0:
            out += self._sentence[self._handed_out :]
            self._handed_out = len(self._sentence)
        return out

    def rest(self, *, complete: bool) -> str:
        if self.enough or not complete:
            return ""
        return self._finish(len(self._sentence))

    def _finish(self, end: int) -> str:
        """The sentence ends here; what of it was not handed out yet."""
        sentence, self._sentence = self._sentence[:end], self._sentence[end:]
        out = sentence[self._handed_out :]
        self._handed_out = 0
        self._count += 1
        self.enough = self._count == MOST_SENTENCES or self._sentence.startswith("\n")
        if self._count == 1:
            self._first = sentence.strip()
            if not self.enough:  # the space tells whoever listens that the sentence is over
                space = self._sentence[: len(self._sentence) - len(self._sentence.lstrip())]
                self._sentence = self._sentence[len(space) :]
                out += space
        elif sentence.strip() == self._first:
            return ""
        return out


def sentence_end(text: str) -> int:
    """Where the first sentence ends that is surely over, because more follows; 0 if none is."""
    begin = len(text) - len(text.lstrip())
    found = _SENTENCE_END.search(text, begin)
    return found.end() if found else 0


def shortened(system: str) -> str:
    """Who the assistant is: all that a small model can take from a system message."""
    system = system.strip()
    first = system[: sentence_end(system)] or system
    if len(first) <= LONGEST_SYSTEM_CHARS:
        return first
    return first[:LONGEST_SYSTEM_CHARS].rpartition(" ")[0]


def written(spoken: str) -> str:
    """What a recogniser heard, as it would be written. A typed text stays as it is."""
    if not spoken or spoken != spoken.lower() or not spoken[-1].isalnum():
        return spoken
    text = re.sub(r"\bi\b", "I", spoken)
    mark = "?" if _QUESTION.match(spoken) else "."
    return f"{text[0].upper()}{text[1:]}{mark}"


def _written(message: Message) -> Message:
    if message.role != "user":
        return message
    return Message("user", written(message.content.strip()))
