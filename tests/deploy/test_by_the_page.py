"""docs/operate.md to the letter: from an empty server to one that asks for keys, and back again."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import stat
import subprocess
import tomllib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from websockets.sync.client import connect

from tests.deploy.files import ROOT, text
from tests.deploy.new_server import NewServer, commands
from tests.programs import needed_program
from tests.store.postgres_server import PostgresServer, needed_programs

PAGE = "docs/operate.md"
SCRIPTED = dict.fromkeys(("VAD", "STT", "LLM", "TTS"), "scripted")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewServer]:
    """Set up by the page's commands, in the page's order, up to the first answer of /health."""
    needed_program("curl", package="curl")
    with NewServer(tmp_path_factory.mktemp("server"), **SCRIPTED) as it:
        sent = commands(PAGE, "scp ").partition("scp ")[2].replace("\\\n", " ").split()[:-1]
        for path in sent:
            if "*" in path:
                (it.place / "repartee_voice-0.1.0-py3-none-any.whl").touch()
            else:
                it.receive(ROOT / path, text(path))
        it.run(commands(PAGE, "useradd"))
        it.run(commands(PAGE, "systemctl enable"))
        yield it


@pytest.fixture
def key(server: NewServer) -> str:
    return server.said.split()[0]


@pytest.fixture
def client(server: NewServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}") as client:
        yield client


class TestAService:
    def test_the_key_that_is_printed_opens_it(self, client: httpx.Client, key: str) -> None:
        assert client.get("/sessions").status_code == 401
        shown = {"Authorization": f"Bearer {key}"}
        assert client.get("/sessions", headers=shown).status_code == 200

    def test_it_answers_to_its_name_and_to_no_other(self, client: httpx.Client) -> None:
        assert client.get("/ready", headers={"Host": "voice.example.org"}).status_code == 200
        assert client.get("/ready", headers={"Host": "else.example.org"}).status_code == 421

    def test_settings_are_for_roots_eyes(self, server: NewServer) -> None:
        assert stat.S_IMODE((server.place / "etc/repartee.env").stat().st_mode) == 0o600

    def test_all_that_it_keeps_is_in_its_folder(self, server: NewServer) -> None:
        assert [path.name for path in server.place.rglob("*.db")] == ["repartee.db"]
        assert (server.place / "var/lib/repartee/repartee.db").is_file()

    def test_what_is_installed_is_what_there_is(self, server: NewServer) -> None:
        project, model = server.calls("pip")[:2]
        there = tomllib.loads(text("pyproject.toml"))["project"]["optional-dependencies"]
        wanted = re.search(r"\.whl\[(.*)\]$", project)
        assert wanted is not None
        assert set(wanted[1].split(",")) <= there.keys()
        assert "-c constraints.txt" in project
        assert f"MODEL := {model.split()[-1]}" in text("Makefile")

    def test_its_user_is_the_one_of_the_unit(self, server: NewServer) -> None:
        (user,) = server.calls("useradd")
        assert f"useradd {user}" in server.here(text("deploy/repartee.service"))
        assert "User=repartee\n" in text("deploy/repartee.service")

    def test_keys_are_listed_and_revoked_from_any_folder(self, server: NewServer) -> None:
        """By the command that the page has laid down, with the service's own database."""
        server.run("repartee keys create a-guest")
        assert "a-guest" in server.run("repartee keys list")
        server.run("repartee keys revoke a-guest")
        assert "a-guest" not in server.run("repartee keys list")
        assert "User=repartee" in server.calls("systemd-run")[-1]

    def test_the_log_of_a_call_is_found_by_its_id(self, server: NewServer, key: str) -> None:
        shown = {"X-API-Key": key}
        with connect(f"ws://127.0.0.1:{server.port}/ws", additional_headers=shown) as line:
            found = re.search(r'"session_id":"([^"]+)"', str(line.recv()))
        assert found is not None
        search = commands(PAGE, "journalctl")
        example = re.findall(r'"call_id": "(\w+)', search)[0]
        assert "A call begins." in server.run(search.replace(example, found[1][: len(example)]))

    def test_the_database_is_copied_while_it_runs(self, server: NewServer) -> None:
        sqlite = commands(PAGE, "pg_dump").partition("\n\n")[0]
        server.run(sqlite)
        with closing(sqlite3.connect(server.place / "var/lib/repartee/backup.db")) as copy:
            assert [name for (name,) in copy.execute("select name from access_keys")] == ["laptop"]

    def test_an_upgrade_takes_the_newest_wheel_though_its_number_be_the_same(
        self, server: NewServer
    ) -> None:
        new = server.place / "repartee_voice-0.0.9-py3-none-any.whl"
        new.touch()
        os.utime(new, (new.stat().st_atime, new.stat().st_mtime + 10))
        before = len(server.calls("pip"))
        server.run(commands(PAGE, "systemctl restart").partition("# service\n")[2])
        whole, again = server.calls("pip")[before:]
        assert f"{new.name}[" in whole
        assert again == f"install --no-deps --force-reinstall {new.name}"
        new.unlink()

    def test_caddy_takes_what_is_made_for_it(self, server: NewServer, tmp_path: Path) -> None:
        caddy = needed_program("caddy", package="caddy")
        *made, asked = commands(PAGE, "systemctl reload caddy").splitlines()
        server.run("\n".join(made))
        file = server.place / "etc/caddy/Caddyfile"
        assert "\nvoice.example.org {" in file.read_text()
        subprocess.run(
            [caddy, "validate", "--config", str(file), "--adapter", "caddyfile"],
            env={"HOME": str(tmp_path), "PATH": os.environ["PATH"]},
            check=True,
            capture_output=True,
        )
        assert asked == "curl https://voice.example.org/health"


def test_containers_get_a_name_and_a_password_that_nobody_else_can_read(tmp_path: Path) -> None:
    needed_program("openssl", package="openssl")
    with NewServer(tmp_path) as server:
        server.run(commands(PAGE, "cat > .env"))
        (up, keys) = server.calls("docker")
    assert re.fullmatch(
        r"DOMAIN=voice\.example\.org\nPOSTGRES_PASSWORD=[0-9a-f]{48}\n",
        (tmp_path / ".env").read_text(),
    )
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    assert up == "compose --profile https up -d --build"
    assert keys == "compose exec server repartee keys create laptop"


def test_a_postgresql_is_dumped_and_comes_back(tmp_path: Path) -> None:
    programs = needed_programs()
    dump = commands(PAGE, "pg_dump").partition("containers have it\n")[2]
    with PostgresServer(programs) as postgres:
        socket = re.findall(r"host=(.*)", postgres.url(""))[0]
        reached = {"PGHOST": socket, "PATH": f"{programs}:{os.environ['PATH']}"}
        asked = [shutil.which("psql") or "psql", "-qtA", "-h", socket, "-d"]

        def sql(database: str, user: str, *lines: str) -> str:
            each = [part for line in lines for part in ("-c", line)]
            done = subprocess.run([*asked, database, "-U", user, *each], capture_output=True)
            return done.stdout.decode().strip()

        sql("postgres", "tests", "create role repartee superuser login", "create database repartee")
        sql("repartee", "repartee", "create table said (words text)", "insert into said values (1)")
        with NewServer(tmp_path, **reached) as server:
            save, restore = dump.strip().splitlines()
            server.run(save)
            sql("repartee", "repartee", "delete from said")
            server.run(restore)
        assert sql("repartee", "repartee", "select words from said") == "1"
