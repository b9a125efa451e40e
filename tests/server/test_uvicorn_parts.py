"""A version of uvicorn that is not as we need it is found out at the start."""

from __future__ import annotations

import re

import pytest
import uvicorn

from repartee.errors import ReparteeError
from repartee.server.uvicorn_parts import HttpToolsProtocol, check


def test_this_one_fits() -> None:
    check()


@pytest.mark.parametrize("missing", ["on_trailer", "_hidden"])
def test_what_is_missing_is_named(missing: str) -> None:
    known = f"This server does not fit uvicorn {uvicorn.__version__}, which has no HttpTools"
    with pytest.raises(ReparteeError, match=rf"^{re.escape(known)}Protocol\.{missing}\. Install"):
        check({HttpToolsProtocol: f"on_url pipeline {missing}"})
