"""Speech for the recogniser's tests: espeak-ng in a process of its own, so that nothing stays.

Run as a script it writes the raw sound of its arguments; `spoken` runs it. Of espeak's many voices
this is one that a recogniser trained on people understands.
"""

from __future__ import annotations

import ctypes
import subprocess
import sys
from typing import Any

import numpy as np
import soxr

from repartee.engines.protocols import LISTENING_RATE_HZ, Samples

VOICE, WORDS_PER_MINUTE, PITCH = b"en-us+klatt4", 175, 60
ESPEAK_RATE_HZ = 22_050
SYNCHRONOUS, DONT_EXIT, UTF8, RATE, PITCH_BASE = 2, 0x8000, 1, 1, 3
MARGIN = np.zeros(LISTENING_RATE_HZ // 5, np.int16)


def spoken(text: str) -> Samples:
    """This text as 16 kHz sound, with 200 ms of quiet before and after it."""
    command = [sys.executable, __file__, text]
    raw = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    sound = soxr.resample(np.frombuffer(raw, np.int16), ESPEAK_RATE_HZ, LISTENING_RATE_HZ)
    return np.concatenate([MARGIN, sound.astype(np.int16), MARGIN])


def write(text: str) -> None:
    import espeakng_loader

    espeak = ctypes.CDLL(espeakng_loader.get_library_path())
    data = espeakng_loader.get_data_path().encode()
    if espeak.espeak_Initialize(SYNCHRONOUS, 0, data, DONT_EXIT) != ESPEAK_RATE_HZ:
        raise RuntimeError("espeak-ng does not speak at the rate it always did.")

    def take(samples: Any, count: int, events: Any) -> int:
        if samples:
            sys.stdout.buffer.write(ctypes.string_at(samples, 2 * count))
        return 0

    callback = ctypes.CFUNCTYPE(
        ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
    )(take)
    espeak.espeak_SetSynthCallback(callback)
    if espeak.espeak_SetVoiceByName(VOICE) != 0:
        raise RuntimeError("espeak-ng lacks the voice of these tests.")
    espeak.espeak_SetParameter(RATE, WORDS_PER_MINUTE, 0)
    espeak.espeak_SetParameter(PITCH_BASE, PITCH, 0)
    line = text.encode() + b"\0"
    espeak.espeak_Synth(line, len(line), 0, 0, 0, UTF8, None, None)


if __name__ == "__main__":
    write(sys.argv[1])
