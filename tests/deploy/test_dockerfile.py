"""The image: built from what is there, small, not run by root, and asked if it lives."""

from __future__ import annotations

import fnmatch
import json
import re
import tomllib

import pytest

from tests.deploy.files import ROOT, instructions, stages, text

LAST = stages()[-1]


def arguments(word: str, stage: list[tuple[str, str]] | None = None) -> list[str]:
    return [rest for name, rest in stage or instructions() if name == word]


def copied_from_here() -> list[str]:
    """What is copied out of the folder, and not out of another stage."""
    copies = [rest.split() for rest in arguments("COPY") if "--from" not in rest]
    return [source for *sources, _ in copies for source in sources]


def is_left_out(path: str) -> bool:
    """Whether .dockerignore keeps it from the builder: the last line that matches counts."""
    left_out = False
    for line in text(".dockerignore").splitlines():
        if not line or line.startswith("#"):
            continue
        pattern = line.removeprefix("!")
        if any(fnmatch.fnmatch(part, pattern) for part in (path, path.split("/")[0])):
            left_out = not line.startswith("!")
    return left_out


@pytest.mark.parametrize("source", copied_from_here())
def test_what_is_copied_is_there_and_reaches_the_builder(source: str) -> None:
    assert (ROOT / source).exists()
    assert not is_left_out(source)


@pytest.mark.parametrize("path", [".env", ".git", "repartee.db", "recordings", "tests"])
def test_nothing_private_and_nothing_needless_reaches_the_builder(path: str) -> None:
    assert is_left_out(path)


def test_every_stage_that_is_copied_from_has_a_name() -> None:
    named = set(re.findall(r" AS (\w+)", "\n".join(arguments("FROM"))))
    used = set(re.findall(r"--from=(\w+)", "\n".join(arguments("COPY"))))
    assert used == named


def test_it_is_not_run_by_root() -> None:
    words = [word for word, _ in LAST]
    assert arguments("USER", LAST) == ["repartee"]
    assert words.index("USER") < words.index("ENTRYPOINT")
    assert "--uid 10001" in " ".join(arguments("RUN", LAST))


def test_its_data_is_a_volume_that_it_may_write_to() -> None:
    assert arguments("VOLUME", LAST) == arguments("WORKDIR", LAST) == ["/data"]
    assert "--home-dir /data --create-home" in " ".join(arguments("RUN", LAST))


def test_it_is_asked_if_it_lives_with_what_is_in_it() -> None:
    (check,) = arguments("HEALTHCHECK", LAST)
    command = json.loads(check.partition("CMD ")[2])
    assert command == ["python", "-m", "repartee.server.alive"]
    assert "curl" not in text("Dockerfile")


def test_compilers_and_caches_stay_behind() -> None:
    for command in arguments("RUN"):
        if "pip" in command and "install" in command:
            assert "--no-cache-dir" in command
        if "apt-get install" in command:
            assert "--no-install-recommends" in command
            assert "rm -rf /var/lib/apt/lists/*" in command


def test_it_has_what_make_run_has() -> None:
    model = re.search(r"^MODEL := (\S+)$", text("Makefile"), re.MULTILINE)
    assert model is not None
    assert f"--no-deps {model[1]}" in text("Dockerfile")
    assert "-c constraints.txt" in text("Dockerfile")


def test_its_extras_exist() -> None:
    project = tomllib.loads(text("pyproject.toml"))["project"]
    extras = next(rest for rest in arguments("ARG") if rest.startswith("EXTRAS="))
    wanted = extras.removeprefix("EXTRAS=").split(",")
    assert "embedded" in wanted
    assert set(wanted) <= set(project["optional-dependencies"])


def test_node_and_python_are_of_one_version_and_new_enough() -> None:
    """An image that is built again is built of the same."""
    needed = json.loads(text("web/package.json"))["engines"]["node"].removeprefix(">=")
    (node,) = re.findall(r"^node:([\d.]+)-\w+-slim AS", "\n".join(arguments("FROM")), re.MULTILINE)
    assert numbers(node) >= numbers(needed)
    (python,) = re.findall(r"^PYTHON=([\d.]+)-slim-\w+$", "\n".join(arguments("ARG")), re.MULTILINE)
    assert numbers(python) >= (3, 11)
    for version in (node, python):
        assert len(numbers(version)) == 3, "a shorter one is another tomorrow"
    others = {rest.split()[0] for rest in arguments("FROM")} - {"python:${PYTHON}"}
    assert others == {f"node:{node}-bookworm-slim"}


def numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def test_all_that_pip_fetches_is_of_a_known_version() -> None:
    for command in arguments("RUN"):
        if "pip" in command and "install" in command:
            assert "-c constraints.txt" in command or re.search(r"\S+==\S+", command), command
        if "pip wheel" in command:
            assert "--no-deps --no-build-isolation" in command
    build = tomllib.loads(text("pyproject.toml"))["build-system"]["requires"]
    names = [re.split(r"[<>=~ ]", one)[0] for one in build]
    assert any(
        command.endswith(f"constraints.txt {' '.join(names)}") for command in arguments("RUN")
    )


def test_what_is_compiled_with_is_not_in_the_last_stage() -> None:
    installed = " ".join(arguments("RUN", LAST))
    assert not re.search(r"\b(gcc|g\+\+|make|cmake|build-essential|git|node|npm|pip)\b", installed)
    (copied,) = arguments("COPY", LAST)
    assert copied == "--from=environment /opt/repartee /opt/repartee"
