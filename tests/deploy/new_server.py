"""A folder that passes for a new server, on which the commands of docs/operate.md are run.

What would need rights, a network or systemd is done by small programs that come first in PATH and
write down how they were called. The service is started as its unit says, on a port of its own.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.deploy.files import ROOT, text

PORT = 8000
_STOPPED_WITHIN_SECONDS = 20
_PLACES = ("/etc/", "/opt/", "/usr/local/", "/var/lib/")

_NOTE = '#!/bin/sh\necho "$(basename "$0") $*" >> "$CALLS"\n'
_STAND_INS = {
    "apt-get": _NOTE,
    "useradd": _NOTE,
    "scp": _NOTE,
    # Nobody is there to whom a file could be given.
    "install": _NOTE + 'exec /usr/bin/install $(echo " $* " | sed "s/ -[og] repartee//g")\n',
    "python3": f"""{_NOTE}[ "$1 $2" = "-m venv" ] || exec {sys.executable} "$@"
mkdir -p "$3/bin" && cp "$STAND_INS/pip" "$3/bin/pip"
printf '#!/bin/sh\\nexec {sys.executable} -m repartee "$@"\\n' > "$3/bin/repartee"
chmod +x "$3/bin/repartee"
""",
    "pip": _NOTE,
    "systemd-run": f"""{_NOTE}while :; do case $1 in
    -p) case $2 in
        WorkingDirectory=*) cd "${{2#*=}}" ;;
        EnvironmentFile=*) set -a; . "${{2#*=}}"; set +a ;;
        esac; shift 2 ;;
    --*) shift ;;
    *) exec "$@" ;;
esac; done
""",
    "systemctl": f"""{_NOTE}[ "$*" = "enable --now repartee" ] || exit 0
unit="$PLACE/etc/systemd/system/repartee.service"
value() {{ sed -n "s#^$1=-*##p" "$unit"; }}
cd "$(value WorkingDirectory)"; set -a; . "$(value EnvironmentFile)"; set +a
$(value ExecStart) > "$PLACE/log" 2>&1 < /dev/null &
echo $! > "$PLACE/pid"
""",
    "journalctl": f'{_NOTE}cat "$PLACE/log"\n',
    "docker": f'{_NOTE}[ "$4" = postgres ] || exit 0\nshift 4; exec "$@"\n',
}


def commands(page: str, containing: str) -> str:
    """The one piece of shell on this page that has these words."""
    found = [it for it in re.findall(r"```sh\n(.*?)```", text(page), re.DOTALL) if containing in it]
    assert len(found) == 1, f"{len(found)} pieces of {page} have: {containing}"
    return str(found[0])


class NewServer:
    def __init__(self, folder: Path, **environment: str) -> None:
        self.place = folder
        self.said = ""
        """All that was printed by what was run."""
        self._calls = folder / "calls"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        stand_ins = folder / "stand-ins"
        for path in (*_PLACES, "/etc/systemd/system/", "/etc/caddy/", "/usr/local/bin/"):
            (folder / path.strip("/")).mkdir(parents=True, exist_ok=True)
        stand_ins.mkdir()
        for name, script in _STAND_INS.items():
            (stand_ins / name).write_text(script)
            (stand_ins / name).chmod(0o755)
        self._environment = {
            **os.environ,
            **environment,
            "PATH": f"{stand_ins}:{folder}/usr/local/bin:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT / "src"),
            "PLACE": str(folder),
            "STAND_INS": str(stand_ins),
            "CALLS": str(self._calls),
            "PORT": str(self.port),
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        pid = self.place / "pid"
        if pid.exists():
            os.kill(int(pid.read_text()), signal.SIGTERM)
            until = time.monotonic() + _STOPPED_WITHIN_SECONDS
            while self._answers() and time.monotonic() < until:
                time.sleep(0.02)

    def _answers(self) -> bool:
        with socket.socket() as line:
            return line.connect_ex(("127.0.0.1", self.port)) == 0

    def receive(self, path: Path, contents: str) -> None:
        """A file from elsewhere, in the folder of whoever works here."""
        (self.place / path.name).write_text(self.here(contents))
        (self.place / path.name).chmod(0o755)

    def here(self, written: str) -> str:
        """With its places in this folder, and its port instead of the usual one."""
        for path in _PLACES:
            written = re.sub(rf"(?<![\w/.]){path}", f"{self.place}{path}", written)
        return written.replace(f"127.0.0.1:{PORT}", f"127.0.0.1:{self.port}")

    def run(self, script: str) -> str:
        """What is printed; the first command that fails is a failure."""
        done = subprocess.run(
            ["sh", "-eu"],
            input=self.here(script),
            cwd=self.place,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=50,
        )
        assert done.returncode == 0, f"{done.stdout}{done.stderr}"
        self.said += done.stdout
        return done.stdout

    def calls(self, program: str) -> list[str]:
        """How it was called so far."""
        lines = self._calls.read_text().splitlines()
        return [line.partition(" ")[2] for line in lines if line.split()[0] == program]
