"""The voice of Google Translate, the one that the package gTTS is known for. For demonstrations.

Nobody promises that it works, and many requests from one place are refused. It takes a hundred
characters at a time and answers with MP3; it has one voice for each language.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Sequence
from typing import Any
from urllib.parse import quote_plus

import pybase64

from repartee.engines.protocols import Sound, Speech, Voice
from repartee.engines.remote.address import Address
from repartee.engines.remote.patience import USUAL, Patience
from repartee.engines.remote.request import Request
from repartee.engines.remote.service import Service
from repartee.engines.remote.trouble import nonsense
from repartee.engines.tts.encoded import decoded
from repartee.engines.tts.portions import portions
from repartee.engines.tts.speeds import Speeds
from repartee.engines.tts.voices import kokoro_voice, language_tag, primary, unknown_voice

BASE_URL = "https://translate.google.com"
LONGEST_PORTION = 100
SPEEDS = Speeds(0.25, 4.0)
_MOST_ANSWER_BYTES = 4 << 20
_PATH = "/_/TranslateWebserverUi/data/batchexecute"
_SPEAK = "jQ1olc"

VOICES = {
    code: Voice(code, code, "female")
    for code in (
        "en af am ar bg bn bs ca cs cy da de el es et eu fi fil fr gl gu ha hi hr hu id is it iw ja"
        " jw km kn ko la lt lv ml mr ms my ne nl no pa pl pt ro ru si sk sq sr su sv sw ta te th"
        " tr uk ur vi zh-cn zh-tw".split()
    )
}
_OTHER_NAMES = {"zh": "zh-cn", "he": "iw", "jv": "jw", "nb": "no", "tl": "fil"}


class GoogleTranslate:
    name = "gtts"
    ascii_only = False
    speeds = SPEEDS

    def __init__(self, *, base_url: str = BASE_URL, patience: Patience = USUAL) -> None:
        address = Address(base_url, url_setting="GTTS_BASE_URL")
        self._service = Service(address, patience)

    def __repr__(self) -> str:
        return f"<GoogleTranslate {self._service!r}>"

    async def open(self) -> None:
        await self._service.open()

    def voices(self) -> Sequence[Voice]:
        return tuple(VOICES.values())

    def resolve(self, voice: str, language: str) -> Voice:
        """One voice for each language: a name says at most which language."""
        if kokoro_voice(voice) is None:
            own = VOICES.get(voice.strip().lower())
            if own is None:
                raise unknown_voice(voice, ("en", "de", "fr"))
            return own
        tag = language_tag(language)
        for code in (tag, primary(tag)):
            if known := VOICES.get(_OTHER_NAMES.get(code, code)):
                return known
        return VOICES["en"]

    async def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
        voice = self.resolve(speech.voice, speech.language)
        speed = SPEEDS.nearest(speech.speed)
        for portion in portions(text, LONGEST_PORTION):
            body = await self._service.fetch(_request(portion, voice.name), _MOST_ANSWER_BYTES)
            yield await decoded(self._file(body), speed, self._service.address)

    async def close(self) -> None:
        await self._service.close()

    def _file(self, body: bytes) -> bytes:
        """The MP3 in an answer: base64 in JSON in JSON, on one of several lines."""
        try:
            for line in body.splitlines():
                if _SPEAK.encode() in line:
                    told: Any = next(one for one in json.loads(line) if one[1] == _SPEAK)
                    return pybase64.b64decode(json.loads(told[2])[0], validate=True)
        except (ValueError, TypeError, IndexError, KeyError, StopIteration):
            pass
        raise nonsense(self._service.address)


def _request(text: str, language: str) -> Request:
    spoken = json.dumps([text, language, None, "null"], ensure_ascii=False)
    wanted = json.dumps([[[_SPEAK, spoken, None, "generic"]]], ensure_ascii=False)
    return Request(
        _PATH,
        f"f.req={quote_plus(wanted)}&".encode(),
        "application/x-www-form-urlencoded;charset=utf-8",
    )
