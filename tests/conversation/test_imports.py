"""The heart can neither wait nor look at a clock: it has nothing to do it with."""

from __future__ import annotations

import pytest

from tests.imports import imports_of, modules

DATA_MODULES = {"__future__", "collections.abc", "dataclasses", "enum", "msgspec", "re", "typing"}
HEART = modules("repartee.conversation")


def test_the_modules_are_found() -> None:
    assert {"repartee.conversation.conversation", "repartee.conversation.turns"} <= set(HEART)


@pytest.mark.parametrize("module", HEART)
def test_the_conversation_imports_data_modules_and_itself(module: str) -> None:
    foreign = {
        name
        for name in imports_of(module) - DATA_MODULES
        if not f"{name}.".startswith("repartee.conversation.")
    }
    assert foreign == set()
