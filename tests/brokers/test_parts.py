"""The parts of a broker: what it counts, where it forwards to, and what it does for who leaves."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import anyio
import pytest
from fastapi import Request
from starlette.exceptions import HTTPException

from repartee.brokers.figures import Figures
from repartee.brokers.upstream import Upstream
from repartee.errors import SettingsError
from repartee.server.leaving import unless_left
from repartee.settings import Settings

pytestmark = pytest.mark.anyio


class TestFigures:
    def test_they_count_what_came_and_what_failed(self) -> None:
        moment = 100.0

        figures = Figures(lambda: moment)
        with figures.request():
            moment += 2
        with suppress(ValueError), figures.request():
            moment += 4
            raise ValueError
        with figures.request():
            assert figures.told() == {
                "uptime_seconds": 6.0,
                "requests": 3,
                "failed": 1,
                "in_progress": 1,
                "average_seconds": 3.0,
            }

    def test_where_nothing_came_there_is_no_average(self) -> None:
        assert Figures().told()["average_seconds"] is None


class TestTheAddressBehindIt:
    @pytest.mark.parametrize(
        ("url", "host", "port", "whole"),
        [
            (None, "localhost", 8082, "http://localhost:8082"),
            (None, "::1", 8082, "http://[::1]:8082"),
            ("https://whisper.example", "localhost", 8082, "https://whisper.example"),
        ],
    )
    def test_it_is_set_whole_or_in_parts(
        self, url: str | None, host: str, port: int, whole: str
    ) -> None:
        settings = Settings(remote_sst_url=url, remote_sst_host=host, remote_sst_port=port)
        assert settings.whispercpp_url == whole

    def test_the_path_that_people_add_is_understood(self) -> None:
        upstream = Upstream("whisper.cpp server", "http://gpu:8082/inference/", "REMOTE_SST_URL", 1)
        assert upstream.url == "http://gpu:8082"
        assert upstream.name == "whisper.cpp server at gpu:8082"

    def test_what_is_no_address_is_named(self) -> None:
        with pytest.raises(SettingsError, match="REMOTE_SST_URL must be a web address"):
            Upstream("whisper.cpp server", "gpu", "REMOTE_SST_URL", 1)


def a_request(left: anyio.Event) -> Request:
    async def receive() -> dict[str, str]:
        await left.wait()
        return {"type": "http.disconnect"}

    return Request({"type": "http", "headers": []}, receive)


class TestLeaving:
    async def test_who_stays_gets_the_result(self) -> None:
        async def work() -> str:
            await anyio.lowlevel.checkpoint()
            return "done"

        assert await unless_left(a_request(anyio.Event()), work()) == "done"

    async def test_work_for_who_leaves_is_stopped(self) -> None:
        left, stopped = anyio.Event(), anyio.Event()

        async def work() -> None:
            left.set()
            try:
                await anyio.sleep_forever()
            finally:
                stopped.set()

        with pytest.raises(HTTPException) as over:
            await unless_left(a_request(left), work())
        assert over.value.status_code == 499
        assert stopped.is_set()

    async def test_what_goes_wrong_is_told_as_it_is(self) -> None:
        async def work() -> None:
            raise ValueError("no")

        with pytest.raises(ValueError, match="no"):
            await unless_left(a_request(anyio.Event()), work())

    async def test_it_can_be_cancelled(self) -> None:
        stopped = anyio.Event()

        async def work() -> None:
            try:
                await anyio.sleep_forever()
            finally:
                stopped.set()

        task = asyncio.create_task(unless_left(a_request(anyio.Event()), work()))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        assert stopped.is_set()
