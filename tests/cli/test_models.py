"""`repartee models`: what is known and here, and how it comes and goes."""

import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from repartee.cli.progress import Progress
from repartee.models.known import find
from repartee.models.model import Model
from tests.cli.conftest import Run
from tests.models.hub import Hub, running

NAME = "moonshine/tiny-streaming-en"


@pytest.fixture
def hub() -> Iterator[Hub]:
    """A mirror that has one model, as small files."""
    with running() as hub:
        for file in tiny().files:
            hub.files[f"/{file.url.removeprefix('https://')}"] = file.name.encode() * 100
        yield hub


def tiny() -> Model:
    model = find(NAME)
    assert model is not None
    return model


@pytest.fixture
def pulled(run: Run, hub: Hub) -> Hub:
    assert run("models", "pull", NAME, MODELS_MIRROR=hub.url).exit_code == 0
    return hub


class TestPulling:
    def test_a_model_comes_and_is_listed(self, run: Run, hub: Hub) -> None:
        result = run("models", "pull", NAME, MODELS_MIRROR=hub.url)
        assert result.exit_code == 0, result.output
        assert f"{NAME}, about 45 MB, licence: MIT" in result.stderr
        assert f"{NAME} is here now, in models/{NAME}.\n" in result.stderr
        assert "tokenizer.bin: not verified, for nobody publishes its checksum" in result.stderr
        listed = run("models", "list", "--here").stdout
        assert listed.startswith(f"here  {NAME}")
        assert len(listed.splitlines()) == 1

    def test_its_folder_can_be_asked_for(self, run: Run, pulled: Hub, tmp_path: Path) -> None:
        place = Path(run("models", "path", NAME).stdout.strip())
        assert place == tmp_path / "models" / NAME
        assert {file.name for file in place.iterdir()} == set(tiny().yields)

    def test_another_folder_can_be_named(self, run: Run, hub: Hub, tmp_path: Path) -> None:
        run("models", "pull", NAME, "--models-dir", "elsewhere", MODELS_MIRROR=hub.url)
        assert (tmp_path / "elsewhere" / NAME / "encoder.ort").is_file()

    def test_what_is_here_is_said(self, run: Run, pulled: Hub) -> None:
        assert f"{NAME} is here already." in run("models", "pull", NAME).stderr

    def test_a_name_that_nobody_knows(self, run: Run) -> None:
        result = run("models", "pull", "moonshin/tiny-streaming-en")
        assert result.exit_code == 1
        assert f"Did you mean {NAME}" in result.stderr

    def test_a_name_that_is_like_none(self, run: Run) -> None:
        result = run("models", "pull", "xyzzy")
        assert "repartee models list shows those that are" in result.stderr

    def test_offline_nothing_is_asked_for(self, run: Run, hub: Hub) -> None:
        result = run("models", "pull", NAME, MODELS_MIRROR=hub.url, MODELS_OFFLINE="true")
        assert result.exit_code == 1
        assert "MODELS_OFFLINE forbids" in result.stderr
        assert hub.asked == []

    def test_an_address_that_is_none_is_a_wrong_setting(self, run: Run) -> None:
        result = run("models", "pull", NAME, MODELS_MIRROR="ftp://copies.lan")
        assert result.exit_code == 2
        assert "must be an address that begins with http:// or https://" in result.stderr


class TestRemoving:
    def test_a_model_goes(self, run: Run, pulled: Hub) -> None:
        assert run("models", "remove", NAME).stdout == f"{NAME} is removed.\n"
        assert run("models", "remove", NAME).stdout == f"{NAME} was not here.\n"
        gone = run("models", "path", NAME)
        assert gone.exit_code == 1
        assert f"repartee models pull {NAME}" in gone.stderr

    def test_what_somebody_laid_down_is_left_to_them(self, run: Run, tmp_path: Path) -> None:
        folder = tmp_path / "models" / tiny().title
        folder.mkdir(parents=True)
        for part in tiny().yields:
            (folder / part).touch()
        assert "delete models/tiny-streaming-en by hand" in run("models", "remove", NAME).stdout
        assert folder.is_dir()


class TestListing:
    def test_all_that_are_known(self, run: Run) -> None:
        listed = run("models", "list").stdout
        assert "whisper/base " in listed
        assert "kokoro/kokoro " in listed

    def test_those_of_one_engine(self, run: Run) -> None:
        rows = run("models", "list", "kokoro").stdout.splitlines()
        assert rows
        assert all(row.strip().startswith("kokoro/") for row in rows)

    def test_an_engine_without_models(self, run: Run) -> None:
        result = run("models", "list", "espeak")
        assert result.exit_code == 1
        assert "There are: faster-whisper, " in result.stderr

    def test_for_programs(self, run: Run, pulled: Hub) -> None:
        told = json.loads(run("models", "list", "moonshine", "--json").stdout)
        one = next(model for model in told if model["name"] == NAME)
        assert one["here"] is True
        assert one["bytes"] == sum(len(file.name) * 100 for file in tiny().files)
        assert one["licence"] == "MIT"
        assert one["verified"] is False
        [part] = [file for file in one["files"] if file["name"] == "tokenizer.bin"]
        assert part["source"].startswith("https://download.moonshine.ai/")
        assert part["sha256"] == hashlib.sha256(b"tokenizer.bin" * 100).hexdigest()
        assert (part["verified"], part["published"]) == (False, None)

    def test_whether_it_is_verified_and_where_it_is_from(self, run: Run, pulled: Hub) -> None:
        [row] = run("models", "list", "--here").stdout.splitlines()
        assert row.endswith("not verified, MIT, from https://github.com/moonshine-ai/moonshine")

    def test_a_voice_that_is_known_by_its_name_alone(self, run: Run, tmp_path: Path) -> None:
        folder = tmp_path / "models" / "piper" / "uk_UA-lada-low"
        folder.mkdir(parents=True)
        for suffix in (".onnx", ".onnx.json"):
            (folder / f"uk_UA-lada-low{suffix}").touch()
        assert "piper/uk_UA-lada-low" in run("models", "list", "--here").stdout

    def test_none_is_here(self, run: Run) -> None:
        assert run("models", "list", "--here").stdout.startswith("No model is here yet")

    def test_the_folder_itself(self, run: Run, tmp_path: Path) -> None:
        assert run("models", "path").stdout.strip() == str(tmp_path / "models")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class TestProgress:
    def test_a_terminal_shows_one_line_that_grows(self) -> None:
        screen = Terminal()
        shown = Progress(screen)
        shown.fetches("model.bin", 0, 10_000_000)
        shown.fetches("model.bin", 10_000_000, 10_000_000)
        assert "[........................] 0.0 MB of 10.0 MB" in screen.getvalue()
        assert screen.getvalue().endswith("[########################] 10.0 MB of 10.0 MB\n")

    def test_elsewhere_a_large_file_has_a_line_now_and_then(self) -> None:
        lines = io.StringIO()
        shown = Progress(lines)
        for have in range(0, 100_000_001, 1_000_000):
            shown.fetches("model.bin", have, 100_000_000)
        assert len(lines.getvalue().splitlines()) == 5
        assert "\r" not in lines.getvalue()

    def test_and_a_small_one_has_none(self) -> None:
        lines = io.StringIO()
        Progress(lines).fetches("config.json", 10, 10)
        assert lines.getvalue() == ""

    def test_a_length_that_nobody_knows_is_left_out(self) -> None:
        screen = Terminal()
        Progress(screen).fetches("model.zip", 2_000_000, None)
        assert screen.getvalue().endswith("model.zip 2.0 MB")
