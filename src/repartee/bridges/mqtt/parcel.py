"""A message on its way to the broker."""

from __future__ import annotations

import msgspec


class Parcel(msgspec.Struct, frozen=True):
    topic: str
    payload: bytes
    lasting: bool = True
    """Whether it must arrive (QoS 1), or is only worth something at this moment (QoS 0)."""
    retained: bool = False
    """The broker shows it to everybody who asks later, too."""


def size_of(parcel: Parcel) -> int:
    return len(parcel.topic) + len(parcel.payload)
