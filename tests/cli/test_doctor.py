"""`repartee doctor` tries everything, and says what works and what doesn't."""

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from repartee.cli import checks
from repartee.settings import Settings
from tests.cli.conftest import SCRIPTED, Run

ENGINES = {"tts", "stt", "vad", "llm"}


@pytest.fixture(autouse=True)
def quiet_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "usable_cores", lambda: 4)
    monkeypatch.setattr(checks, "free_memory_bytes", lambda: 8_000_000_000)
    monkeypatch.setattr("os.getloadavg", lambda: (0.0, 0.0, 0.0))


@pytest.fixture
def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return str(server.getsockname()[1])


def examined(run: Run, code: int, **env: str) -> dict[str, dict[str, Any]]:
    result = run("doctor", "--json", **env)
    assert result.exit_code == code, result.output
    report = json.loads(result.stdout)
    assert report["healthy"] is (code == 0)
    return {finding["check"]: finding for finding in report["checks"]}


class TestHealthy:
    def test_every_part_is_tried(self, run: Run, free_port: str) -> None:
        found = examined(run, 0, PORT=free_port, **SCRIPTED)
        assert found.keys() == ENGINES | {"machine", "port"}
        assert "free" in found["port"]["words"]
        assert "You said: What is the capital of France?" in found["llm"]["words"]
        assert found["vad"]["verdict"] == "works"

    def test_it_is_said_in_words(self, run: Run, free_port: str) -> None:
        result = run("doctor", PORT=free_port, **SCRIPTED)
        assert result.exit_code == 0
        assert "works    machine  Python" in result.stdout
        assert result.stdout.endswith("Everything that is needed works: repartee serve --open\n")

    def test_hearing_something_else_asks_for_care(self, run: Run, free_port: str) -> None:
        stt = examined(run, 0, PORT=free_port, **SCRIPTED)["stt"]
        assert stt["verdict"] == "careful"
        assert "Hello, can you hear me?" in stt["words"]

    @pytest.mark.engines
    def test_the_embedded_engines_understand_each_other(self, run: Run, free_port: str) -> None:
        found = examined(run, 0, PORT=free_port)
        assert all(found[check]["verdict"] != "broken" for check in found)
        assert "the weather like" in found["stt"]["words"]
        assert found["vad"]["figures"]["speech"] > 0.9
        assert found["vad"]["figures"]["silence"] < 0.1
        assert found["llm"]["figures"]["tokens_per_second"] > 0


class TestBroken:
    def test_a_port_that_is_taken(self, run: Run) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            found = examined(run, 1, PORT=str(port), **SCRIPTED)
        assert found["port"]["verdict"] == "broken"
        assert f"127.0.0.1:{port}" in found["port"]["words"]
        assert "choose another with PORT" in found["port"]["words"]

    @pytest.mark.parametrize(
        ("says", "verdict"),
        [(b'{"status":"healthy","places":{"free":9}}', "works"), (b"", "broken")],
    )
    def test_but_not_if_it_is_repartee_that_has_it(self, says: bytes, verdict: str) -> None:
        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.end_headers()
                self.wfile.write(says)

            def log_message(self, *_: object) -> None:
                """Nobody wants to read it."""

        with HTTPServer(("127.0.0.1", 0), Answer) as server:
            answering = threading.Thread(target=server.handle_request)
            answering.start()
            finding = checks.check_port(Settings(port=server.server_port))
            answering.join()
        assert finding.verdict == verdict

    def test_a_host_that_is_not_here(self) -> None:
        finding = checks.check_port(Settings(host="203.0.113.1"))
        assert finding.verdict == "broken"

    def test_one_broken_engine_does_not_hide_the_others(self, run: Run, free_port: str) -> None:
        found = examined(run, 1, PORT=free_port, **{**SCRIPTED, "LLM": "oracle"})
        assert found["llm"]["verdict"] == "broken"
        assert found["llm"]["words"].startswith("LLM is 'oracle', but must be llamacpp, ")
        assert found["tts"]["verdict"] == found["vad"]["verdict"] == "works"

    def test_without_a_voice_nothing_can_be_heard(self, run: Run, free_port: str) -> None:
        found = examined(run, 1, PORT=free_port, **{**SCRIPTED, "TTS": "gramophone"})
        assert found["tts"]["verdict"] == "broken"
        assert found["stt"]["verdict"] == found["vad"]["verdict"] == "careful"
        assert found["llm"]["verdict"] == "works"

    @pytest.mark.parametrize(
        ("script", "check", "words"),
        [
            ("[stt]\ntranscripts = ['']", "stt", "heard nothing"),
            ("[voice]\nspeech_dbfs = 0", "vad", "takes speech for silence"),
            ("[llm]\nreplies = ['']", "llm", "empty answer"),
            ("[llm]\nfail_after_tokens = 1", "llm", "failed"),
            ("[tts]\nfail_after_pieces = 0", "tts", "failed"),
        ],
    )
    def test_an_engine_that_does_not_do_its_work(
        self, run: Run, free_port: str, tmp_path: Path, script: str, check: str, words: str
    ) -> None:
        (tmp_path / "script.toml").write_text(script)
        found = examined(run, 1, PORT=free_port, SCRIPT="script.toml", **SCRIPTED)
        assert found[check]["verdict"] == "broken"
        assert words in found[check]["words"]

    def test_a_fault_of_ours_is_a_finding_too(
        self, run: Run, free_port: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(checks, "responder", lambda settings: 1 / 0)
        found = examined(run, 1, PORT=free_port, **SCRIPTED)
        assert "ZeroDivisionError" in found["llm"]["words"]


class TestMachine:
    def test_a_good_one(self) -> None:
        finding = checks.check_machine()
        assert finding.verdict == "works"
        assert finding.words.endswith("4 cores, 8.0 GB of memory free.")

    def test_one_core_asks_for_care(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(checks, "usable_cores", lambda: 0.5)
        assert checks.check_machine().verdict == "careful"

    def test_little_memory_asks_for_care(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(checks, "free_memory_bytes", lambda: 500_000_000)
        assert "little memory" in checks.check_machine().words

    def test_a_busy_one_asks_for_care(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("os.getloadavg", lambda: (9.0, 0.0, 0.0))
        assert "Other programs" in checks.check_machine().words
