"""The sentence that asks to wait, come back through the microphone into the turn it was said in.

A voice over that sentence may be the caller who goes on, or the sentence itself, from a
loudspeaker. Only the words can tell, and they come as late as ever. So until then the turn stays as
it was, and what is known of it later is read without its echo.
"""

from __future__ import annotations

from repartee.conversation.turns import UserTurn, is_clearly_meant, is_echo, words_of

_LOOSE_ENDS = " ,;:-–—"
_MISHEARD_WORDS = 2
"""An echo may have so many words more than what was said."""


def without_echo(text: str, said: str) -> str:
    """What else was said. One word of it proves nothing; in the midst of others, nor do two."""
    begins, ends = _place_of_echo(text, said)
    if begins == ends:
        return text
    tokens = text.split()
    before = " ".join(tokens[:begins])
    return (
        f"{before} {' '.join(tokens[ends:])}".strip()
        if tokens[ends:]
        else before.rstrip(_LOOSE_ENDS)
    )


def ends_in_echo(text: str, said: str) -> bool:
    """Whether what was heard last is the sentence."""
    begins, ends = _place_of_echo(text, said)
    return begins < ends == len(text.split())


def goes_on(turn: UserTurn, language: str) -> bool:
    """Whether the voice over the sentence has said more than was known of its turn before. Where
    nothing was, its first words may be those of before, which come late."""
    added = words_of(turn.partial)[turn.words_before :]
    if not turn.words_before or set(added) <= set(words_of(turn.echo)):
        return False
    return is_clearly_meant(" ".join(added), turn.echo, language)


def _place_of_echo(text: str, said: str) -> tuple[int, int]:
    """From which token of the text to which one it is what was said; the longest such part."""
    tokens, of_sentence = text.split(), words_of(said)
    longest = len(of_sentence) + _MISHEARD_WORDS
    for length in range(min(longest, len(tokens)), 1, -1):
        for begins in range(len(tokens) - length, -1, -1):
            ends = begins + length
            if length == 2 and ends < len(tokens):
                continue
            part = words_of(" ".join(tokens[begins:ends]))
            if part and {part[0], part[-1]} <= set(of_sentence) and is_echo(" ".join(part), said):
                return begins, ends
    return 0, 0
