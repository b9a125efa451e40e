"""Sound from services that send whole files, and know one speed only."""

from __future__ import annotations

import asyncio

from repartee.audio.decoding import decode
from repartee.engines.protocols import Sound
from repartee.engines.remote.address import Address
from repartee.engines.remote.trouble import nonsense
from repartee.engines.tts.tempo import at_speed
from repartee.errors import BadAudio


async def decoded(file: bytes, speed: float, address: Address) -> Sound:
    """What is in the file, whatever its format, at this speed."""
    try:
        return await asyncio.to_thread(_decoded, file, speed)
    except BadAudio:
        raise nonsense(address) from None


def _decoded(file: bytes, speed: float) -> Sound:
    recording = decode(file)
    return Sound(at_speed(recording.samples, recording.rate_hz, speed), recording.rate_hz)
