"""Both brokers with engines of their own, given requests that nobody should send."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.brokers.behind import listening, speaking
from tests.fuzz.budget import patiently, tries
from tests.fuzz.leaks import assert_nothing_leaks
from tests.fuzz.test_requests import A_TEXT, ANSWERS, CONTENT_TYPES, files, form
from tests.fuzz.values import mutated, texts

pytestmark = patiently

Sent = tuple[str, bytes, str]


@st.composite
def to_stt(draw: st.DrawFn) -> Sent:
    path = draw(st.sampled_from(["/inference", "/inference", "/inference", "/load"]))
    field = draw(st.sampled_from("file audio model language response_format temperature".split()))
    body = form(draw(files), field, draw(texts), ends=draw(st.booleans()))
    more = f'--b\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{draw(texts)}\r\n'
    if draw(st.booleans()):
        body = more.encode("utf-8", "surrogatepass") + body
    return path, body, draw(st.sampled_from((*CONTENT_TYPES[1:2] * 6, *CONTENT_TYPES)))


@st.composite
def to_tts(draw: st.DrawFn) -> Sent:
    one, many = mutated([A_TEXT]), st.lists(mutated([A_TEXT]), max_size=11)
    path = draw(st.sampled_from(["/synthesize", "/synthesize-batch"]))
    text = draw(one) if path == "/synthesize" else f"[{','.join(draw(many))}]"
    return path, text.encode("utf-8", "surrogatepass"), "application/json"


class Brokers:
    def __init__(self, runner: asyncio.Runner, stt: Any, tts: Any) -> None:
        self._runner = runner
        self.stt = stt
        self.tts = tts

    def ask(self, client: httpx.AsyncClient, sent: Sent) -> httpx.Response:
        path, body, content_type = sent
        headers = {b"content-type": content_type.encode()}
        return self._runner.run(client.post(path, content=body, headers=headers))


@pytest.fixture(scope="module")
def brokers() -> Iterator[Brokers]:
    with both() as it:
        yield it


@contextmanager
def both() -> Iterator[Brokers]:
    @asynccontextmanager
    async def opened() -> AsyncIterator[tuple[Any, Any]]:
        async with (
            listening(None, "scripted", stt="scripted") as stt,
            speaking(None, "scripted", tts="scripted") as tts,
        ):
            yield stt, tts

    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        stt, tts = runner.run(stack.enter_async_context(opened()))
        yield Brokers(runner, stt, tts)
        runner.run(stack.aclose())


def check(response: httpx.Response) -> None:
    assert response.status_code in ANSWERS, response.text
    if response.status_code != 200:
        assert response.json()["error"].rstrip()[-1] in ".?!"
    if response.headers["content-type"].startswith("application/json"):
        assert_nothing_leaks(response.text)


@given(to_stt())
@tries(0.03)
def test_the_one_that_listens(brokers: Brokers, sent: Sent) -> None:
    check(brokers.ask(brokers.stt, sent))


@given(to_tts())
@tries(0.02)
def test_the_one_that_speaks(brokers: Brokers, sent: Sent) -> None:
    check(brokers.ask(brokers.tts, sent))
