"""Links, images, web and mail addresses as they are said.

A link is its label, an image its description. A bare address is said as its domain ("example dot
com"): that tells the listener where it leads, and nobody can follow the rest by ear. Other
languages get the domain as it is written, because "dot" is an English word.
"""

from __future__ import annotations

import re

_TARGET = r"\(([^()\n]*+(?:\([^()\n]*+\)[^()\n]*+)*+)\)"
_IMAGE = re.compile(r"!\[([^\[\]\n]*+)\](?:" + _TARGET + r"|\[[^\[\]\n]*+\])")
_LINK = re.compile(r"\[((?:[^\[\]\n]|\[[^\[\]\n]*+\])*+)\](?:" + _TARGET + r"|\[[^\[\]\n]*+\])")
_DEFINITION = re.compile(r"^ ?\[[^\[\]\n]++\]: ?\S++[^\n]*+$", re.MULTILINE)
_CITATION = re.compile(r" ?\[\^?\d{1,3}(?: ?[,–-] ?\d{1,3}){0,9}\]|\[\^[^\[\]\n]{1,40}\]")

_URL = re.compile(r"(?:\b(?:https?|ftp)://|\bwww\.(?=[A-Za-z0-9]))[\x21-\x7e]*+", re.IGNORECASE)
_WWW = re.compile(r"\b(?:www\.)+(?=[A-Za-z0-9])", re.IGNORECASE)
_MAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])([A-Za-z0-9._%+-]{1,64})@([A-Za-z0-9-]++(?:\.[A-Za-z0-9-]++)++)"
)
_DOMAIN = re.compile(
    r"(?<![\w.@-])((?:[A-Za-z0-9-]{1,63}\.){1,4}"
    r"(?:com|org|net|edu|gov|io|ai|dev|app|info|co\.uk|de|fr|eu|uk))\b(/[\x21-\x7e]*+)?(?![\w@-])"
)
_TAIL = ".,;:!?)]}>'\"*_"


def speak_links(text: str, *, english: bool) -> str:
    """The text with every link and address in its spoken form."""
    if "[" in text:
        text = _DEFINITION.sub("", text)
        text = _LINK.sub(r"\1", _IMAGE.sub(r"\1", text))
        text = _CITATION.sub("", text)
    if "://" in text or "www." in text.lower():
        text = _URL.sub(lambda found: _address(found[0], english), text)
    if english and "@" in text:
        text = _MAIL.sub(lambda found: f"{_mailbox(found[1])} at {_dotted(found[2])}", text)
    return speak_domains(text, english=english)


def speak_domains(text: str, *, english: bool) -> str:
    """The text with bare domains said; asked again when symbols have gone that hid one."""
    if "www." in text.lower():
        text = _WWW.sub("", text)
    if english and "." in text:
        text = _DOMAIN.sub(lambda found: _address(found[0], english), text)
    return text


def _address(url: str, english: bool) -> str:
    bare = url.rstrip(_TAIL)
    host = re.split(r"[/?#]", bare.rpartition("://")[2], maxsplit=1)[0]
    host = host.rpartition("@")[2].partition(":")[0]
    if host.lower().startswith("www."):
        host = host[4:]
    return (_dotted(host) if english else host) + url[len(bare) :]


def _dotted(host: str) -> str:
    return host.strip(".").replace(".", " dot ")


def _mailbox(name: str) -> str:
    for mark, word in ((".", " dot "), ("_", " underscore "), ("+", " plus "), ("-", " dash ")):
        name = name.replace(mark, word)
    return name
