"""A PostgreSQL server of the tests' own, from the programs installed on this machine.

It lives in a folder of its own and is reached by a socket in it, so that nothing else can get in
its way. What it keeps is worth nothing, so it never waits for the disk.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from tests.programs import not_tested

_START_WITHIN_SECONDS = 20
_WORTHLESS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=32MB")


def needed_programs() -> Path:
    """The folder of the newest PostgreSQL on this machine; without one a test is skipped."""
    if found := shutil.which("postgres"):
        return Path(found).resolve().parent
    versions = [one.parent for one in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    if not versions:
        not_tested("PostgreSQL is not installed here", package="postgresql")
    return max(versions, key=lambda programs: int(programs.parent.name))


class PostgresServer:
    def __init__(self, programs: Path) -> None:
        self._programs = programs
        # Not below pytest's folders: those are closed to the user that the server runs as.
        self._folder = Path(tempfile.mkdtemp(prefix="repartee-pg-"))
        self._environment = {"PATH": f"{programs}:/usr/bin:/bin", "LC_ALL": "C", "HOME": "/tmp"}
        self._user: dict[str, Any] = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            user = _somebody_without_rights()
            os.chown(self._folder, user.pw_uid, user.pw_gid)
            self._user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self._data = self._folder / "data"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self._call("initdb", "-D", str(self._data), "-U", "tests", "-A", "trust", "-E", "UTF8",
                       "--locale=C", "--no-sync")  # fmt: skip
            self.start()
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def url(self, database: str) -> str:
        """As users write it, for a server behind a socket."""
        return f"postgresql://tests@/{database}?host={self._folder}"

    def new_database(self) -> str:
        """The address of an empty one."""
        name = f"d{uuid4().hex}"
        self._call("createdb", "-h", str(self._folder), "-U", "tests", name)
        return self.url(name)

    def start(self) -> None:
        options = [part for setting in _WORTHLESS for part in ("-c", setting)]
        self._process = subprocess.Popen(
            [self._programs / "postgres", "-D", self._data, "-k", self._folder, "-h", "", *options],
            env=self._environment,
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **self._user,
        )
        until = time.monotonic() + _START_WITHIN_SECONDS
        while self._try("pg_isready", "-q", "-h", str(self._folder)) != 0:
            if self._process.poll() is not None or time.monotonic() > until:
                self.stop()
                raise RuntimeError("The PostgreSQL of the tests did not start.")
            time.sleep(0.02)

    def stop(self) -> None:
        """At once, without waiting for those who are connected."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(20)
            self._process = None

    def _call(self, program: str, *arguments: str) -> None:
        if self._try(program, *arguments) != 0:
            raise RuntimeError(f"{program} of PostgreSQL failed.")

    def _try(self, program: str, *arguments: str) -> int:
        done = subprocess.run(
            [self._programs / program, *arguments],
            env=self._environment,
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            **self._user,
        )
        return done.returncode


def _somebody_without_rights() -> pwd.struct_passwd:
    """The user that the installation made, or nobody."""
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")
