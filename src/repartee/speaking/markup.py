"""Markdown and HTML, reduced to the words in them.

Code is dropped. What a line begins with (bullet, number, heading, quote) goes, table cells become
a list, and the lines are joined into one, with a pause where the page had one. Every pattern here
runs in linear time on any input.
"""

from __future__ import annotations

import html
import re

_FENCE = re.compile(r"`{3,}")
_INLINE_CODE = re.compile(r"``(?:[^`\n]|`(?!`))++``|`[^`\n]*+`")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,31}\d{0,2});")

_BLOCK_TAG = re.compile(
    r"</?(?:p|br|hr|div|ul|ol|li|h[1-6]|t[rdh]|table|thead|tbody|pre|blockquote|section)\b[^<>]*+>",
    re.IGNORECASE,
)
_INLINE_TAG = re.compile(
    r"</[A-Za-z][^<>]*+>|<!-[^<>]*+>|<(?:a|abbr|b|body|code|del|details|em|font|head|html|i|img|ins|"
    r"kbd|mark|s|small|span|speak|strong|sub|summary|sup|think|thinking|u)\b[^<>]*+>",
    re.IGNORECASE,
)

_MULTIPLIED = re.compile(r"(?<=[\w)]) \* (?=[\w(])|(?<=\d)\*(?=\d)")
_RAISED = re.compile(r"(?<=\d)\*\*(?=\d)")
_WITHIN_WORD = re.compile(r"(?<=[^\W_])_+(?=[^\W_])")
_EMPHASIS = re.compile(r"[*_`]++|~~++|\\(?=[^\w\s])")

_LINE_HEAD = re.compile(
    r"(?:\s|>(?![\d=])|#{1,6}(?=[\s#]|[^\W\d]|$)|[-+*•◦▪▫‣●○■□·–—](?=\s|$)|\d{1,3}[.)](?=\s+\S)"
    r"|\[[ xX]\](?=\s)|[*_]{1,3}(?=\S))++"
)
_HEADING_TAIL = re.compile(r" #++$")
_MID_LINE_NUMBER = re.compile(r" (\d{1,3})[.)](?= \S)")
_RULE = re.compile(r"[-*_=+|:~\s]{2,}+")
_LIST_ITEM = re.compile(r"\s?(?:[-+*•◦▪▫‣●○■□·–—]\s|\d{1,3}[.)]\s)")
_SPEAKS_ITS_PAUSE = ".!?:;,。！？：；，、।؟"


def drop_code(text: str) -> str:
    """The text without fenced and inline code. A fence that never closes reaches to the end."""
    if "`" not in text:
        return text
    kept, at, fence = [], 0, ""
    for row in _FENCE.finditer(text):
        if not fence:
            kept.append(text[at : row.start()])
            fence = row[0]
        elif row[0].startswith(fence):
            at, fence = row.end(), ""
    if not fence:
        kept.append(text[at:])
    return _INLINE_CODE.sub("", "\n".join(kept))


def drop_tags(text: str) -> str:
    """The text without HTML: entities become characters, tags that break lines break them."""
    if "&" in text:
        text = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
    if "<" in text:
        text = _INLINE_TAG.sub("", _BLOCK_TAG.sub("\n", text))
    return text


def drop_emphasis(text: str) -> str:
    """The text without stars, underscores and tildes; a star between numbers multiplies."""
    text = _RAISED.sub("^", _MULTIPLIED.sub(" × ", text))
    return _EMPHASIS.sub("", _WITHIN_WORD.sub(" ", text))


def join_lines(text: str) -> str:
    """All lines as one; the white space in them is single already.

    A text that begins with white space but no line break goes on in the middle of a line, where a
    number or a dash is not the head of a list item.
    """
    pieces: list[str] = []
    pause = " "
    for number, line in enumerate(text.split("\n")):
        goes_on = number == 0 and line[:1] == " "
        words = _MID_LINE_NUMBER.sub(r" \1,", line, count=1) if goes_on else _line_words(line)
        if not words.strip():
            pause = ". "  # an empty line, or one that only rules off
            continue
        wanted = " " if goes_on else _pause_around(line)
        if pieces:
            pieces.append(" " if pieces[-1][-1] in _SPEAKS_ITS_PAUSE else _longer(pause, wanted))
        pieces.append(words.rstrip())
        pause = wanted
    return "".join(pieces)


def _line_words(line: str) -> str:
    if _RULE.fullmatch(line):
        return ""
    head = _LINE_HEAD.match(line)
    if head:
        line = line[head.end() :]
        if "#" in head[0]:
            line = _HEADING_TAIL.sub("", line.rstrip())
    if "|" in line:
        line = ", ".join(cell.strip() for cell in line.split("|") if cell.strip())
    return line


def _pause_around(line: str) -> str:
    if line.lstrip().startswith("#"):
        return ". "
    return ", " if _LIST_ITEM.match(line) else ". " if "|" in line else " "


def _longer(pause: str, other: str) -> str:
    return max(pause, other, key=(" ", ", ", ". ").index)
