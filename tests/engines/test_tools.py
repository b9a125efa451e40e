"""Functions as tools: what a model is told of them, and what comes of calling them."""

from collections.abc import AsyncIterator, Callable
from importlib.metadata import EntryPoint
from typing import Any, Literal

import pytest

from repartee.engines import tools as tools_module
from repartee.engines.tools import MOST_ANSWER_BYTES, Tools, described
from repartee.errors import SettingsError

pytestmark = pytest.mark.anyio


def add(first: int, second: int = 1) -> int:
    """The sum."""
    return first + second


async def weather(place: str, unit: Literal["C", "F"] = "C") -> str:
    return f"21 {unit} in {place}"


def broken() -> None:
    raise RuntimeError("a secret of the house")


def endless() -> str:
    return "x" * MOST_ANSWER_BYTES


def unspeakable() -> object:
    return object()


def untyped(place):  # type: ignore[no-untyped-def]
    return place


def of_any_kind(*places: str) -> str:
    return "".join(places)


@pytest.fixture
async def tools() -> AsyncIterator[Tools]:
    tools = Tools([add, weather, broken, endless, unspeakable])
    await tools.open()
    yield tools
    await tools.close()


@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        ("add", {"first": 2, "second": 3}, {"result": 5}),
        ("add", {"first": 2}, {"result": 3}),
        ("weather", {"place": "Rome", "unit": "F"}, {"result": "21 F in Rome"}),
        ("broken", {}, {"error": "It failed."}),
        ("endless", {}, {"error": "Its answer is too long."}),
        ("unspeakable", {}, {"error": "It failed."}),
        ("nobody", {}, {"error": "There is no such tool."}),
    ],
)
async def test_what_comes_of_it(
    tools: Tools, name: str, arguments: dict[str, Any], told: dict[str, Any]
) -> None:
    assert await tools.use(name, arguments) == told


@pytest.mark.parametrize("arguments", [{}, {"first": "two"}, {"first": 1, "third": 3}])
async def test_arguments_that_do_not_fit_are_not_tried(
    tools: Tools, arguments: dict[str, Any]
) -> None:
    assert (await tools.use("add", arguments))["error"].startswith("These arguments don't fit")


def test_a_choice_is_told_as_one() -> None:
    assert described(weather).parameters["properties"]["unit"]["enum"] == ["C", "F"]


@pytest.mark.parametrize("function", [untyped, of_any_kind])
def test_a_function_that_no_model_could_call_is_refused(function: Callable[..., Any]) -> None:
    with pytest.raises(SettingsError, match="can't be offered to a model"):
        described(function)


async def test_those_of_installed_packages_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    here = EntryPoint("add", "tests.engines.test_tools:add", tools_module.GROUP)
    monkeypatch.setattr(tools_module, "entry_points", lambda group: [here])
    tools = Tools()
    await tools.open()
    assert [tool.name for tool in tools.offered] == ["add"]
    await tools.close()


async def test_one_that_can_not_be_loaded_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = EntryPoint("gone", "tests.engines.test_tools:gone", tools_module.GROUP)
    monkeypatch.setattr(tools_module, "entry_points", lambda group: [gone])
    with pytest.raises(SettingsError, match="“gone” can't be loaded: AttributeError"):
        await Tools().open()
