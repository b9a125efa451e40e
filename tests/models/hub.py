"""A small server of files on this machine: it resumes, redirects, breaks off and lies at will."""

from __future__ import annotations

import hashlib
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec


class Trouble(msgspec.Struct, frozen=True):
    """What goes wrong with one answer."""

    status: int = 200
    break_after: int | None = None
    """Bytes of the body after which the connection is gone."""
    ignore_range: bool = False
    wrong_range: bool = False
    no_length: bool = False
    """Its end is where the connection ends."""


class Asked(msgspec.Struct, frozen=True):
    path: str
    headers: dict[str, str]


class Hub:
    """`files` by their paths; `troubles` are used up one by one."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.troubles: deque[Trouble] = deque()
        self.asked: list[Asked] = []
        self.announce: dict[str, str] = {}
        """Checksums that are announced, as the hub does, by the answer that redirects."""
        self.tags = True
        self.changed = ""
        """When its files were changed, if it says so."""
        self.url = ""

    @property
    def ranges(self) -> list[str]:
        return [one.headers.get("range", "") for one in self.asked]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever asked may leave when it likes; anything else is a fault of the test."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def running() -> Iterator[Hub]:
    hub = Hub()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            _answer(hub, self)

        def log_message(self, format: str, *args: Any) -> None:
            """Tests are quiet."""

    server = _Server(("127.0.0.1", 0), Handler)
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _answer(hub: Hub, request: BaseHTTPRequestHandler) -> None:
    headers = {name.lower(): value for name, value in request.headers.items()}
    hub.asked.append(Asked(request.path, headers))
    path = request.path.removeprefix("/stored")
    if path in hub.announce and path == request.path:
        return _redirect(request, path, hub.announce[path])
    trouble = hub.troubles.popleft() if hub.troubles else Trouble()
    if path not in hub.files or trouble.status != 200:
        return _send(request, trouble.status if trouble.status != 200 else 404, {}, b"no")
    content = hub.files[path]
    tag = f'"{hashlib.md5(content).hexdigest()}"'
    begin = _begin(headers, tag if hub.tags else hub.changed, trouble)
    if begin >= len(content) > 0:
        return _send(request, 416, {"Content-Range": f"bytes */{len(content)}"}, b"")
    shown = 0 if trouble.wrong_range else begin
    more = {"ETag": tag} if hub.tags else {}
    if hub.changed:
        more["Last-Modified"] = hub.changed
    if begin:
        more["Content-Range"] = f"bytes {shown}-{len(content) - 1}/{len(content)}"
    status, broken = 206 if begin else 200, trouble.break_after
    _send(request, status, more, content[shown:], broken, no_length=trouble.no_length)


def _begin(headers: dict[str, str], tag: str, trouble: Trouble) -> int:
    wished = headers.get("range", "")
    if not wished or trouble.ignore_range or headers.get("if-range", tag) != tag:
        return 0
    return int(wished.removeprefix("bytes=").rstrip("-"))


def _redirect(request: BaseHTTPRequestHandler, path: str, checksum: str) -> None:
    _send(request, 302, {"Location": f"/stored{path}", "X-Linked-Etag": f'"{checksum}"'}, b"")


def _send(
    request: BaseHTTPRequestHandler,
    status: int,
    headers: dict[str, str],
    body: bytes,
    break_after: int | None = None,
    *,
    no_length: bool = False,
) -> None:
    request.send_response(status)
    length = {} if no_length else {"Content-Length": str(len(body))}
    for name, value in {**headers, **length}.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(body if break_after is None else body[:break_after])
    if break_after is not None or no_length:
        request.wfile.flush()
        request.close_connection = True
