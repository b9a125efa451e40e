"""Connections that are lost and found: pauses, and what is made of everything that goes wrong."""

from __future__ import annotations

import msgspec
import pytest
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosedError, InvalidMessage, InvalidStatus
from websockets.frames import Close
from websockets.http11 import Response

from repartee.engines.live import PAUSES_S, Retries
from repartee.engines.live_service import LiveService
from repartee.engines.standby import standing_by
from repartee.errors import (
    EngineBusy,
    EngineError,
    EngineFailed,
    EngineLocked,
    EngineNonsense,
    EngineTimeout,
    EngineUnreachable,
)

pytestmark = pytest.mark.anyio

DEEP = '{"a":' + "[" * 100_000
KEY = "DG-SECRET_1"
SERVICE = LiveService(
    "Parrot",
    "https://parrot.example/",
    KEY,
    scheme="Token",
    key_setting="PARROT_API_KEY",
    url_setting="PARROT_BASE_URL",
    timeout=1.0,
)


class Told(msgspec.Struct):
    type: str


def refusal(status: int) -> InvalidStatus:
    said = Headers({"dg-error": f"The key {KEY} is bad."})
    return InvalidStatus(Response(status, "", said, KEY.encode()))


def closing(code: int, reason: str) -> ConnectionClosedError:
    return ConnectionClosedError(Close(code, reason), None)


class TestPauses:
    async def test_they_grow_and_then_the_failure_stands(self) -> None:
        taken: list[float] = []

        async def sleep(seconds: float) -> None:
            taken.append(seconds)

        retries, failure = Retries(sleep, chance=lambda: 0.5), EngineFailed("No.")
        for _ in PAUSES_S:
            await retries.after(failure)
        assert taken == list(PAUSES_S)
        with pytest.raises(EngineFailed, match="No"):
            await retries.after(failure)

    async def test_they_begin_anew_when_it_went_well(self) -> None:
        taken: list[float] = []

        async def sleep(seconds: float) -> None:
            taken.append(seconds)

        retries = Retries(sleep, chance=lambda: 0.0)
        for _ in range(3):
            await retries.after(EngineFailed("No."))
            retries.renew()
        assert taken == [PAUSES_S[0] / 2] * 3

    async def test_there_is_one_while_another_engine_stands_by(self) -> None:
        taken: list[float] = []

        async def sleep(seconds: float) -> None:
            taken.append(seconds)

        retries = Retries(sleep, chance=lambda: 0.5)
        with standing_by(True):
            await retries.after(EngineFailed("No."))
            with pytest.raises(EngineFailed):
                await retries.after(EngineFailed("No."))
        assert taken == [PAUSES_S[0]]

    async def test_there_are_none_where_trying_again_is_no_use(self) -> None:
        with pytest.raises(EngineLocked):
            await Retries().after(EngineLocked("No."))


class TestSentences:
    @pytest.mark.parametrize(
        ("failure", "kind", "sentence"),
        [
            (refusal(401), EngineLocked, "PARROT_API_KEY is not accepted by Parrot."),
            (refusal(403), EngineLocked, "PARROT_API_KEY is not accepted by Parrot."),
            (refusal(402), EngineError, "The account at Parrot has no credit left."),
            (refusal(429), EngineBusy, "Parrot has had too many requests from here."),
            (refusal(503), EngineFailed, "Parrot failed with the status 503."),
            (refusal(400), EngineError, "Parrot refused the connection with the status 400."),
            (refusal(302), EngineError, "Parrot refused the connection with the status 302."),
            (TimeoutError(), EngineTimeout, "Parrot did not answer in time."),
            (ConnectionRefusedError(), EngineUnreachable, "Parrot can't be reached."),
            (InvalidMessage("?"), EngineNonsense, "Parrot answered something that makes no"),
            (
                closing(1011, "No sound. See NET-0001."),
                EngineUnreachable,
                "Parrot closed the connection (NET-0001).",
            ),
            (closing(1008, "DATA-0000"), EngineError, "Parrot closed the connection (DATA-0000)."),
            (closing(4000, f"not {KEY}"), EngineUnreachable, "closed the connection (4000)."),
            (
                ConnectionClosedError(None, None),
                EngineUnreachable,
                "The connection to Parrot was lost.",
            ),
        ],
    )
    def test_each_failure_has_its_own(
        self, failure: Exception, kind: type[EngineError], sentence: str
    ) -> None:
        error = SERVICE.explain(failure)
        assert type(error) is kind
        assert sentence in str(error)
        assert KEY not in str(error)

    def test_what_no_other_try_can_help_says_so(self) -> None:
        retryable = {status: SERVICE.explain(refusal(status)).retryable for status in (400, 401)}
        assert retryable == {400: False, 401: False}
        assert SERVICE.explain(refusal(400)).blamed == "either", "or what the caller wants is wrong"
        assert SERVICE.explain(refusal(402)).blamed == "engine"
        assert not SERVICE.explain(closing(1008, "")).retryable
        assert SERVICE.explain(closing(1011, "")).retryable

    @pytest.mark.parametrize("message", ["", "[]", "{}", '{"type": 1}', DEEP, b"{}"])
    def test_what_is_no_message_is_nonsense(self, message: str | bytes) -> None:
        with pytest.raises(EngineNonsense):
            SERVICE.read(message, Told)

    def test_the_service_shows_no_key(self) -> None:
        assert KEY not in repr(SERVICE)
