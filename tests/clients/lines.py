"""A line of shell that begins with `curl`: done by curl, and by httpx as curl would."""

from __future__ import annotations

import argparse
import shlex
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from repartee.testing.server_process import ServerProcess
from tests.programs import needed_program

PROGRAMS = ("curl", "httpx")

_options = argparse.ArgumentParser("curl")
_options.add_argument("url")
_options.add_argument("-X", dest="method")
_options.add_argument("-H", dest="headers", action="append", default=[])
_options.add_argument("-F", dest="form", action="append", default=[])
_options.add_argument("-d", dest="data")
_options.add_argument("--data-binary", dest="file")
_options.add_argument("-o", dest="output")


class Answer(NamedTuple):
    status: int
    body: bytes


class Shell:
    """Lines are written for port 8000; `folder` has the files that they name."""

    def __init__(self, program: str, server: ServerProcess, folder: Path) -> None:
        self._ask = _with_curl if program == "curl" else _with_httpx
        self._address = f"127.0.0.1:{server.port}"
        self.folder = folder

    def __call__(self, line: str) -> Answer:
        name, *arguments = shlex.split(line.replace("localhost:8000", self._address))
        assert name == "curl"
        return self._ask(arguments, self.folder)


def _with_curl(arguments: list[str], folder: Path) -> Answer:
    told = ["--silent", "--show-error", "--max-time", "30", "--write-out", "%{stderr}%{http_code}"]
    curl = needed_program("curl", package="curl")
    done = subprocess.run(
        [curl, *told, *arguments], cwd=folder, capture_output=True, check=True, timeout=40
    )
    return Answer(int(done.stderr), done.stdout)


def _with_httpx(arguments: list[str], folder: Path) -> Answer:
    line = _options.parse_args(arguments)
    request: dict[str, Any] = {"headers": dict(one.split(": ", 1) for one in line.headers)}
    method = line.method or ("POST" if line.form or line.data or line.file else "GET")
    if line.form:
        parts = dict(part.split("=", 1) for part in line.form)
        request["data"] = {name: value for name, value in parts.items() if value[0] != "@"}
        request["files"] = {
            name: (value[1:], (folder / value[1:]).read_bytes(), "application/octet-stream")
            for name, value in parts.items()
            if value[0] == "@"
        }
    elif line.data or line.file:
        content = line.data.encode() if line.data else (folder / line.file[1:]).read_bytes()
        request["content"] = content
        request["headers"].setdefault("Content-Type", "application/x-www-form-urlencoded")
    answer = httpx.request(method, line.url, timeout=30, **request)
    if not line.output:
        return Answer(answer.status_code, answer.content)
    (folder / line.output).write_bytes(answer.content)
    return Answer(answer.status_code, b"")
