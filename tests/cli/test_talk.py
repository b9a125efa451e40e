"""`repartee talk`: what it says where there is nobody, or nothing, to talk with."""

from pathlib import Path

import numpy as np
import pytest

from repartee.audio.wav import wav_bytes
from repartee.errors import ReparteeError
from repartee.talking import aloud, by_file, devices
from tests.cli.conftest import Run

NOBODY = "ws://127.0.0.1:1/ws"
OURS = "a-key-of-our-own"


@pytest.fixture
def hello(tmp_path: Path) -> Path:
    file = tmp_path / "hello.wav"
    file.write_bytes(wav_bytes(np.ones(16_000, np.int16), 16_000))
    return file


def test_without_a_server_it_says_how_to_start_one(run: Run, hello: Path) -> None:
    result = run("talk", "--wav", str(hello), "--url", NOBODY)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f"No server answers at {NOBODY}. "
        "Start one with: repartee serve (or name another with --url).\n"
    )


@pytest.mark.parametrize(
    ("args", "env", "url", "key"),
    [
        ((), {}, "ws://localhost:8000/ws", ""),
        ((), {"PORT": "9000"}, "ws://localhost:9000/ws", ""),
        ((), {"REPARTEE_URL": "https://example.org"}, "wss://example.org/ws", ""),
        (("--url", "gpu:8000"), {"REPARTEE_URL": "x"}, "ws://gpu:8000/ws", ""),
        ((), {"REPARTEE_KEY": "rk_mine", "API_KEYS": OURS}, "ws://localhost:8000/ws", "rk_mine"),
        ((), {"API_KEYS": f"{OURS},{OURS}2"}, "ws://localhost:8000/ws", OURS),
        (("--url", "gpu:8000"), {"API_KEYS": OURS}, "ws://gpu:8000/ws", ""),
    ],
)
def test_which_server_is_talked_with_and_what_it_is_shown(
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    args: tuple[str, ...],
    env: dict[str, str],
    url: str,
    key: str,
) -> None:
    called: list[tuple[object, ...]] = []

    async def note(*given: object) -> None:
        called.append(given)

    monkeypatch.setattr(aloud, "talk_aloud", note)
    assert run("talk", *args, **env).exit_code == 0
    assert called == [(url, devices.Choice(), key)]


def test_what_is_wished_stands_in_the_address(
    run: Run, monkeypatch: pytest.MonkeyPatch, hello: Path
) -> None:
    called: list[object] = []

    async def note(url: str, recording: object, *, fast: bool, key: str) -> bytes:
        called.extend((url.partition("?")[2], fast))
        return b"both sides"

    monkeypatch.setattr(by_file, "talk_by_file", note)
    out = hello.with_name("out.wav")
    result = run(
        "talk", "--wav", str(hello), "--out", str(out), "--fast", "--voice", "bm", "--persona", "x"
    )
    assert result.exit_code == 0
    assert called == ["persona=x&voice=bm", True]
    assert out.read_bytes() == b"both sides"


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("--url", "ftp://x"), "is no address of a server"),
        (("--out", "x.wav"), "--out and --fast go with --wav"),
        (("--fast",), "--out and --fast go with --wav"),
        (("--wav", "none.wav"), "none.wav can't be read: No such file or directory."),
    ],
)
def test_what_can_not_be_done_is_said(run: Run, args: tuple[str, ...], sentence: str) -> None:
    result = run("talk", *args)
    assert result.exit_code in (1, 2)
    assert sentence in result.stderr
    assert result.stderr.count("\n") == 1


def test_without_portaudio_it_says_what_to_install(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> object:
        raise ReparteeError("Talking needs the library PortAudio.")

    monkeypatch.setattr(devices, "portaudio", missing)
    result = run("talk", "--url", NOBODY)
    assert (result.exit_code, result.stderr) == (1, "Talking needs the library PortAudio.\n")


def test_goodbye_by_control_c_is_no_failure(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def goodbye(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(aloud, "talk_aloud", goodbye)
    assert run("talk").exit_code == 0
