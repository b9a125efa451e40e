"""A small Qwen in Transformers: real loading, real decoding, real caches."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from repartee.engines.llm.token_model import READ_AT_ONCE, Pieces, TokenModel
from repartee.engines.llm.transformers import Transformers
from repartee.engines.protocols import Caller, Message, Sampling
from repartee.errors import EngineFailed, EngineMissing
from repartee.testing.checks import check_responder
from tests.engines.neural import tiny_llm
from tests.engines.neural.needs import needs

pytestmark = [pytest.mark.anyio, *needs("transformers", "transformers", "torch")]

GREEDY = Sampling(max_tokens=24, temperature=0.0)
HELLO = (Message("system", "You are kind."), Message("user", "Hello there!"))


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("models")
    tiny_llm.qwen(folder / "tiny-qwen")
    return str(folder)


@pytest.fixture
async def qwen(models: str) -> AsyncIterator[Transformers]:
    engine = Transformers(model="tiny-qwen", models_dir=models, device="cpu")
    await engine.open()
    yield engine
    await engine.close()


async def reply(
    engine: Transformers, caller: Caller, messages: Sequence[Message], sampling: Sampling = GREEDY
) -> str:
    async with aclosing(engine.respond(caller, messages, sampling)) as pieces:
        return "".join([piece async for piece in pieces])


def tokens_read(monkeypatch: pytest.MonkeyPatch, engine: Transformers) -> list[int]:
    """How many tokens each run of the network is given, from now on."""
    assert engine._opened is not None
    network = engine._opened._model
    forward, counts = network.forward, list[int]()

    def counting(input_ids: Any = None, **rest: Any) -> Any:
        counts.append(input_ids.shape[1])
        return forward(input_ids=input_ids, **rest)

    monkeypatch.setattr(network, "forward", counting)
    return counts


async def test_it_keeps_the_contract(models: str) -> None:
    engine = Transformers(model="tiny-qwen", models_dir=models, device="cpu")
    await check_responder(engine, repeatable=True)


async def test_a_model_is_found_without_its_makers_name(models: str) -> None:
    engine = Transformers(model="somebody/tiny-qwen", models_dir=models, device="cpu")
    await engine.open()
    await engine.close()


class TestWhatWasRead:
    async def test_a_turn_costs_what_is_new_in_it(
        self, qwen: Transformers, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ann = Caller("ann")
        answer = await reply(qwen, ann, HELLO)
        counts = tokens_read(monkeypatch, qwen)
        more = (*HELLO, Message("assistant", answer), Message("user", "And?"))
        await reply(qwen, ann, more)
        new = len("E\nSuser\nAnd?E\nSassistant\n")  # where S and E stand for a token each
        assert counts[0] <= new

    async def test_priming_leaves_little_to_read(
        self, qwen: Transformers, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ann = Caller("ann")
        await qwen.prime(ann, HELLO)
        counts = tokens_read(monkeypatch, qwen)
        await reply(qwen, ann, HELLO)
        assert counts[0] <= len("Sassistant\n")  # where S stands for a token

    async def test_a_reply_is_not_kept_waiting_by_what_is_read_ahead(
        self, qwen: Transformers, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("repartee.engines.llm.token_model.READ_AT_ONCE", 1)
        ann = Caller("ann")
        counts = tokens_read(monkeypatch, qwen)
        ahead = asyncio.ensure_future(qwen.prime(ann, [Message("user", "a long story, " * 60)]))
        while not counts:
            await asyncio.sleep(0.001)
        assert await reply(qwen, ann, HELLO) == await reply(qwen, Caller("fresh"), HELLO)
        await ahead

    async def test_it_changes_nothing_of_what_is_answered(self, qwen: Transformers) -> None:
        fresh = await reply(qwen, Caller("fresh"), HELLO)
        ann = Caller("ann")
        await qwen.prime(ann, (HELLO[0], Message("user", "Hello my dear old friend")))
        await reply(qwen, ann, (HELLO[0], Message("user", "Something else.")))
        assert await reply(qwen, ann, HELLO) == fresh

    async def test_it_is_forgotten_with_the_call(self, qwen: Transformers) -> None:
        ann = Caller("ann")
        await reply(qwen, ann, HELLO)
        qwen.release(ann)
        assert not ann.notes
        assert not qwen._seats

    async def test_it_is_kept_for_the_latest_calls_only(
        self, qwen: Transformers, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("repartee.engines.llm.transformers.MOST_READINGS", 2)
        callers = [Caller(name) for name in ("ann", "bob", "cid")]
        for caller in callers:
            await reply(qwen, caller, HELLO, Sampling(max_tokens=1, temperature=0.0))
        kept = [caller.notes["transformers"].reading is not None for caller in callers]
        assert kept == [False, True, True]


class TestStopping:
    async def test_who_leaves_stops_the_model_within_a_token(
        self, qwen: Transformers, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        counts = tokens_read(monkeypatch, qwen)
        async with aclosing(
            qwen.respond(Caller("ann"), HELLO, Sampling(max_tokens=1_000, temperature=0.0))
        ) as pieces:
            await anext(pieces)
        await qwen.close()  # which waits for the thread
        assert len(counts) < 1_000

    def test_reading_is_given_up_at_a_layer_and_what_was_read_is_kept(self, models: str) -> None:
        model = TokenModel(Path(models) / "tiny-qwen", "cpu", None)
        tokens = list(range(5, 25)) * 20
        looks = 0

        def a_while() -> bool:
            nonlocal looks
            looks += 1
            return looks < 4  # in the middle of the second portion

        reading = model.begin()
        assert not model.read(reading, tokens, a_while)
        assert reading.tokens == tokens[:READ_AT_ONCE]
        assert {layer.get_seq_length() for layer in reading.cache.layers} == {READ_AT_ONCE}
        assert model.read(reading, tokens, lambda: True)
        assert reading.tokens == tokens[:-1]

    async def test_a_reply_ends_at_its_length(self, qwen: Transformers) -> None:
        short = await reply(qwen, Caller("ann"), HELLO, Sampling(max_tokens=5, temperature=0.0))
        long = await reply(qwen, Caller("bob"), HELLO, Sampling(max_tokens=50, temperature=0.0))
        assert len(short) < len(long)
        assert long.startswith(short)


class TestTooLong:
    async def test_older_turns_give_way(self, models: str) -> None:
        engine = Transformers(
            model="tiny-qwen", models_dir=models, device="cpu", context_tokens=200
        )
        await engine.open()
        try:
            talk = [
                Message("user" if number % 2 == 0 else "assistant", f"Turn {number}, long enough.")
                for number in range(21)
            ]
            assert await reply(engine, Caller("ann"), [HELLO[0], *talk])
        finally:
            await engine.close()

    async def test_instructions_beyond_all_bounds_are_refused(self, models: str) -> None:
        engine = Transformers(
            model="tiny-qwen", models_dir=models, device="cpu", context_tokens=200
        )
        await engine.open()
        try:
            with pytest.raises(EngineFailed, match="too long for the model"):
                await reply(engine, Caller("ann"), [Message("system", "x" * 500), HELLO[1]])
        finally:
            await engine.close()


class TestModels:
    async def test_one_that_is_not_there_is_asked_for(self, tmp_path: Path) -> None:
        with pytest.raises(EngineMissing, match=r"“Qwen2\.5-0\.5B-Instruct” .* LLM_MODEL"):
            await Transformers(models_dir=str(tmp_path)).open()

    async def test_one_that_cannot_converse_is_refused(self, tmp_path: Path) -> None:
        tiny_llm.qwen(tmp_path / "base", template=None)
        with pytest.raises(EngineMissing, match="has not learned to converse"):
            await Transformers(model="base", models_dir=str(tmp_path), device="cpu").open()

    async def test_a_device_that_is_not_there_is_named(self, models: str) -> None:
        with pytest.raises(EngineMissing, match=r"“toaster” can't be used here. There is: .*cpu"):
            await Transformers(model="tiny-qwen", models_dir=models, device="toaster").open()


def test_half_of_a_character_is_not_shown(models: str) -> None:
    import torch

    model = TokenModel(Path(models) / "tiny-qwen", "cpu", None)
    told: list[str] = []

    def hand_out(piece: str) -> bool:
        told.append(piece)
        return True

    pieces = Pieces(model._tokenizer, hand_out)
    pieces.put(torch.tensor([[1, 2]]))  # the prompt
    for token in model._tokenizer("aé🙂", add_special_tokens=False)["input_ids"]:
        pieces.put(torch.tensor([token]))
    pieces.end()
    assert [piece for piece in told if piece] == ["a", "é", "🙂"]
