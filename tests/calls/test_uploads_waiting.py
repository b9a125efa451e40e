"""Uploads whose answers find no room even to wait: they stay where they are."""

from __future__ import annotations

from asyncio import TaskGroup
from unittest.mock import patch

import anyio
import pytest

from repartee.calls.fair_queue import MOST_WAITING
from repartee.calls.refusals import TryLater
from repartee.calls.turn_places import TurnPlaces
from repartee.calls.uploads import Upload, Uploads
from repartee.calls.visits import Visitor
from tests.calls.virtual_time import IN_VIRTUAL_TIME, Backend
from tests.calls.visiting import open_to_visitors, said

pytestmark = pytest.mark.anyio

KEPT_SECONDS = 300.0


@pytest.fixture
def anyio_backend() -> Backend:
    return IN_VIRTUAL_TIME


def heard_early(visitor: Visitor, uploads: Uploads) -> Upload:
    upload = Upload(visitor, said())
    uploads.add(upload)
    upload.hear_early()
    return upload


async def take_for_a_moment(places: TurnPlaces) -> None:
    (await places.take()).leave()


async def test_one_stays_where_it_is_when_too_many_wait() -> None:
    uploads, places = Uploads(KEPT_SECONDS), TurnPlaces(1)
    async with open_to_visitors(places=places) as visitors:
        upload = Upload(await visitors.enter("ada", "upload"), said())
        uploads.add(upload)
        taken = await places.take()
        async with TaskGroup() as tasks:
            for _ in range(MOST_WAITING):
                tasks.create_task(take_for_a_moment(places))
            await anyio.sleep(1)
            for _ in range(2):
                with pytest.raises(TryLater, match="places for turns to be answered are taken"):
                    uploads.take(upload.id)
            taken.leave()
        assert uploads.take(upload.id) is upload


async def test_unless_it_is_being_heard_already() -> None:
    uploads, places = Uploads(KEPT_SECONDS), TurnPlaces(1)
    async with open_to_visitors(places=places) as visitors:
        upload = heard_early(await visitors.enter("ada", "upload"), uploads)
        with patch.object(places, "check_room", side_effect=AssertionError):
            assert uploads.take(upload.id) is upload


async def test_a_place_in_which_only_another_upload_is_heard_is_room() -> None:
    uploads, places = Uploads(KEPT_SECONDS), TurnPlaces(1)
    async with open_to_visitors(places=places) as visitors:
        heard_early(await visitors.enter("ada", "upload"), uploads)
        with patch.object(places._queue, "check_room", side_effect=AssertionError):
            upload = heard_early(await visitors.enter("bob", "upload"), uploads)
            assert uploads.take(upload.id) is upload
