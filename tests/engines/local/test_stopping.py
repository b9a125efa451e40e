"""Computations that are given up in the middle, because nobody waits for them any more."""

import asyncio
import threading
from contextlib import aclosing
from pathlib import Path

import numpy as np
import pytest

from repartee.engines.blocking import Crew, Line
from repartee.engines.local.onnx_session import onnx_session
from repartee.engines.local.stopping import (
    Abandoned,
    look_up,
    look_up_between_layers,
    while_wanted,
    working_for,
)
from tests.engines.onnx_by_hand import network, node

pytestmark = pytest.mark.anyio

NODES = 1_000
"""So many that they take seconds."""


class TestLookingUp:
    def test_what_is_wanted_goes_on(self) -> None:
        with while_wanted(lambda: True):
            look_up()

    def test_what_is_not_is_given_up(self) -> None:
        with pytest.raises(Abandoned), while_wanted(lambda: False):
            look_up()

    def test_what_nobody_asked_about_goes_on(self) -> None:
        with pytest.raises(Abandoned), while_wanted(lambda: False):
            look_up()
        look_up()

    def test_each_thread_looks_for_itself(self) -> None:
        seen: list[str] = []

        def beside() -> None:
            look_up()
            seen.append("went on")

        with while_wanted(lambda: False):
            thread = threading.Thread(target=beside)
            thread.start()
            thread.join(10)
        assert seen == ["went on"]


class Layer:
    """As PyTorch's modules are, as far as they are looked at."""

    def __init__(self, *inner: "Layer") -> None:
        self.inner = inner
        self.hooks: list[object] = []

    def modules(self) -> list["Layer"]:
        return [self, *(deeper for one in self.inner for deeper in one.modules())]

    def children(self) -> tuple["Layer", ...]:
        return self.inner

    def register_forward_pre_hook(self, hook: object) -> None:
        self.hooks.append(hook)


class ModuleList(Layer): ...


class Sequential(Layer): ...


class Bottleneck(Sequential): ...


def test_networks_look_up_where_layers_follow_each_other() -> None:
    leaves = [Layer() for _ in range(4)]
    stacks = [ModuleList(leaves[0]), Sequential(leaves[1]), Bottleneck(leaves[2])]
    whole = Layer(*stacks, leaves[3])
    look_up_between_layers(whole)
    assert [len(leaf.hooks) for leaf in leaves] == [1, 1, 1, 0]
    assert [len(stack.hooks) for stack in stacks] == [0, 0, 0]


class TestOnnx:
    @pytest.fixture
    def long_one(self, tmp_path: Path) -> Path:
        file = tmp_path / "long.onnx"
        nodes = [node("Sin", f"v{at}", f"v{at + 1}") for at in range(NODES)]
        file.write_bytes(network(nodes, ("v0", [1, 1_000_000]), (f"v{NODES}", [1, 1_000_000])))
        return file

    async def test_a_run_is_given_up_when_its_reader_leaves(self, long_one: Path) -> None:
        session = onnx_session(long_one, threads=1)
        crew = Crew("testing", 1)
        how: list[type[BaseException]] = []

        def compute(line: Line[str]) -> None:
            with working_for(line):
                line.put("begun")
                try:
                    session.run(None, {"v0": np.ones((1, 1_000_000), np.float32)})
                except BaseException as ended:
                    how.append(type(ended))

        async with aclosing(crew.stream(compute, room=2, at_end=lambda: None)) as pieces:
            await anext(pieces)
        await asyncio.wait_for(crew.run(lambda: None), 20)
        await crew.close()
        assert how == [Abandoned]

    def test_what_else_goes_wrong_is_told_as_it_is(self, long_one: Path) -> None:
        with pytest.raises(ValueError, match="v0"):
            onnx_session(long_one).run(None, {})

    def test_it_is_otherwise_as_it_was(self, long_one: Path) -> None:
        assert [one.name for one in onnx_session(long_one).get_inputs()] == ["v0"]
