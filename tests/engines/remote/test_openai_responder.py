"""A language model behind a server that speaks as OpenAI's does, whichever server that is."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import get_args

import pytest

from repartee.engines.llm.openai import OpenAIResponder
from repartee.engines.protocols import Caller, Message, Sampling
from repartee.errors import (
    EngineBusy,
    EngineError,
    EngineFailed,
    EngineLocked,
    EngineNonsense,
)
from repartee.testing.checks import check_responder, check_troubles
from repartee.testing.standins import StandIn, Trouble
from repartee.testing.standins.openai import Flavour, OpenAIWire, error_event
from repartee.testing.standins.wire import Heard, Reply
from tests.engines.remote.impatience import CALM

pytestmark = pytest.mark.anyio

KEY = "sk-test"
HELLO = (Message("system", "Be brief."), Message("user", "Hello there, all of you."))
REPLY = "You said: Hello there, all of you."


@pytest.fixture
def wire() -> OpenAIWire:
    return OpenAIWire(key=KEY)


@pytest.fixture
async def server(wire: OpenAIWire) -> AsyncIterator[StandIn]:
    async with StandIn(wire) as server:
        yield server


@pytest.fixture
async def model(server: StandIn) -> AsyncIterator[OpenAIResponder]:
    engine = responder(server)
    await engine.open()
    yield engine
    await engine.close()


def responder(server: StandIn, **more: object) -> OpenAIResponder:
    settings = {"base_url": f"{server.url}/v1", "api_key": KEY, "patience": CALM, **more}
    return OpenAIResponder(**settings)  # type: ignore[arg-type]


async def pieces(
    model: OpenAIResponder,
    messages: tuple[Message, ...] = HELLO,
    sampling: Sampling | None = None,
) -> list[str]:
    stream = model.respond(Caller("ann"), messages, sampling or Sampling())
    async with aclosing(stream):
        return [piece async for piece in stream]


async def failure(model: OpenAIResponder) -> EngineError:
    with pytest.raises(EngineError) as raised:
        await pieces(model)
    return raised.value


async def test_it_keeps_the_contract(server: StandIn) -> None:
    await check_responder(responder(server), repeatable=True)


async def test_it_keeps_its_head_in_every_trouble() -> None:
    await check_troubles(
        lambda: OpenAIWire(key=KEY),
        lambda server, patience, key: responder(server, api_key=key, patience=patience),
        key=KEY,
        key_setting="OPENAI_API_KEY",
    )


class TestAsking:
    async def test_the_conversation_and_the_wishes_are_sent(
        self, server: StandIn, model: OpenAIResponder
    ) -> None:
        await pieces(model, sampling=Sampling(max_tokens=50, temperature=0.3, top_p=0.9))
        heard = server.asked[0]
        assert heard.headers["authorization"] == f"Bearer {KEY}"
        assert heard.json() == {
            "model": "gpt-4.1-mini",
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "Hello there, all of you."},
            ],
            "stream": True,
            "max_tokens": 50,
            "temperature": 0.3,
            "top_p": 0.9,
        }

    async def test_what_is_not_wished_is_not_sent(
        self, server: StandIn, model: OpenAIResponder
    ) -> None:
        await pieces(model)
        assert server.asked[0].json().keys() == {"model", "messages", "stream", "max_tokens"}

    async def test_turns_alternate_after_one_system_message(
        self, server: StandIn, model: OpenAIResponder
    ) -> None:
        await pieces(
            model,
            (
                Message("system", "Be brief."),
                Message("user", "Wait,"),
                Message("user", "one more thing."),
                Message("assistant", ""),
                Message("system", "Be kind."),
                Message("user", "Yes?"),
            ),
        )
        assert server.asked[0].json()["messages"] == [
            {"role": "system", "content": "Be brief.\n\nBe kind."},
            {"role": "user", "content": "Wait,\none more thing.\nYes?"},
        ]

    async def test_the_newest_models_want_other_names(self, server: StandIn) -> None:
        server.wire = OpenAIWire(key=KEY, flavour="newest")
        model = responder(server)
        await model.open()
        wishes = Sampling(max_tokens=50, temperature=0.0)
        replies = await asyncio.gather(*(pieces(model, sampling=wishes) for _ in range(3)))
        assert {"".join(reply) for reply in replies} == {REPLY}
        before = len(server.asked)
        await pieces(model, sampling=wishes)
        assert len(server.asked) == before + 1, "What was learnt is not asked again."
        assert server.asked[-1].json()["max_completion_tokens"] == 50
        await model.close()

    async def test_the_connection_is_there_before_the_question(
        self, server: StandIn, model: OpenAIResponder
    ) -> None:
        await model.prime(Caller("ann"), HELLO)
        await pieces(model)
        assert {heard.connection for heard in server.heard} == {1}


class TestAnswers:
    async def test_words_come_as_they_are_written(
        self, server: StandIn, model: OpenAIResponder
    ) -> None:
        server.usual = Trouble(hang_after=3)
        stream = model.respond(Caller("ann"), HELLO, Sampling())
        assert [await anext(stream), await anext(stream)] == ["You ", "said: "]
        await stream.aclose()
        await server.until_left()

    @pytest.mark.parametrize("flavour", get_args(Flavour))
    @pytest.mark.parametrize("cut_bytes", [0, 5, 10_000])
    async def test_every_server_is_understood_wherever_its_bytes_are_cut(
        self, server: StandIn, model: OpenAIResponder, flavour: Flavour, cut_bytes: int
    ) -> None:
        server.wire = wire = OpenAIWire(flavour=flavour)
        wire.thoughts = "The user greets me. I could say <hi>."
        server.usual = Trouble(cut_bytes=cut_bytes)
        assert "".join(await pieces(model)) == REPLY

    @pytest.mark.parametrize("text", ["<b>bold", "<", "<think", "1 < 2", "  x", "Grüße 🙂"])
    async def test_what_only_looks_like_a_thought_is_spoken(
        self, wire: OpenAIWire, model: OpenAIResponder, text: str
    ) -> None:
        wire.answers = text
        assert "".join(await pieces(model)) == text

    async def test_one_connection_serves_many_answers(
        self, server: StandIn, model: OpenAIResponder
    ) -> None:
        for _ in range(4):
            await pieces(model)
        assert {heard.connection for heard in server.heard} == {1}

    async def test_an_answer_cut_by_its_length_is_an_answer(
        self, wire: OpenAIWire, model: OpenAIResponder
    ) -> None:
        wire.finish = "length"
        assert "".join(await pieces(model)) == REPLY


class TestTroubles:
    async def test_a_wrong_key_is_named_by_its_setting(self, server: StandIn) -> None:
        model = responder(server, api_key="wrong")
        await model.open()
        error = await failure(model)
        assert isinstance(error, EngineLocked)
        assert str(error) == f"OPENAI_API_KEY is not accepted by 127.0.0.1:{server.port}."
        await model.close()

    async def test_openai_itself_is_not_asked_without_a_key(self) -> None:
        with pytest.raises(EngineLocked, match=r"api.openai.com needs a key.*OPENAI_API_KEY"):
            await OpenAIResponder().open()

    @pytest.mark.parametrize(
        ("trouble", "kind"),
        [
            (Trouble(lose_after=3), EngineNonsense),
            (Trouble(status=404), EngineNonsense),
        ],
    )
    async def test_each_has_its_error(
        self, server: StandIn, model: OpenAIResponder, trouble: Trouble, kind: type[EngineError]
    ) -> None:
        server.usual = trouble
        assert isinstance(await failure(model), kind)

    async def test_an_answer_without_words_says_so(
        self, wire: OpenAIWire, model: OpenAIResponder
    ) -> None:
        wire.answers = ""
        assert "empty answer" in str(await failure(model))
        wire.finish, wire.thoughts = "length", "Hm."
        assert "Raise MAX_NEW_TOKENS" in str(await failure(model))

    async def test_an_answer_that_is_withheld_says_so(
        self, wire: OpenAIWire, model: OpenAIResponder
    ) -> None:
        wire.answers, wire.finish = "", "content_filter"
        assert "declined" in str(await failure(model))


class Saying:
    """A server that sends exactly these bytes as its stream of events."""

    def __init__(self, *streams: bytes) -> None:
        self.streams = list(streams)

    def answer(self, heard: Heard) -> Reply:
        stream = self.streams.pop(0) if len(self.streams) > 1 else self.streams[0]
        return Reply("text/event-stream", [stream])

    def complaint(self, status: int, heard: Heard) -> Reply:
        raise AssertionError("nobody complains here")


def delta(text: str) -> bytes:
    return b'data: {"choices":[{"delta":{"content":"%s"}}]}\n\n' % text.encode()


FINE = delta("Fine.") + b"data: [DONE]\n\n"


class TestStreams:
    """What comes with a good status and is wrong all the same."""

    async def test_an_error_before_the_first_word_is_tried_again(
        self, server: StandIn, model: OpenAIResponder
    ) -> None:
        server.wire = Saying(error_event("overloaded"), FINE)
        assert await pieces(model) == ["Fine."]

    async def test_an_error_after_it_is_final(
        self, server: StandIn, model: OpenAIResponder
    ) -> None:
        server.wire = Saying(delta("Well,") + error_event("overloaded", code=503))
        assert isinstance(await failure(model), EngineBusy)
        assert len(server.asked) == 1

    async def test_older_servers_of_llama_cpp_have_a_field_for_errors(
        self, server: StandIn, model: OpenAIResponder
    ) -> None:
        told = b'{"code":400,"message":"too long","type":"exceed_context_size_error"}'
        server.wire = Saying(b"error: " + told + b"\n\n")
        assert "too long for the model" in str(await failure(model))

    @pytest.mark.parametrize(
        "stream",
        [
            b"data: {\n\n",
            b"data: \xff\n\n",
            b'data: {"choices": "none"}\n\n',
            b'data: {"choices": [{"delta": {"content": 7}}]}\n\n',
            b"data: []\n\n",
            b"nothing of the kind\n\n",
        ],
    )
    async def test_nonsense_is_called_so(
        self, server: StandIn, model: OpenAIResponder, stream: bytes
    ) -> None:
        server.wire = Saying(delta("Well,") + stream)
        assert isinstance(await failure(model), EngineNonsense)

    async def test_an_end_in_mid_sentence_is_told(
        self, server: StandIn, model: OpenAIResponder
    ) -> None:
        server.wire = Saying(delta("Well,"))
        assert "broke off in the middle of its answer" in str(await failure(model))

    async def test_comments_keep_a_slow_answer_alive(
        self, server: StandIn, model: OpenAIResponder
    ) -> None:
        server.wire = Saying(b": working on it\n\n" * 3 + FINE)
        assert await pieces(model) == ["Fine."]


async def test_a_closed_engine_says_so(server: StandIn) -> None:
    with pytest.raises(EngineFailed, match="not open"):
        await pieces(responder(server))
