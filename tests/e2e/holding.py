"""What is held into a button on a real server, and what is looked for in its answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from repartee.audio.wav import wav_header
from repartee.testing.talker import RATE, Message, Talker


def is_complete(message: Message) -> bool:
    return message.body.get("event") == "turn_complete"


def of_type(talker: Talker, kind: str) -> list[dict[str, Any]]:
    return [message.body for message in talker.messages if message.type == kind]


def in_blobs(samples: npt.NDArray[np.int16]) -> list[tuple[float, bytes]]:
    """A live WAV recording, 250 ms in each blob, and when each is handed out."""
    step = RATE // 4
    pieces = [samples[at : at + step].tobytes() for at in range(0, len(samples), step)]
    pieces[0] = wav_header(RATE) + pieces[0]
    return [(0.25 * number, piece) for number, piece in enumerate(pieces, 1)]
