"""Raw PCM has nothing to be recognised by: whoever sends it declares it, as a content type.

`audio/L16;rate=16000` and `audio/pcm;rate=24000;channels=2` are understood. The order of bytes is
little-endian unless `endianness=big-endian` stands there too: that is how clients send it, though
the type's old definition says otherwise.
"""

from __future__ import annotations

from email.message import Message

import numpy as np

from repartee.audio.layout import INTEGER, PcmLayout, pcm_layout
from repartee.audio.pcm import Samples
from repartee.errors import BadAudio

_TYPES = ("audio/l16", "audio/pcm", "audio/x-pcm")
_BIG_ENDIAN = "big-endian"
_USUAL_RATE_HZ = 16_000


def declared_pcm(content_type: str) -> PcmLayout | None:
    """How the samples lie in a body of this type; None: it declares no raw PCM."""
    message = Message()
    message["content-type"] = content_type.replace("\r", "").replace("\n", "")
    if message.get_content_type() not in _TYPES:
        return None
    rate_hz = _number(message, "rate", _USUAL_RATE_HZ)
    layout = pcm_layout(INTEGER, 16, _number(message, "channels", 1), rate_hz)
    if str(message.get_param("endianness", "")).lower() == _BIG_ENDIAN:
        return PcmLayout(layout.rate_hz, layout.channels, _from_big_endian, layout.frame_bytes)
    return layout


def _number(message: Message, name: str, usual: int) -> int:
    value = message.get_param(name, str(usual))
    if not (isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10):
        raise BadAudio(
            f"The declared {name} of the raw sound is not a number."
            " Please declare it like this: audio/L16;rate=16000."
        )
    return int(value)


def _from_big_endian(body: memoryview) -> Samples:
    return np.frombuffer(body, ">i2").astype(np.int16)
