"""nginx and Caddy with the files of deploy/, on loopback and on ports of their own.

Only what names a place is changed in those files: ports, and where the certificate lies.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.deploy.files import text
from tests.programs import needed_program

NAME = "voice.example.org"
_START_WITHIN_SECONDS = 20


class Proxy(NamedTuple):
    """`authority` is the file of whoever vouches for its certificate."""

    http_port: int
    https_port: int
    authority: Path

    @property
    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.authority)


@contextmanager
def nginx(server_port: int, folder: Path) -> Iterator[Proxy]:
    """As /etc/nginx/nginx.conf takes up what is in conf.d."""
    program = needed_program("nginx", "/usr/sbin/nginx", package="nginx")
    authority = _certificate(folder)
    proxy = Proxy(_free_port(), _free_port(), authority)
    ours = text("deploy/nginx.conf")
    for there, here in (
        (f"/etc/letsencrypt/live/{NAME}/fullchain.pem", str(authority)),
        (f"/etc/letsencrypt/live/{NAME}/privkey.pem", str(folder / "key.pem")),
        ("server 127.0.0.1:8000;", f"server 127.0.0.1:{server_port};"),
    ):
        assert there in ours
        ours = ours.replace(there, here)
    ours = re.sub(r"listen \[::\].*", "", ours)
    ours = re.sub(r"listen 80;", f"listen 127.0.0.1:{proxy.http_port};", ours)
    ours = re.sub(r"listen 443 ssl;", f"listen 127.0.0.1:{proxy.https_port} ssl;", ours)
    kept = "\n".join(
        f"{kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/nginx.pid; error_log {folder}/log; worker_processes 1;\n"
        f"events {{}}\nhttp {{ access_log off;\n{kept}\n{ours}\n}}\n"
    )
    command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf")]
    subprocess.run([*command, "-t"], check=True, capture_output=True)
    with _running(command, proxy, folder):
        yield proxy


@contextmanager
def caddy(server_port: int, folder: Path) -> Iterator[Proxy]:
    """With an authority of its own in place of the one that the world believes."""
    program = needed_program("caddy", package="caddy")
    authority = folder / "data/caddy/pki/authorities/local/root.crt"
    proxy = Proxy(_free_port(), _free_port(), authority)
    here = (
        f"{{\nhttp_port {proxy.http_port}\nhttps_port {proxy.https_port}\n"
        "default_bind 127.0.0.1\nlocal_certs\nskip_install_trust\nadmin off\n}\n"
    )
    (folder / "Caddyfile").write_text(here + text("deploy/Caddyfile"))
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "XDG_DATA_HOME": str(folder / "data"),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "DOMAIN": NAME,
        "UPSTREAM": f"127.0.0.1:{server_port}",
    }
    command = [program, "run", "--config", str(folder / "Caddyfile")]
    with _running(command, proxy, folder, environment):
        yield proxy


PROXIES = {"nginx": nginx, "caddy": caddy}


@contextmanager
def _running(
    command: list[str], proxy: Proxy, folder: Path, environment: dict[str, str] | None = None
) -> Iterator[None]:
    """Until it can be spoken to encrypted, and then until this is left."""
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, cwd=folder, env=environment)
    try:
        until = time.monotonic() + _START_WITHIN_SECONDS
        while not _speaks(proxy):
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"{command[0]} did not start:\n{(folder / 'said').read_text()}")
            time.sleep(0.02)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def _speaks(proxy: Proxy) -> bool:
    try:
        with (
            socket.create_connection(("127.0.0.1", proxy.https_port), timeout=1) as line,
            proxy.trust.wrap_socket(line, server_hostname=NAME),
        ):
            return True
    except OSError:
        return False


def _certificate(folder: Path) -> Path:
    """One that vouches for itself."""
    openssl = needed_program("openssl", package="openssl")
    made = [
        *[openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
        *["-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "2"],
        *["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"],
    ]
    subprocess.run(made, cwd=folder, check=True, capture_output=True)
    return folder / "cert.pem"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
