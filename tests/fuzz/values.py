"""What nobody would send on purpose: values, texts and bytes at the edge of what can be written."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from tests.calls.line import QUIET, VOICE, pcm

_BROWSERS = Path(__file__).parent.parent / "recordings" / "browser"

TEXTS = (
    "",
    " ",
    "\0",
    "\ud800",
    "\udfff\ud800",
    "\u202eback to front",
    "e\u0301" * 40,
    "🧑‍🚀" * 20,
    "ﷺ" * 30,
    "{last_user} {history} %s %(x)s ${x} {{7*7}}",
    "'; DROP TABLE turns; --",
    "<script>alert(1)</script>",
    "../../../../etc/shadow",
    "\r\nSet-Cookie: a=b",
    "word " * 200,
    "x" * 5_000,
    "1e999",
    "NaN",
    "auto",
    "en",
    "af_heart",
    "astronaut",
)
NUMBERS = (
    0,
    -1,
    1,
    2**31,
    2**53 + 1,
    2**63,
    -(2**63) - 1,
    2**64,
    10**400,
    0.0,
    -0.0,
    1e-320,
    1e308,
)
NOT_IN_JSON = (float("nan"), float("inf"), float("-inf"))
DEPTHS = (1, 30, 900, 5_000, 40_000)


class Written(str):
    """JSON that is written already."""


def nested(depth: int, opening: str = "[", closing: str = "]") -> Written:
    return Written(opening * depth + closing * depth)


texts = st.one_of(st.sampled_from(TEXTS), st.text(max_size=12))
numbers = st.one_of(st.sampled_from(NUMBERS + NOT_IN_JSON), st.integers(), st.floats())
base64s = st.one_of(
    st.binary(max_size=40).map(lambda data: base64.b64encode(data).decode()),
    st.sampled_from(["A", "AA=", "AAA", "====", "AA==AA==", "Zm9v\n", "-_-_", "data:,", "é"]),
)
values: st.SearchStrategy[Any] = st.one_of(
    texts,
    numbers,
    base64s,
    st.sampled_from([None, True, False, [], {}, [[]], {"type": "ping"}, ["chat"]]),
    st.sampled_from([nested(depth) for depth in DEPTHS]),
    st.sampled_from([nested(depth, '{"type":', "}") for depth in DEPTHS]),
)


def written(value: Any) -> str:
    """As JSON, with what is written already left as it is, and NaN as some programs write it."""
    if isinstance(value, Written):
        return value
    if isinstance(value, Mapping):
        fields = (f"{json.dumps(str(key))}: {written(one)}" for key, one in value.items())
        return "{" + ", ".join(fields) + "}"
    return json.dumps(value)


@st.composite
def mutated(draw: st.DrawFn, messages: Sequence[Mapping[str, Any]]) -> str:
    """One of these messages as JSON, as it is or with a few things changed."""
    message = dict(draw(st.sampled_from(messages)))
    names = st.sampled_from([*message, "type", "data", "extra"])
    changes = st.sampled_from("keep drop put put put put rename".split())
    for change in draw(st.lists(changes, min_size=1, max_size=3)):
        name = draw(names)
        if change == "drop":
            message.pop(name, None)
        elif change == "put":
            message[name] = draw(values)
        elif change == "rename":
            message[draw(texts)] = message.pop(name, None)
    return draw(_torn(written(message)))


@st.composite
def _torn(draw: st.DrawFn, text: str) -> str:
    """Mostly whole; sometimes cut, doubled, or with a sign in it that does not belong there."""
    how = draw(st.sampled_from(["whole"] * 7 + ["cut", "twice", "sign", "wrapped", "marked"]))
    place = draw(st.integers(0, len(text)))
    match how:
        case "cut":
            return text[:place]
        case "twice":
            return text + text
        case "sign":
            return text[:place] + draw(st.sampled_from('\0"{}[],:\\\x7f\u2028é')) + text[place:]
        case "wrapped":
            return f"[{text}]"
        case "marked":
            return "\ufeff" + text
    return text


# ---------------------------------------------------------------- sound

PCM = (pcm(VOICE, 32), pcm(QUIET, 32), pcm(VOICE, 400), pcm(QUIET, 700), pcm(-32_768, 64))

sound = st.one_of(
    st.sampled_from(PCM),
    st.sampled_from(PCM).map(lambda data: data[:-1]),
    st.binary(max_size=64),
    st.sampled_from([b"\xff" * 999, struct.pack("<200f", *[float("nan")] * 200)]),
)


@cache
def recordings() -> tuple[bytes, ...]:
    """What browsers recorded, in every container that they write."""
    files = sorted(file for file in _BROWSERS.iterdir() if file.suffix != ".json")
    return tuple(file.read_bytes() for file in files if file.suffix != ".md")


@st.composite
def broken_recordings(draw: st.DrawFn, most_bytes: int = 24_000) -> bytes:
    """A real recording with a few other bytes, or with a part missing, twice or elsewhere."""
    data = bytearray(draw(st.sampled_from(recordings()))[:most_bytes])
    place = st.integers(0, len(data) - 1)
    early = st.integers(0, min(600, len(data) - 1))  # where the structure is
    for _ in range(draw(st.integers(0, 6))):
        data[draw(st.one_of(early, place)) % max(1, len(data))] = draw(st.integers(0, 255))
    begin, end = sorted((draw(place), draw(place)))
    match draw(st.sampled_from(["whole", "whole", "cut", "gap", "twice", "moved", "zeros"])):
        case "cut":
            del data[begin:]
        case "gap":
            del data[begin:end]
        case "twice":
            data[begin:begin] = data[begin:end]
        case "moved":
            data += data[begin:end]
            del data[begin:end]
        case "zeros":
            data[begin:end] = bytes(end - begin)
    return bytes(data)
