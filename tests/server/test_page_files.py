"""The page is whole: it needs no other host, and works under a policy that forbids inline code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

import repartee.server

PAGE = Path(repartee.server.__file__).parent / "page"
SCRIPTS = sorted(PAGE.glob("*.js"))
IMPORT = re.compile(r"""(?:from|^import|new URL\()\s*["'](?P<path>[^"']+)["']""", re.MULTILINE)
ELEMENT = re.compile(r"""element\(["'](?P<id>[\w-]+)["']\)""")


class Document(HTMLParser):
    """What `index.html` says about itself."""

    def __init__(self) -> None:
        super().__init__()
        self.references: list[str] = []
        self.ids: list[str] = []
        self.labelled: list[str] = []
        self.fields: list[str] = []
        self.inline: list[str] = []
        self._within = ""
        self.feed((PAGE / "index.html").read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._within = tag
        self.ids += [given["id"]] if "id" in given else []
        self.references += [given[name] for name in ("src", "href") if name in given]
        self.inline += [name for name in given if name == "style" or name.startswith("on")]
        if tag == "label":
            self.labelled.append(given["for"])
        if tag in ("input", "select", "textarea"):
            self.fields.append(given["id"])

    def handle_data(self, data: str) -> None:
        if self._within in ("script", "style") and data.strip():
            self.inline.append(self._within)

    def handle_endtag(self, tag: str) -> None:
        self._within = ""


@pytest.fixture(scope="module")
def document() -> Document:
    return Document()


def imports(script: Path) -> Iterator[str]:
    for found in IMPORT.finditer(script.read_text(encoding="utf-8")):
        yield found["path"]


def test_everything_the_page_refers_to_is_one_of_its_own_files(document: Document) -> None:
    files = [ref for ref in document.references if not ref.startswith(("#", "data:"))]
    assert {"/page/style.css", "/page/page.js"} <= set(files)
    for reference in files:
        assert reference.startswith("/page/"), reference
        assert (PAGE / reference.removeprefix("/page/")).is_file(), reference


def test_every_link_within_the_page_has_its_target(document: Document) -> None:
    targets = [ref.removeprefix("#") for ref in document.references if ref.startswith("#")]
    assert targets
    assert set(targets) <= set(document.ids)


def test_there_is_no_inline_script_style_or_handler(document: Document) -> None:
    assert document.inline == []


def test_ids_are_unique_and_every_field_has_a_label(document: Document) -> None:
    assert len(document.ids) == len(set(document.ids))
    assert document.fields
    assert set(document.fields) <= set(document.labelled)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_scripts_import_only_files_beside_them(script: Path) -> None:
    for path in imports(script):
        assert path.startswith("./"), path
        assert (PAGE / path).is_file(), path


def test_every_script_is_reached_from_the_page() -> None:
    reached: set[Path] = set()
    waiting = [PAGE / "page.js"]
    while waiting:
        script = waiting.pop()
        if script not in reached:
            reached.add(script)
            waiting += [PAGE / path for path in imports(script)]
    assert {script.name for script in reached} == {script.name for script in SCRIPTS}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_scripts_do_nothing_that_the_policy_forbids(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    for forbidden in ("eval(", "new Function", "innerHTML", "insertAdjacentHTML", "document.write"):
        assert forbidden not in text, forbidden


@pytest.mark.parametrize("file", sorted(PAGE.iterdir()), ids=lambda file: file.name)
def test_no_file_names_another_host(file: Path) -> None:
    assert not re.search(r"(?:https?:|wss?:)?//[\w-]+\.\w", file.read_text(encoding="utf-8"))


def test_every_element_the_scripts_ask_for_is_on_the_page(document: Document) -> None:
    asked = {
        found["id"]
        for script in SCRIPTS
        for found in ELEMENT.finditer(script.read_text(encoding="utf-8"))
    }
    assert "talk" in asked
    assert asked <= set(document.ids)
