"""Gemini, over its own wire."""

from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from repartee.engines.llm.gemini import Gemini
from repartee.engines.protocols import Caller, Message, Sampling
from repartee.errors import (
    EngineBusy,
    EngineError,
    EngineFailed,
    EngineLocked,
    EngineNonsense,
    EngineTimeout,
    RequestDeclined,
    RequestRefused,
)
from repartee.testing.checks import check_responder, check_troubles
from repartee.testing.standins import StandIn, Trouble
from repartee.testing.standins.gemini import GeminiWire
from tests.engines.remote.impatience import CALM, IMPATIENT

pytestmark = pytest.mark.anyio

KEY = "AIza-test"
HELLO = (Message("system", "Be brief."), Message("user", "Hello."))
REPLY = "You said: Hello."


@pytest.fixture
def wire() -> GeminiWire:
    return GeminiWire(key=KEY)


@pytest.fixture
async def server(wire: GeminiWire) -> AsyncIterator[StandIn]:
    async with StandIn(wire) as server:
        yield server


@pytest.fixture
async def model(server: StandIn) -> AsyncIterator[Gemini]:
    engine = gemini(server)
    await engine.open()
    yield engine
    await engine.close()


def gemini(server: StandIn, **more: object) -> Gemini:
    settings = {"base_url": f"{server.url}/v1beta", "api_key": KEY, "patience": CALM, **more}
    return Gemini(**settings)  # type: ignore[arg-type]


async def reply(
    model: Gemini, messages: tuple[Message, ...] = HELLO, sampling: Sampling | None = None
) -> str:
    stream = model.respond(Caller("ann"), messages, sampling or Sampling())
    async with aclosing(stream):
        return "".join([piece async for piece in stream])


async def failure(model: Gemini) -> EngineError:
    with pytest.raises(EngineError) as raised:
        await reply(model)
    return raised.value


async def test_it_keeps_the_contract(server: StandIn) -> None:
    await check_responder(gemini(server), repeatable=True)


async def test_it_keeps_its_head_in_every_trouble() -> None:
    await check_troubles(
        lambda: GeminiWire(key=KEY),
        lambda server, patience, key: gemini(server, api_key=key, patience=patience),
        key=KEY,
        key_setting="GEMINI_API_KEY",
    )


async def test_the_conversation_and_the_wishes_are_sent(server: StandIn, model: Gemini) -> None:
    said = (*HELLO, Message("assistant", "Hi."), Message("user", "And?"), Message("user", "Go."))
    await reply(model, said, Sampling(max_tokens=50, temperature=0.3, top_p=0.9))
    heard = server.asked[0]
    assert heard.path == "/v1beta/models/gemini-2.5-flash:streamGenerateContent"
    assert KEY not in heard.query
    assert heard.json() == {
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
        "contents": [
            {"role": "user", "parts": [{"text": "Hello."}]},
            {"role": "model", "parts": [{"text": "Hi."}]},
            {"role": "user", "parts": [{"text": "And?\nGo."}]},
        ],
        "generationConfig": {
            "maxOutputTokens": 50,
            "temperature": 0.3,
            "topP": 0.9,
            "thinkingConfig": {"thinkingBudget": 0},
        },
    }


@pytest.mark.parametrize(
    ("name", "thinking"),
    [
        ("gemini-2.5-flash-lite", {"thinkingBudget": 0}),
        ("models/gemini-2.5-pro", {"thinkingBudget": 128}),
        ("gemini-3-flash", {"thinkingLevel": "low"}),
        ("gemini-2.0-flash", None),
    ],
)
async def test_a_model_thinks_as_little_as_it_can(
    server: StandIn, name: str, thinking: object
) -> None:
    model = gemini(server, model=name)
    await model.open()
    await reply(model)
    assert server.asked[0].json()["generationConfig"].get("thinkingConfig") == thinking
    assert f"/models/{name.removeprefix('models/')}:" in server.asked[0].path
    await model.close()


@pytest.mark.parametrize("cut_bytes", [0, 1, 10_000])
async def test_words_are_the_same_wherever_the_bytes_are_cut(
    server: StandIn, model: Gemini, cut_bytes: int
) -> None:
    server.usual = Trouble(cut_bytes=cut_bytes)
    assert await reply(model) == REPLY


async def test_words_come_as_they_are_written_and_leaving_is_noticed(
    server: StandIn, model: Gemini
) -> None:
    server.usual = Trouble(hang_after=1)
    stream = model.respond(Caller("ann"), HELLO, Sampling())
    assert REPLY.startswith(await anext(stream))
    await stream.aclose()
    await server.until_left()


async def test_one_connection_serves_many_answers(server: StandIn, model: Gemini) -> None:
    for _ in range(3):
        await reply(model)
    assert {heard.connection for heard in server.heard} == {1}


async def test_thoughts_are_not_spoken(wire: GeminiWire, model: Gemini) -> None:
    wire.thoughts = "They greet me."
    assert await reply(model) == REPLY


class TestTroubles:
    async def test_a_blocked_question(self, wire: GeminiWire, model: Gemini) -> None:
        wire.blocks = "SAFETY"
        error = await failure(model)
        assert type(error) is RequestDeclined
        assert str(error) == "Gemini's rules for safety keep it from answering this."

    @pytest.mark.parametrize(
        ("finish", "kind", "words"),
        [
            ("SAFETY", RequestDeclined, "rules for safety made it stop"),
            ("PROHIBITED_CONTENT", RequestDeclined, "rules for safety made it stop"),
            ("RECITATION", RequestRefused, "does not go on with this answer"),
            ("LANGUAGE", RequestRefused, "does not go on with this answer"),
            ("OTHER", EngineFailed, "does not say why"),
            ("MALFORMED_FUNCTION_CALL", EngineFailed, "does not say why"),
            ("WHATEVER_COMES_NEXT", EngineFailed, "does not say why"),
        ],
    )
    async def test_an_answer_that_is_stopped(
        self, wire: GeminiWire, model: Gemini, finish: str, kind: type[Exception], words: str
    ) -> None:
        wire.finish = finish
        error = await failure(model)
        assert type(error) is kind
        assert words in str(error)

    async def test_only_rules_for_safety_are_called_so(
        self, wire: GeminiWire, model: Gemini
    ) -> None:
        wire.blocks = "OTHER"
        error = await failure(model)
        assert type(error) is RequestRefused
        assert str(error) == "Gemini does not answer this."

    async def test_an_answer_without_words(self, wire: GeminiWire, model: Gemini) -> None:
        wire.answers = ""
        assert isinstance(await failure(model), EngineNonsense)
        wire.finish = "MAX_TOKENS"
        assert "Raise MAX_NEW_TOKENS" in str(await failure(model))

    async def test_a_wrong_key(self, server: StandIn) -> None:
        model = gemini(server, api_key="wrong")
        await model.open()
        error = await failure(model)
        assert isinstance(error, EngineLocked)
        assert str(error) == f"GEMINI_API_KEY is not accepted by 127.0.0.1:{server.port}."
        await model.close()

    async def test_no_key(self) -> None:
        with pytest.raises(EngineLocked, match="Please set GEMINI_API_KEY"):
            await Gemini().open()

    async def test_it_is_slow(self, server: StandIn) -> None:
        model = gemini(server, patience=IMPATIENT)
        await model.open()
        server.usual = Trouble(hang_after=1)
        assert isinstance(await failure(model), EngineTimeout)
        await model.close()

    @pytest.mark.parametrize(
        ("trouble", "kind"),
        [
            (Trouble(lose_after=1), EngineNonsense),
            (Trouble(status=404), EngineNonsense),
        ],
    )
    async def test_each_has_its_error(
        self, server: StandIn, model: Gemini, trouble: Trouble, kind: type[EngineError]
    ) -> None:
        server.usual = trouble
        assert isinstance(await failure(model), kind)

    async def test_who_wants_to_be_left_alone_is(
        self, server: StandIn, wire: GeminiWire, model: Gemini
    ) -> None:
        server.usual, wire.retry_delay = Trouble(status=429), "17s"
        assert isinstance(await failure(model), EngineBusy)
        assert len(server.asked) == 1
