"""A Redis of the tests' own, heard on this machine only, that can be stopped and started."""

from __future__ import annotations

import signal
import socket
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

_ON_THIS_MACHINE_ONLY = ("--bind", "127.0.0.1", "--save", "", "--appendonly", "no")


class RedisServer:
    def __init__(self, program: str, folder: Path) -> None:
        self.port = free_port()
        self._program = program
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Until it says that it is ready, or has ended without having been."""
        options = ["--port", str(self.port), "--dir", str(self._folder), *_ON_THIS_MACHINE_ONLY]
        self._process = subprocess.Popen(
            [self._program, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        assert self._process.stdout is not None
        said = b""
        for line in self._process.stdout:
            said += line
            if b"Ready to accept connections" in line:
                return
        self.stop()
        raise RuntimeError(f"The Redis of the tests did not start:\n{said.decode()}")

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        self._process.communicate(timeout=10)
        self._process = None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
