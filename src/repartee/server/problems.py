"""The one place where an error becomes an HTTP answer: a plain sentence, under both usual names."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from repartee.calls.refusals import LimitReached, TryLater
from repartee.errors import (
    BadAudio,
    BadInput,
    EmptyInput,
    EngineError,
    EngineNonsense,
    EngineTimeout,
    NotFound,
    Refused,
    ReparteeError,
    TooLarge,
)
from repartee.store.protocol import StoreUnavailable, UnknownSession

log = logging.getLogger(__name__)

STATUS: tuple[tuple[type[ReparteeError], int], ...] = (
    (BadAudio, 422),
    (EmptyInput, 400),
    (TooLarge, 413),
    (NotFound, 404),
    (UnknownSession, 404),
    (BadInput, 422),
    (LimitReached, 429),
    (Refused, 503),
    (StoreUnavailable, 503),
    (EngineTimeout, 504),
    (EngineNonsense, 502),
    (EngineError, 503),
    (ReparteeError, 500),
)

_PLAIN = {
    "Not Found": "There is nothing here. The interfaces are described under /docs.",
    "Method Not Allowed": "That can't be done here. The interfaces are described under /docs.",
    "There was an error parsing the body": "The body can't be read. Send JSON, in UTF-8.",
}
"""What the framework says in two words."""


_A_MOMENT_S = 2
_EXAMPLE = "What was wrong, and what to do."


class Problem(BaseModel):
    """One plain sentence, under both names that clients look for."""

    detail: str = Field(examples=[_EXAMPLE])
    error: str = Field(examples=[_EXAMPLE])


def answer(status: int, sentence: str) -> JSONResponse:
    return JSONResponse({"detail": sentence, "error": sentence}, status_code=status)


def install(app: FastAPI) -> None:
    app.add_exception_handler(ReparteeError, _ours)
    app.add_exception_handler(HTTPException, _of_the_framework)
    app.add_exception_handler(RequestValidationError, _of_the_request)
    app.add_exception_handler(ClientDisconnect, _left)
    app.add_exception_handler(Exception, _unforeseen)


def answer_to(error: ReparteeError) -> JSONResponse:
    status = next(status for kind, status in STATUS if isinstance(error, kind))
    response = answer(status, str(error))
    if isinstance(error, Refused):
        seconds = error.retry_after_s if isinstance(error, TryLater) else _A_MOMENT_S
        response.headers["Retry-After"] = str(seconds)
    return response


async def _ours(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ReparteeError)
    return answer_to(error)


async def _of_the_framework(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    detail = str(error.detail)
    response = answer(error.status_code, _PLAIN.get(detail, detail))
    response.headers.update(error.headers or {})
    return response


async def _of_the_request(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    return answer(422, sentence_about(first["type"], first["msg"], first["loc"][1:]))


def sentence_about(kind: str, message: str, place: Sequence[str | int]) -> str:
    """What is wrong with a request, out of what the validator says of its first mistake."""
    if kind == "json_invalid":
        return "The body is not valid JSON. Send one JSON object."
    if not place:
        return "The body is not what is expected here. Send JSON as application/json."
    return f"The field {'.'.join(map(str, place))!r} is wrong: {message}."


async def _left(request: Request, error: Exception) -> JSONResponse:
    """A client that goes before it has sent everything is no fault of ours."""
    return answer(400, "The request broke off before its end. Send it again.")


async def _unforeseen(request: Request, error: Exception) -> JSONResponse:
    log.error("A request broke.", exc_info=error)
    return answer(500, "Something went wrong on the server. Try again; its log knows more.")
