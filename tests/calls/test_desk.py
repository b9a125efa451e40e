"""Where one-shot work waits its turn, and what its desk knows of the engine."""

from __future__ import annotations

import anyio
import pytest

from repartee.calls.courtesy import Courtesy
from repartee.calls.desk import Desk
from repartee.calls.fair_queue import MOST_WAITING
from repartee.calls.refusals import TryLater
from repartee.errors import (
    BadInput,
    EngineFailed,
    EngineTimeout,
    Refused,
    RequestDeclined,
    RequestRefused,
)
from tests.calls.virtual_time import IN_VIRTUAL_TIME, Backend
from tests.calls.visiting import paid_by

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> Backend:
    return IN_VIRTUAL_TIME


def a_desk(at_once: int = 1, within_seconds: float = 30.0) -> Desk:
    return Desk("voice", at_once, within_seconds)


async def worked(desk: Desk, seconds: float) -> None:
    async with desk.job():
        await anyio.sleep(seconds)


class _NobodyPasses(Courtesy):
    async def give_way(self) -> None:
        await anyio.sleep_forever()


class TestTakingTurns:
    @pytest.mark.parametrize("at_once", [1, 3])
    async def test_only_so_many_work_at_once(self, at_once: int) -> None:
        desk, working, most = a_desk(at_once), 0, 0

        async def work() -> None:
            nonlocal working, most
            async with desk.job():
                working += 1
                most = max(most, working)
                await anyio.sleep(1)
                working -= 1

        async with anyio.create_task_group() as tasks:
            for _ in range(10):
                tasks.start_soon(work)
        assert most == at_once

    async def test_only_so_many_may_wait(self) -> None:
        desk = a_desk(within_seconds=1_000)

        async def work() -> None:
            async with desk.job():
                await anyio.sleep(1)

        async with anyio.create_task_group() as tasks:
            for _ in range(1 + MOST_WAITING):
                tasks.start_soon(work)
            await anyio.sleep(0.5)
            with pytest.raises(Refused, match="All 64 places for jobs of the voice are taken"):
                await work()
        await work()

    async def test_a_failure_gives_its_place_back(self) -> None:
        desk = a_desk()
        for _ in range(3):
            with pytest.raises(BadInput):
                async with desk.job():
                    raise BadInput("No.")

    async def test_whoever_gives_up_waiting_takes_no_place_along(self) -> None:
        desk = a_desk()
        async with desk.job():
            with anyio.move_on_after(1):
                async with desk.job():
                    pytest.fail("There is no place.")
        async with desk.job():
            pass


class TestRightOfWay:
    async def test_a_job_lets_calls_go_first(self) -> None:
        haste = True
        desk = Desk("voice", 1, 30.0, lambda: haste)
        began = anyio.current_time()
        async with anyio.create_task_group() as tasks:

            async def work() -> None:
                async with desk.job():
                    assert anyio.current_time() - began == pytest.approx(1.0, abs=0.1)

            tasks.start_soon(work)
            await anyio.sleep(1.0)
            haste = False

    async def test_but_not_for_ever(self) -> None:
        began = anyio.current_time()
        async with Desk("voice", 1, 30.0, lambda: True).job():
            assert anyio.current_time() - began == pytest.approx(2.0, abs=0.1)

    async def test_nor_does_every_job_wait_as_long_again(self) -> None:
        desk = Desk("voice", 1, 30.0, lambda: True)
        began = anyio.current_time()
        for _ in range(100):  # that is two seconds of waiting, two of work, and so on
            async with desk.job():
                await anyio.sleep(0.2)
        assert anyio.current_time() - began == pytest.approx(40.0, abs=2.5)


class TestTimeLimit:
    async def test_work_that_takes_too_long_is_stopped(self) -> None:
        with pytest.raises(EngineTimeout, match="The voice took longer than 30 seconds"):
            async with a_desk().job():
                await anyio.sleep(31)

    async def test_who_waits_too_long_is_told_to_come_later(self) -> None:
        desk = a_desk()
        async with anyio.create_task_group() as tasks:
            for _ in range(2):
                tasks.start_soon(worked, desk, 20)
                await anyio.sleep(0.1)
            with pytest.raises(TryLater, match=r"^The voice has too much to do\. Try again in "):
                await worked(desk, 20)

    async def test_a_job_has_all_of_its_time_however_long_it_waited(self) -> None:
        desk = a_desk()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(worked, desk, 29)
            await anyio.sleep(0.1)
            await worked(desk, 29)

    async def test_while_it_lets_others_go_first_its_time_stands_still(self) -> None:
        desk = a_desk()

        async def in_two_parts() -> None:
            with paid_by("ada"):
                async with desk.job() as let_others:
                    await anyio.sleep(10)
                    await let_others()
                    await anyio.sleep(15)

        async def of_another() -> None:
            with paid_by("bob"):
                await worked(desk, 25)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(in_two_parts)
            await anyio.sleep(0.1)
            tasks.start_soon(of_another)
        assert desk.failures == 0


class TestDoesItWork:
    """A trial is made only when nothing is known."""

    async def tried(
        self, desk: Desk, *, fails: bool = False, seconds: float = 0
    ) -> tuple[bool, bool]:
        """If it is said to work, and if that was tried."""
        tries = []

        async def trial() -> None:
            tries.append(1)
            await anyio.sleep(seconds)
            if fails:
                raise EngineFailed("Broken.")

        return await desk.found_working(trial), bool(tries)

    async def test_at_first_it_is_tried_and_then_believed_for_a_while(self) -> None:
        desk = a_desk()
        assert await self.tried(desk) == (True, True)
        assert await self.tried(desk, fails=True) == (True, False)
        await anyio.sleep(61)
        assert await self.tried(desk, fails=True) == (False, True)

    async def test_real_work_is_proof_enough(self) -> None:
        desk = a_desk()
        async with desk.job():
            pass
        assert await self.tried(desk, fails=True) == (True, False)

    async def test_work_that_failed_is_known_of_too_and_soon_tried_again(self) -> None:
        desk = a_desk()
        with pytest.raises(EngineFailed):
            async with desk.job():
                raise EngineFailed("Broken.")
        assert await self.tried(desk) == (False, False)
        await anyio.sleep(6)
        assert await self.tried(desk) == (True, True)

    async def test_bad_input_says_nothing_about_the_engine(self) -> None:
        desk = a_desk()
        with pytest.raises(BadInput):
            async with desk.job():
                raise BadInput("No.")
        assert await self.tried(desk, fails=True) == (False, True)

    @pytest.mark.parametrize("refusal", [RequestRefused, RequestDeclined])
    async def test_nor_does_a_request_that_was_too_much_for_it(
        self, refusal: type[RequestRefused]
    ) -> None:
        desk = a_desk()
        with pytest.raises(refusal):
            async with desk.job():
                raise refusal("That is too long.")
        assert (desk.trouble, desk.failures) == (None, 0)
        assert await self.tried(desk, fails=True) == (False, True)

    @pytest.mark.parametrize("at_once", [1, 2])
    async def test_one_that_is_busy_is_not_tried_and_not_taken_for_broken(
        self, at_once: int
    ) -> None:
        desk = a_desk(at_once, within_seconds=300)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(worked, desk, 100)
            for _ in range(10):
                await anyio.sleep(9)
                assert await self.tried(desk, fails=True) == (True, False)
        await anyio.sleep(61)
        assert await self.tried(desk) == (True, True)

    async def test_a_trial_that_finds_no_place_says_nothing(self) -> None:
        desk = a_desk(within_seconds=300)
        desk._courtesy = _NobodyPasses()
        assert await self.tried(desk) == (True, False)
        await anyio.sleep(6)
        assert (desk.trouble, desk.failures) == (None, 0)

    async def test_nor_does_a_job_that_waited_in_vain(self) -> None:
        desk = a_desk()
        async with anyio.create_task_group() as tasks:
            for _ in range(2):
                tasks.start_soon(worked, desk, 20)
                await anyio.sleep(0.1)
            with pytest.raises(TryLater):
                await worked(desk, 20)
        assert (desk.trouble, desk.failures) == (None, 0)

    async def test_a_trial_does_not_take_for_ever(self) -> None:
        desk = a_desk()
        await self.tried(desk, seconds=10_000)
        await anyio.sleep(5)
        assert await self.tried(desk) == (False, False)
        assert isinstance(desk.trouble, EngineTimeout)

    @pytest.mark.parametrize("known_to_fail", [False, True])
    async def test_nobody_waits_long_for_one_and_hears_what_was_known_before(
        self, known_to_fail: bool
    ) -> None:
        desk = a_desk()
        if known_to_fail:
            await self.tried(desk, fails=True)
            await anyio.sleep(6)
        asked_at = anyio.current_time()
        works, tried = await self.tried(desk, seconds=4)
        assert (works, tried) == (not known_to_fail, True)
        assert anyio.current_time() - asked_at == pytest.approx(1.0)

    async def test_one_that_takes_long_goes_on_and_serves_all_who_ask(self) -> None:
        desk = a_desk()
        await self.tried(desk, fails=True)
        await anyio.sleep(6)
        assert await self.tried(desk, seconds=1.5) == (False, True)
        assert await self.tried(desk, fails=True) == (True, False)

    async def test_one_that_breaks_is_a_failure_and_the_log_says_why(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def breaks() -> None:
            raise ValueError("/secret/path")

        desk = a_desk()
        assert not await desk.found_working(breaks)
        assert "secret" not in str(desk.trouble)
        assert "secret" in caplog.text
