"""Where the server is, however people write it."""

import pytest

from repartee.errors import SettingsError
from repartee.talking.address import socket_url


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("localhost:8000", "ws://localhost:8000/ws"),
        ("ws://localhost:8000/ws", "ws://localhost:8000/ws"),
        ("http://localhost:8000/", "ws://localhost:8000/ws"),
        (" https://voice.example.org ", "wss://voice.example.org/ws"),
        ("wss://example.org/voice/ws?persona=casual_chat", None),
        ("[::1]:8000", "ws://[::1]:8000/ws"),
    ],
)
def test_a_socket_is_meant(written: str, url: str | None) -> None:
    assert socket_url(written) == (url or written)


def test_wishes_are_part_of_it() -> None:
    assert socket_url("h", persona="casual chat", voice=None) == "ws://h/ws?persona=casual+chat"
    assert socket_url("ws://h/ws?speed=2", voice="bm") == "ws://h/ws?speed=2&voice=bm"


@pytest.mark.parametrize(
    "written", ["", "ftp://localhost", "ws://", "ws://h:port", "a b", "ws://["]
)
def test_what_is_no_address_is_said(written: str) -> None:
    with pytest.raises(SettingsError, match=r"no address of a server. Write ws://localhost:8000"):
        socket_url(written)
