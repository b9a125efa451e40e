"""What a model writes, turned into what an engine can say.

`sanitize` takes one speakable unit, or a whole text. Markdown and HTML give way to their words,
code is dropped, symbols become English words (in other languages the engine says the common ones
itself, and the others are dropped). Sanitized text stays as it is when it is sanitized again, and
the work grows in step with the length of the text, however hostile it is.
"""

from __future__ import annotations

import re

from repartee.speaking.acronyms import spell_acronyms
from repartee.speaking.characters import audible, drop_symbols
from repartee.speaking.links import speak_domains, speak_links
from repartee.speaking.markup import drop_code, drop_emphasis, drop_tags, join_lines
from repartee.speaking.numbers import money_words, number_words
from repartee.speaking.punctuation import close_up, drop_empty_brackets, speak_dashes, tidy
from repartee.speaking.symbols import symbol_words

_PLAIN = re.compile(r"[A-Za-z0-9 .,!?']*")
_BLANKS = re.compile(r"[^\S\n]+")


def sanitize(text: str, *, ascii_only: bool = False, language: str = "en") -> str:
    """The words to speak, on one line; "" if there are none."""
    english = language.lower().startswith("en")
    text = audible(drop_tags(text), ascii_only=ascii_only)
    text = _BLANKS.sub(" ", drop_code(text))
    text = join_lines(speak_links(text, english=english))
    text = drop_emphasis(text)
    if english:
        text = symbol_words(number_words(money_words(text)))
    text = drop_symbols(text, english=english, ascii_only=ascii_only)
    text = drop_empty_brackets(close_up(text))
    text = speak_dashes(text, english=english)
    if english:
        text = spell_acronyms(text)
    return speak_domains(tidy(text), english=english)
