"""What a container asks: whether the server in it answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from repartee.server.alive import answers


@contextmanager
def server(status: int) -> Iterator[int]:
    """Answers one request for /health with this status; gives its port."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/health" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nobody wants to read it."""

    with HTTPServer(("127.0.0.1", 0), Answer) as listening:
        serving = threading.Thread(target=listening.handle_request)
        serving.start()
        yield listening.server_port
        serving.join()


@pytest.mark.parametrize(("status", "alive"), [(200, True), (503, False)])
def test_a_server_that_answers_is_alive_if_it_says_so(status: int, alive: bool) -> None:
    with server(status) as port:
        assert answers({"PORT": str(port)}) is alive


def test_one_that_speaks_something_else_is_not() -> None:
    with server(200) as port:
        assert not answers({"PORT": str(port), "TLS_CERT": "/cert.pem"})


def test_one_that_is_not_there_is_not() -> None:
    with server(200) as port:
        assert answers({"PORT": str(port)})
    assert not answers({"PORT": str(port)})
