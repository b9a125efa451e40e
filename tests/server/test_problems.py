"""An error becomes an answer: a status, and one plain sentence under both usual names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import httpx
import pytest
from fastapi import Body, FastAPI, HTTPException

from repartee import errors
from repartee.errors import ReparteeError
from repartee.server import problems

pytestmark = pytest.mark.anyio


def failing_with(error: Exception) -> FastAPI:
    app = FastAPI()
    problems.install(app)

    @app.get("/")
    async def fail() -> None:
        raise error

    @app.post("/count")
    async def count(number: Annotated[int, Body(embed=True, le=10)]) -> int:
        return number

    return app


async def ask(app: FastAPI, method: str = "GET", path: str = "/", **body: Any) -> httpx.Response:
    """As a server would: it also sends the answer to an error that it then logs."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.request(method, path, **body)


def sentence(response: httpx.Response) -> str:
    body = response.json()
    assert body == {"detail": body["error"], "error": body["error"]}
    return str(body["error"])


def all_kinds(kind: type[ReparteeError] = ReparteeError) -> Iterator[type[ReparteeError]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from all_kinds(narrower)


OF_THE_TREE = [kind for kind in all_kinds() if kind.__module__ == errors.__name__]


class TestErrorsOfOurs:
    @pytest.mark.parametrize("kind", OF_THE_TREE)
    async def test_each_is_told_as_it_stands(self, kind: type[ReparteeError]) -> None:
        response = await ask(failing_with(kind("It is broken.", hint="Mend it.")))
        assert sentence(response) == "It is broken. Mend it."
        assert response.status_code >= 400

    @pytest.mark.parametrize(
        ("kind", "status"),
        [
            (errors.BadInput, 422),
            (errors.BadAudio, 422),
            (errors.UnknownVoice, 422),
            (errors.Refused, 503),
            (errors.EngineTimeout, 504),
            (errors.EngineFailed, 503),
            (errors.EngineMissing, 503),
            (errors.SettingsError, 500),
        ],
    )
    async def test_the_status_says_whose_fault_it_is(
        self, kind: type[ReparteeError], status: int
    ) -> None:
        assert (await ask(failing_with(kind("It is broken.")))).status_code == status


class TestErrorsOfTheFramework:
    async def test_what_is_not_there(self) -> None:
        response = await ask(failing_with(ValueError()), path="/nowhere")
        assert response.status_code == 404
        assert sentence(response).startswith("There is nothing here.")

    async def test_what_cannot_be_done_there_and_what_can(self) -> None:
        response = await ask(failing_with(ValueError()), "DELETE", "/count")
        assert response.status_code == 405
        assert sentence(response).startswith("That can't be done here.")
        assert response.headers["allow"] == "POST"

    async def test_its_own_words_and_headers_are_kept(self) -> None:
        busy = HTTPException(429, "Too many at once. Wait a little.", {"Retry-After": "3"})
        response = await ask(failing_with(busy))
        assert response.status_code == 429
        assert sentence(response) == "Too many at once. Wait a little."
        assert response.headers["retry-after"] == "3"


class TestARequestThatIsWrong:
    async def test_the_field_is_named_and_what_is_wrong_with_it(self) -> None:
        response = await ask(failing_with(ValueError()), "POST", "/count", json={"number": 11})
        assert response.status_code == 422
        wrong = "The field 'number' is wrong: Input should be less than or equal to 10."
        assert sentence(response) == wrong

    async def test_a_field_that_is_missing(self) -> None:
        response = await ask(failing_with(ValueError()), "POST", "/count", json={})
        assert sentence(response) == "The field 'number' is wrong: Field required."

    async def test_a_body_that_is_no_json(self) -> None:
        headers = {"content-type": "application/json"}
        app = failing_with(ValueError())
        response = await ask(app, "POST", "/count", content=b'{"number": ', headers=headers)
        assert response.status_code == 422
        assert sentence(response) == "The body is not valid JSON. Send one JSON object."

    async def test_no_body_at_all(self) -> None:
        response = await ask(failing_with(ValueError()), "POST", "/count")
        assert response.status_code == 422
        assert "wrong" in sentence(response)


class TestWhatNobodyForesaw:
    async def test_the_log_learns_more_than_whoever_asked(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        response = await ask(failing_with(OSError("/secret/path")))
        assert response.status_code == 500
        assert "/secret/path" not in response.text
        assert "log knows more" in sentence(response)
        assert "/secret/path" in caplog.text
