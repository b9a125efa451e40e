"""A Repartee server in a process of its own, and what that process costs."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

_TICKS = os.sysconf("SC_CLK_TCK")
_START_WITHIN_SECONDS = 60


class ServerProcess:
    def __init__(self, module: str = "repartee", /, **settings: str) -> None:
        """`module` is the program to run, should it not be the server as it is."""
        self._module = module
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        defaults = {
            "LOG_FORMAT": "json",
            "DATABASE_URL": "sqlite:///:memory:",
            "HOLD_AFTER_MS": "0",  # on a busy machine it would come before the answer
        }
        self._settings = {**defaults, "PORT": str(self.port), **settings}
        self._log = tempfile.NamedTemporaryFile("r", suffix=".log")  # noqa: SIM115
        self.ready_after_seconds = 0.0

    @property
    def url(self) -> str:
        return self.socket_at("/ws")

    def socket_at(self, path: str) -> str:
        return f"ws://127.0.0.1:{self.port}{path}"

    def __enter__(self) -> Self:
        began = time.monotonic()
        with open(self._log.name, "w") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", self._module, "serve"],
                env={**os.environ, **self._settings},
                stderr=log,
                cwd=tempfile.gettempdir(),
            )
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() - began > _START_WITHIN_SECONDS:
                self._process.kill()
                with self._log:
                    raise RuntimeError(f"The server did not start:\n{self._log.read()}")
            time.sleep(0.02)
        self.ready_after_seconds = time.monotonic() - began
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._log.close()

    def terminate(self) -> None:
        """Ask it to stop; leaving the block waits until it has."""
        self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """At once, as `kill -9` does it; what it started has to notice by itself."""
        self._process.kill()
        self._process.wait(20)

    def exit_code(self, within_seconds: float = 20) -> int:
        """Wait until it has ended."""
        return self._process.wait(within_seconds)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=1):
                return True
        except OSError:
            return False

    def turns(self) -> list[dict[str, Any]]:
        """The lines of the log that close a turn, with the times of its stages."""
        self._log.seek(0)
        lines = [json.loads(line) for line in self._log if line.startswith("{")]
        return [line for line in lines if line["message"].startswith("A turn is")]

    def log(self) -> str:
        """All that it has written down so far."""
        return Path(self._log.name).read_text()

    def cpu_seconds(self) -> float:
        """Of the server and its workers, so far."""
        total = 0.0
        for pid in self.family():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += (int(fields[11]) + int(fields[12])) / _TICKS
        return total

    def resident_mb(self) -> float:
        """Memory in use, pages that are shared between processes counted once."""
        kilobytes = 0
        for pid in self.family():
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    kilobytes += int(line.split()[1])
        return kilobytes / 1024

    def family(self) -> list[int]:
        """The process ids of the server and of all that it started."""
        family = [self._process.pid]
        for pid in family:
            children = Path(f"/proc/{pid}/task/{pid}/children")
            family += [int(child) for child in children.read_text().split()]
        return family
