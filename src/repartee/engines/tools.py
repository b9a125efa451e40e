"""Tools that a model may use: plain Python functions of whoever embeds the house.

A package names its functions in its metadata, and every model that can use tools is offered them:

    [project.entry-points."repartee.tools"]
    "opening_hours" = "my_shop.tools:opening_hours"

A function's name, its docstring and the types of its parameters are what the model is told. It may
be async. What it returns is anything that JSON can say; it has `SECONDS` to do so, and what goes
wrong is told to the model, which then makes the best of it.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from importlib.metadata import entry_points
from typing import Any, get_type_hints

import msgspec

from repartee.engines.blocking import Crew
from repartee.errors import SettingsError

log = logging.getLogger(__name__)

GROUP = "repartee.tools"
SECONDS = 5.0
AT_ONCE = 8
MOST_ANSWER_BYTES = 32_000
"""A model has to read all of it before its next word."""

Function = Callable[..., Any]


class Tool(msgspec.Struct, frozen=True):
    name: str
    description: str
    parameters: Mapping[str, Any]
    """Their JSON schema."""
    arguments: type[msgspec.Struct]
    function: Function


class Tools:
    """`functions` are what is offered; None takes those of all installed packages."""

    def __init__(self, functions: Iterable[Function] | None = None) -> None:
        self._functions = functions
        self._tools: dict[str, Tool] = {}
        self._crew: Crew | None = None

    @property
    def offered(self) -> tuple[Tool, ...]:
        return tuple(self._tools.values())

    async def open(self) -> None:
        if self._crew is not None:
            return
        self._crew = Crew("tools", AT_ONCE)
        try:
            self._tools = await self._crew.run(self._found)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        crew, self._crew = self._crew, None
        if crew is not None:
            await crew.close()

    async def use(self, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """What the model is told about it: `{"result": …}`, or `{"error": …}` in a sentence."""
        tool = self._tools.get(name)
        if tool is None or self._crew is None:
            return {"error": "There is no such tool."}
        try:
            given = msgspec.convert(dict(arguments), tool.arguments)
        except (msgspec.ValidationError, TypeError, ValueError) as wrong:
            return {"error": f"These arguments don't fit: {wrong}."}
        try:
            async with asyncio.timeout(SECONDS):
                result = await _called(tool.function, msgspec.structs.asdict(given), self._crew)
            told = msgspec.json.encode(result)
        except TimeoutError:
            log.warning("The tool %s took longer than %.0f s.", name, SECONDS)
            return {"error": "It takes too long."}
        except Exception as failure:  # a stranger's function may raise anything
            log.warning("The tool %s failed.", name, exc_info=failure)
            return {"error": "It failed."}
        if len(told) > MOST_ANSWER_BYTES:
            log.warning("The tool %s answered with more than a model can read.", name)
            return {"error": "Its answer is too long."}
        return {"result": msgspec.json.decode(told)}

    def _found(self) -> dict[str, Tool]:
        functions = _installed() if self._functions is None else self._functions
        return {tool.name: tool for tool in map(described, functions)}


def described(function: Function) -> Tool:
    """The function as a model sees it."""
    name = getattr(function, "__name__", "")
    try:
        hints = get_type_hints(function)
        parameters = inspect.signature(function).parameters.values()
        fields = [_field(one, hints) for one in parameters]
        arguments = msgspec.defstruct(name, fields, kw_only=True, forbid_unknown_fields=True)
        schema = msgspec.json.schema(arguments)["$defs"][name]
    except (TypeError, ValueError, NameError, KeyError) as wrong:
        raise SettingsError(
            f"The tool “{name}” can't be offered to a model: {wrong}.",
            hint="A tool is a function whose parameters have a name and a type that JSON has.",
        ) from wrong
    told = {key: value for key, value in schema.items() if key != "title"}
    return Tool(name, inspect.getdoc(function) or "", told, arguments, function)


def _field(parameter: inspect.Parameter, hints: Mapping[str, Any]) -> tuple[Any, ...]:
    if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
        raise TypeError(f"*{parameter.name} has no type")
    field = (parameter.name, hints[parameter.name])
    return field if parameter.default is parameter.empty else (*field, parameter.default)


async def _called(function: Function, arguments: Mapping[str, Any], crew: Crew) -> Any:
    if inspect.iscoroutinefunction(function):
        return await function(**arguments)
    return await crew.run(partial(function, **arguments))


def _installed() -> list[Function]:
    functions: list[Function] = []
    for point in entry_points(group=GROUP):
        try:
            functions.append(point.load())
        except Exception as failure:  # whatever goes wrong inside a stranger's module
            raise SettingsError(
                f"The tool of the entry point “{point.name}” can't be loaded:"
                f" {type(failure).__name__}.",
                hint="Reinstall the package that brings it, or remove it.",
            ) from failure
    return functions
