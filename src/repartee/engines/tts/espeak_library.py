"""espeak-ng's C library, as it is: one copy, used by one thread at a time.

The library keeps everything in global variables, so one copy can serve one text at a time, and two
threads in it break the process. Whoever needs more at once leases more copies: the first is the
package's own file, and each further one is loaded from a copy of that file, which the system
takes for another library. A copy is never unloaded; given back, it waits for the next lease.
"""

from __future__ import annotations

import ctypes
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from ctypes import POINTER, c_char_p, c_int, c_short, c_ubyte, c_uint, c_void_p
from typing import Any

import msgspec
import numpy as np

from repartee.audio.pcm import Samples
from repartee.errors import EngineFailed, EngineMissing
from repartee.installing import command, extra

RATE_HZ = 22_050
_SYNCHRONOUS = 2
_DONT_EXIT = 0x8000
_PIECE_MS = 200
"""How much sound comes at a time: made in 0.2 ms, and few enough pieces to hand over cheaply."""
_UTF8 = 1
_PAUSE_AT_END = 0x1000
_RATE, _VOLUME, _PITCH = 1, 2, 3
_WORD_EVENT = 1
_GO_ON, _STOP = 0, 1


class EspeakVoice(msgspec.Struct, frozen=True):
    """A voice file of espeak's: a language or an accent, or a variant that colours any of them."""

    identifier: str
    tags: tuple[tuple[int, str], ...]
    """The languages it is for, each after a number that is smaller the better it fits."""
    female: bool


class Delivery(msgspec.Struct, frozen=True):
    """How a text is to be said, in espeak's own measures."""

    voice: str
    words_per_minute: int = 175
    volume: int = 100
    pitch: int = 50


class WordBegins(msgspec.Struct, frozen=True):
    """At this character of the text, and at this sample of its sound."""

    position: int
    sample: int


Hear = Callable[[Samples, list[WordBegins]], bool]
"""Take a little sound and the words that begin in it or soon after; False stops the synthesis."""


class _EventId(ctypes.Union):
    _fields_ = (("number", c_int), ("name", c_char_p), ("text", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", c_int),
        ("unique_identifier", c_uint),
        ("text_position", c_int),
        ("length", c_int),
        ("audio_position", c_int),
        ("sample", c_int),
        ("user_data", c_void_p),
        ("id", _EventId),
    )


class _Voice(ctypes.Structure):
    _fields_ = (
        ("name", c_char_p),
        ("languages", c_void_p),
        ("identifier", c_char_p),
        ("gender", c_ubyte),
        ("age", c_ubyte),
        ("variant", c_ubyte),
        ("reserved", c_ubyte),
        ("score", c_int),
        ("spare", c_void_p),
    )


_Callback = ctypes.CFUNCTYPE(c_int, POINTER(c_short), c_int, POINTER(_Event))


class EspeakLibrary:
    def __init__(self, library_path: str, data_path: str) -> None:
        self._library = ctypes.CDLL(library_path)
        self._library.espeak_ListVoices.restype = POINTER(POINTER(_Voice))
        rate_hz = self._library.espeak_Initialize(
            _SYNCHRONOUS, _PIECE_MS, data_path.encode(), _DONT_EXIT
        )
        if rate_hz != RATE_HZ:
            raise EngineFailed(
                "The espeak library found no data to start with.",
                hint='Please install it anew: pip install --force-reinstall "espeakng-loader"',
            )
        self._hear: Hear = lambda samples, words: False
        self._failure: Exception | None = None
        self._callback = _Callback(self._called_back)  # kept: the library holds only its address
        self._library.espeak_SetSynthCallback(self._callback)

    def voices(self) -> list[EspeakVoice]:
        return list(_listed(self._library.espeak_ListVoices(None)))

    def variants(self) -> list[EspeakVoice]:
        wanted = ctypes.create_string_buffer(b"variant")
        like = _Voice(languages=ctypes.cast(wanted, c_void_p).value)
        return list(_listed(self._library.espeak_ListVoices(ctypes.byref(like))))

    def choose(self, delivery: Delivery) -> None:
        """Speak like this from now on.

        Choosing a voice also empties the library's echo, in which the last text can still be
        heard: do so whenever someone else is to speak, even with the same voice.
        """
        if self._library.espeak_SetVoiceByName(delivery.voice.encode()):
            raise EngineFailed(f"Espeak could not load its voice {delivery.voice}.")
        self._library.espeak_SetParameter(_RATE, delivery.words_per_minute, 0)
        self._library.espeak_SetParameter(_VOLUME, delivery.volume, 0)
        self._library.espeak_SetParameter(_PITCH, delivery.pitch, 0)

    def speak(self, text: str, hear: Hear, *, pause_at_end: bool) -> None:
        """Synthesise this text, with the pause that its last punctuation mark asks for, or none."""
        self._hear, self._failure = hear, None
        encoded = text.encode() + b"\0"
        flags = _UTF8 | (_PAUSE_AT_END if pause_at_end else 0)
        code = self._library.espeak_Synth(encoded, len(encoded), 0, 0, 0, flags, None, None)
        if self._failure is not None:
            raise self._failure
        if code:
            raise EngineFailed(f"Espeak could not speak this text (its error {code}).")

    def _called_back(self, sound: Any, count: int, events: Any) -> int:
        # An exception can't travel through the C library: it stops the synthesis and waits.
        try:
            words = list(_words(events))
            if not count or not sound:
                samples: Samples = np.zeros(0, np.int16)
            else:
                samples = np.ctypeslib.as_array(sound, (count,)).copy()
            return _GO_ON if self._hear(samples, words) else _STOP
        except Exception as failure:
            self._failure = failure
            return _STOP


def _words(events: Any) -> Iterator[WordBegins]:
    index = 0
    while (event := events[index]).type:
        if event.type == _WORD_EVENT:
            yield WordBegins(max(0, event.text_position - 1), event.sample)
        index += 1


def _listed(voices: Any) -> Iterator[EspeakVoice]:
    index = 0
    while voices[index]:
        voice = voices[index].contents
        identifier = voice.identifier.decode(errors="replace")
        yield EspeakVoice(identifier, tuple(_tags(voice.languages)), voice.gender == 2)
        index += 1


def _tags(address: int) -> Iterator[tuple[int, str]]:
    """A byte of priority, then a name that ends with 0; a priority of 0 ends the list."""
    while priority := c_ubyte.from_address(address).value:
        tag = ctypes.string_at(address + 1)
        yield priority, tag.decode(errors="replace").lower()
        address += len(tag) + 2


# ---------------------------------------------------------------- one lease per copy

_lock = threading.Lock()
_idle: list[EspeakLibrary] = []
_loaded = 0


def lease_library() -> EspeakLibrary:
    """A copy of the library that nobody else uses; blocks while it loads."""
    global _loaded
    with _lock:
        if _idle:
            return _idle.pop()
        library = _load(fresh_copy=_loaded > 0)
        _loaded += 1
        return library


def give_back(library: EspeakLibrary) -> None:
    with _lock:
        _idle.append(library)


def _load(*, fresh_copy: bool) -> EspeakLibrary:
    try:
        import espeakng_loader
    except ImportError:
        raise EngineMissing(
            "The espeak engine needs the package espeakng-loader.",
            hint=command(extra("embedded")),
        ) from None
    library_path = str(espeakng_loader.get_library_path())
    data_path = str(espeakng_loader.get_data_path())
    try:
        if not fresh_copy:
            return EspeakLibrary(library_path, data_path)
        with tempfile.NamedTemporaryFile(suffix=".so") as copy:
            shutil.copyfile(library_path, copy.name)
            return EspeakLibrary(copy.name, data_path)
    except OSError:
        raise EngineFailed(
            "The espeak library could not be loaded.",
            hint='Please install it anew: pip install --force-reinstall "espeakng-loader"',
        ) from None
