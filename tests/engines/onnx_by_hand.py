"""Networks of a few nodes, written byte by byte: the real loading code needs a real file.

An ONNX file is a protocol-buffer message; these are the few fields of it that a tiny one needs.
"""

from __future__ import annotations

from collections.abc import Sequence

_FLOAT = 1
_INTEGERS = 7
_IR_VERSION = 8
_OPSET = 13


def network(
    nodes: Sequence[bytes], takes: tuple[str, Sequence[int]], gives: tuple[str, Sequence[int]]
) -> bytes:
    """The file of a network with one input and one output, named and shaped like this."""
    graph = b"".join(_part(1, one) for one in nodes) + _text(2, "by hand")
    graph += _part(11, _value(*takes)) + _part(12, _value(*gives))
    return _number(1, _IR_VERSION) + _part(7, graph) + _part(8, _number(2, _OPSET))


def node(kind: str, takes: str, gives: str, **integers: Sequence[int] | int) -> bytes:
    body = _text(1, takes) + _text(2, gives) + _text(4, kind)
    return body + b"".join(_part(5, _attribute(name, given)) for name, given in integers.items())


def _attribute(name: str, given: Sequence[int] | int) -> bytes:
    if isinstance(given, int):
        return _text(1, name) + _number(3, given) + _number(20, 2)
    return _text(1, name) + b"".join(_number(8, one) for one in given) + _number(20, _INTEGERS)


def _value(name: str, shape: Sequence[int]) -> bytes:
    dimensions = b"".join(_part(1, _number(1, size)) for size in shape)
    tensor = _number(1, _FLOAT) + _part(2, dimensions)
    return _text(1, name) + _part(2, _part(1, tensor))


def _text(field: int, text: str) -> bytes:
    return _part(field, text.encode())


def _part(field: int, body: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(body)) + body


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*encoded, value])
