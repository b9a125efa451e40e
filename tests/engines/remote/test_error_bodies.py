"""Whatever stands in the body of an error, it becomes one of the house's errors."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repartee.engines.llm.gemini import Gemini
from repartee.engines.llm.openai import OpenAIResponder
from repartee.engines.protocols import Caller, Message, Responder, Sampling
from repartee.engines.remote.address import Address
from repartee.engines.remote.broker import broker_trouble
from repartee.engines.remote.trouble import Passing, complaint, complaint_in, trouble
from repartee.errors import (
    EngineBusy,
    EngineNonsense,
    ReparteeError,
    RequestDeclined,
    RequestRefused,
)
from repartee.testing.standins import Heard, Reply, StandIn
from repartee.testing.standins.wire import event_stream, json_reply
from tests.engines.remote.impatience import IMPATIENT

HERE = Address("http://here", url_setting="HERE_URL", key_setting="HERE_KEY")
DEEP = b'{"error":' + b"[" * 100_000

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)
DETAIL = st.fixed_dictionaries({}, optional={"reason": ANYTHING, "retryDelay": ANYTHING})
ERROR = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("code", "type", "status", "param", "message"), ANYTHING),
        "details": ANYTHING | st.lists(DETAIL | ANYTHING, max_size=3),
    },
)
NEARLY = st.fixed_dictionaries(
    {},
    optional={"error": ERROR | ANYTHING, "detail": ANYTHING, "estimated_time": ANYTHING},
)
TOLD = NEARLY | ANYTHING
STATUS = st.integers(300, 599)


@settings(max_examples=300)
@given(STATUS, TOLD, st.text(max_size=8))
def test_of_an_answer_that_is_none(status: int, told: Any, retry_after: str) -> None:
    what = complaint(status, json.dumps(told).encode(), retry_after)
    for meant in (trouble(what, HERE), broker_trouble(what, HERE)):
        assert isinstance(meant, Passing | ReparteeError)


@given(STATUS, st.binary(max_size=40) | st.just(DEEP))
def test_even_if_it_is_no_json(status: int, body: bytes) -> None:
    assert isinstance(trouble(complaint(status, body), HERE), Passing | ReparteeError)


class Complaining:
    """A server that says what a test wants, under this status, or in mid-stream under none."""

    def __init__(self, told: Any, status: int = 0) -> None:
        self._told = told
        self._status = status

    def answer(self, heard: Heard) -> Reply:
        if self._status:
            return json_reply(self._told, self._status)
        return event_stream(json.dumps({"error": self._told}))

    def complaint(self, status: int, heard: Heard) -> Reply:
        return json_reply({}, status)


async def _failure(wire: Complaining, model: type[Gemini] | type[OpenAIResponder]) -> Exception:
    async with StandIn(wire) as server:
        asked: Responder = model(base_url=server.url, api_key="k", patience=IMPATIENT)
        await asked.open()
        try:
            words = asked.respond(Caller("a"), [Message("user", "Hello?")], Sampling())
            with pytest.raises(ReparteeError) as raised:
                async for _ in words:
                    pass
            return raised.value
        finally:
            await asked.close()


@pytest.mark.parametrize("model", [Gemini, OpenAIResponder])
@settings(max_examples=25, deadline=None)
@given(told=ERROR | ANYTHING.filter(lambda told: told is not None))
def test_of_an_error_in_mid_stream(model: type[Gemini] | type[OpenAIResponder], told: Any) -> None:
    asyncio.run(_failure(Complaining(told), model))


@pytest.mark.parametrize("model", [Gemini, OpenAIResponder])
def test_details_that_are_none(model: type[Gemini] | type[OpenAIResponder]) -> None:
    error = asyncio.run(_failure(Complaining({"error": {"details": 7}}, 400), model))
    assert isinstance(error, EngineNonsense)


class TestWhatIsRead:
    def test_when_a_model_will_be_loaded(self) -> None:
        told = {"error": "Model x/y is currently loading", "estimated_time": 20.0}
        meant = trouble(complaint(503, json.dumps(told).encode()), HERE)
        assert isinstance(meant, Passing)
        assert isinstance(meant.error, EngineBusy)
        assert meant.after_s == 20.0

    @pytest.mark.parametrize("told", ["17s", "17", 17, 17.0])
    def test_when_to_try_again(self, told: Any) -> None:
        error = {"details": [{"reason": "x"}, {"retryDelay": told}]}
        assert complaint_in({"error": error}).after_s == 17.0

    @pytest.mark.parametrize("told", ["soon", -1, "nan", "1e999", None, [], {}])
    def test_and_when_nobody_knows(self, told: Any) -> None:
        assert complaint_in({"error": "Wait.", "estimated_time": told}).after_s is None

    @pytest.mark.parametrize(
        ("status", "code", "kind"),
        [
            (400, "content_filter", RequestDeclined),
            (400, "content_policy_violation", RequestDeclined),
            (400, "context_length_exceeded", RequestRefused),
            (400, "string_above_max_length", RequestRefused),
            (413, "", RequestRefused),
        ],
    )
    def test_what_is_about_the_request(
        self, status: int, code: str, kind: type[ReparteeError]
    ) -> None:
        meant = trouble(complaint_in({"error": {"code": code}}, status=status), HERE)
        assert type(meant) is kind

    @pytest.mark.parametrize(
        ("status", "code", "blamed"),
        [
            (400, "", "either"),
            (422, "", "either"),
            (400, "model_not_supported", "engine"),
            (404, "", "engine"),
            (405, "", "engine"),
        ],
    )
    def test_and_what_may_be(self, status: int, code: str, blamed: str) -> None:
        meant = trouble(complaint_in({"error": {"code": code}}, status=status), HERE)
        assert isinstance(meant, EngineNonsense)
        assert meant.blamed == blamed
