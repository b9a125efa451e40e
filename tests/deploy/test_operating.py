"""The page about operating: settings, figures, files and profiles that it names are there."""

from __future__ import annotations

import re

import pytest
import yaml

from tests.deploy.files import ROOT, SETTINGS, compose, text
from tests.server.open_house import asking, open_house

PAGE = text("docs/operate.md")
NO_SETTINGS_OF_OURS = {
    "COMPOSE_PROFILES",
    "DOMAIN",
    "POSTGRES_PASSWORD",
    "OTEL_EXPORTER_OTLP_HEADERS",
}


def test_the_settings_that_it_names_exist() -> None:
    in_a_row = re.findall(r"`([A-Z][A-Z0-9_]{2,})(?:=[^`]*)?`", PAGE)
    in_files = re.findall(r"^([A-Z][A-Z0-9_]+)=", PAGE, re.MULTILINE)
    assert {*in_a_row, *in_files} - SETTINGS <= NO_SETTINGS_OF_OURS


@pytest.mark.parametrize("path", sorted(set(re.findall(r"\]\(([^)#:]+)", PAGE))))
def test_what_it_leads_to_is_there(path: str) -> None:
    assert (ROOT / "docs" / path).exists()


@pytest.mark.parametrize("page", sorted(path.name for path in (ROOT / "docs").glob("*.md")))
def test_nobody_is_sent_to_the_package_index_for_it(page: str) -> None:
    """What bears our name there is somebody else's program."""
    by_name = r"pip install[^`#\n]*\s['\"]?repartee(?:\[|['\"\s`])"
    assert not re.search(by_name, text(f"docs/{page}"))


def test_the_profiles_that_it_names_are_those_of_compose() -> None:
    table = PAGE.partition("| profile |")[2].partition("\n\n")[0]
    named = set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE))
    there = {p for service in compose()["services"].values() for p in service.get("profiles", ())}
    assert named == there


def test_what_it_says_of_prometheus_is_yaml() -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    (job,) = yaml.safe_load(example)["scrape_configs"]
    assert job["job_name"] == "repartee"


@pytest.mark.anyio
async def test_the_figures_that_it_names_exist_and_none_is_missing() -> None:
    async with open_house() as house, asking(house) as client:
        page = (await client.get("/metrics")).text
    there = set(re.findall(r"^# TYPE (\w+)", page, re.MULTILINE))
    ours = {name for name in there if name.startswith("repartee_")}
    named: set[str] = set()
    for row in re.findall(r"^\| (`(?:repartee|process)_[^|]*) \|", PAGE, re.MULTILINE):
        first = ""
        for name in re.findall(r"`(\w+)`", row):
            # In a row only the first is written out: _ended_total stands beside its whole name.
            first = first if name.startswith("_") else name
            candidates = {one for one in there if one.endswith(name)} if name != first else {name}
            named |= candidates
    assert named - there == set()
    assert ours - named == set()
