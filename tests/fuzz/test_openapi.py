"""The application against its own description: what that promises, and what it rules out.

Schemathesis makes the requests from `/openapi.json`, and looks if the answers are as described.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import given
from hypothesis import strategies as st
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.fuzz.budget import patiently, tries
from tests.fuzz.leaks import assert_nothing_leaks
from tests.fuzz.whole_app import OnStage, on_stage

pytestmark = patiently

SHARE = 0.04
STATUS_OF_TROUBLE = (500, 505)
PROMISES = [status_code_conformance, content_type_conformance, response_schema_conformance]
HOP_BY_HOP = ("connection", "content-length", "accept-encoding", "host")


@pytest.fixture(scope="module")
def stage() -> Iterator[OnStage]:
    with on_stage(max_frame_bytes=65_536) as it:
        yield it


def described(stage: OnStage) -> list[Any]:
    """Every operation that the description holds."""
    schema = schemathesis.openapi.from_dict(stage.app.asgi.openapi())
    return [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]


def requests_for(operation: Any) -> Any:
    """As described, and, where there is something to get wrong, not as described."""
    as_described = operation.as_strategy()
    if not (operation.body or operation.query):
        return as_described
    wrong = operation.as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE)
    return st.one_of(as_described, wrong)


async def answered(stage: OnStage, case: Any) -> httpx.Response:
    """Sent as any program would send it."""
    prepared: Any = requests.Request(**case.as_transport_kwargs("http://localhost:8000")).prepare()
    headers = {k: v for k, v in prepared.headers.items() if k.lower() not in HOP_BY_HOP}
    async with stage.app.asking() as client:
        return await client.request(
            prepared.method, prepared.url, headers=headers, content=prepared.body or b""
        )


def test_every_operation(stage: OnStage) -> None:
    operations = described(stage)
    assert len(operations) > 15
    for operation in operations:

        @given(requests_for(operation))
        @tries(SHARE / len(operations))
        def holds(case: Any) -> None:
            response = stage.run(answered(stage, case))
            assert response.status_code not in STATUS_OF_TROUBLE, response.text
            assert_nothing_leaks(response.text)
            case.validate_response(response, checks=PROMISES)

        holds()
