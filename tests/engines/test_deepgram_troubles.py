"""Deepgram in every trouble, over each of its sockets: each has its error, and then it works again.

The engines that ask over HTTP are put through the same by `check_troubles`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import msgspec
import pytest

from repartee.engines.protocols import Caller, Speech
from repartee.engines.stt import deepgram_hearing
from repartee.engines.stt.deepgram import Deepgram
from repartee.engines.stt.deepgram_flux import DeepgramFlux
from repartee.engines.tts.deepgram import DeepgramAura
from repartee.engines.tts.whole import whole_sound
from repartee.errors import (
    EngineBusy,
    EngineError,
    EngineFailed,
    EngineLocked,
    EngineNonsense,
    EngineTimeout,
    EngineUnreachable,
)
from repartee.testing.standins.deepgram import DeepgramStandIn
from repartee.testing.standins.deepgram_ear import coded
from tests.engines.deepgrams import Pauses, feed, nothing_left_behind

pytestmark = pytest.mark.anyio

SAID = "of these ten words nobody may see anything at all"


async def hear(engine: Any) -> None:
    async with engine.listen(Caller("ann"), "en") as hearing:
        feed(hearing, coded(SAID))
        assert (await hearing.settle()).text == SAID


async def speak(engine: Any) -> None:
    assert len((await whole_sound(engine, SAID, Speech())).samples)


class Kind(msgspec.Struct, frozen=True):
    engine: Any
    use: Callable[[Any], Awaitable[None]]


@pytest.fixture(
    params=[Kind(Deepgram, hear), Kind(DeepgramFlux, hear), Kind(DeepgramAura, speak)],
    ids=["nova", "flux", "aura"],
)
def kind(request: pytest.FixtureRequest) -> Kind:
    one: Kind = request.param
    return one


@pytest.fixture
async def standin() -> AsyncIterator[DeepgramStandIn]:
    async with DeepgramStandIn() as deepgram:
        yield deepgram


def refuses(status: int) -> Callable[[DeepgramStandIn], None]:
    def befall(standin: DeepgramStandIn) -> None:
        standin.status = status
        standin.cut()  # what stands already must not help

    return befall


def hangs(standin: DeepgramStandIn) -> None:
    standin.hang = True


def talks_nonsense(standin: DeepgramStandIn) -> None:
    standin.nonsense = True


def breaks_off(standin: DeepgramStandIn) -> None:
    async def cut() -> None:
        standin.cut()

    standin.delay = cut


def recovers(standin: DeepgramStandIn) -> None:
    standin.status, standin.hang, standin.nonsense, standin.delay = 0, False, False, None


TROUBLES: dict[str, tuple[Callable[[DeepgramStandIn], None], type[EngineError]]] = {
    "refuses the request": (refuses(400), EngineError),
    "no longer knows the key": (refuses(401), EngineLocked),
    "has an account without credit": (refuses(402), EngineError),
    "forbids it": (refuses(403), EngineLocked),
    "has too much to do": (refuses(429), EngineBusy),
    "is broken": (refuses(500), EngineFailed),
    "is overloaded": (refuses(503), EngineFailed),
    "sends no JSON": (talks_nonsense, EngineNonsense),
    "breaks off whatever it answers": (breaks_off, EngineUnreachable),
}


@pytest.mark.parametrize("what", TROUBLES)
async def test_each_has_its_error_after_which_it_works_again(
    kind: Kind, standin: DeepgramStandIn, what: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    befall, error = TROUBLES[what]
    async with nothing_left_behind():
        engine = kind.engine(api_key=standin.key, base_url=standin.url, sleep=Pauses())
        await engine.open()
        befall(standin)
        with pytest.raises(error) as raised:
            await kind.use(engine)
        told = str(raised.value)
        assert "Deepgram" in told
        assert raised.value.sentence.endswith(".")
        recovers(standin)
        await kind.use(engine)
        await engine.close()
        await standin.until(lambda: not standin.open)
    ours = [one.getMessage() for one in caplog.records if one.name.startswith("repartee.")]
    for secret in (standin.key, SAID):
        assert secret not in f"{told} {engine!r} {ours}"


async def test_one_that_never_answers_is_not_waited_for(
    kind: Kind, standin: DeepgramStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deepgram_hearing, "ANSWER_WITHIN_S", 0.01)
    async with nothing_left_behind():
        engine = kind.engine(api_key=standin.key, base_url=standin.url, timeout=0.2, sleep=Pauses())
        hangs(standin)
        await engine.open()
        with pytest.raises(EngineTimeout, match="Deepgram took too long"):
            await kind.use(engine)
        await engine.close()


async def test_one_that_is_not_there_names_the_setting_that_may_be_wrong(kind: Kind) -> None:
    async with DeepgramStandIn() as gone:
        url = gone.url
    async with nothing_left_behind():
        engine = kind.engine(api_key="a-key", base_url=url, sleep=Pauses())
        await engine.open()
        with pytest.raises(EngineUnreachable, match="DEEPGRAM_BASE_URL"):
            await kind.use(engine)
        await engine.close()


async def test_a_wrong_key_names_its_setting_and_is_not_shown(
    kind: Kind, standin: DeepgramStandIn
) -> None:
    engine = kind.engine(api_key="not-the-key-7f3a", base_url=standin.url)
    with pytest.raises(EngineLocked, match="DEEPGRAM_API_KEY is not accepted") as raised:
        await engine.open()
    await engine.close()
    assert "7f3a" not in str(raised.value) + repr(engine)


async def test_a_trouble_that_passes_is_not_noticed(kind: Kind, standin: DeepgramStandIn) -> None:
    engine = kind.engine(api_key=standin.key, base_url=standin.url, sleep=Pauses())
    await engine.open()
    standin.drop_after = 0
    await kind.use(engine)
    assert len(standin.connections) > 1
    await engine.close()


async def test_who_leaves_frees_it_and_the_next_is_served(
    kind: Kind, standin: DeepgramStandIn
) -> None:
    engine = kind.engine(api_key=standin.key, base_url=standin.url, sleep=Pauses())
    await engine.open()
    standin.hang = True
    using = asyncio.ensure_future(kind.use(engine))
    await standin.until(lambda: any(visit.messages for visit in standin.connections))
    using.cancel()
    await asyncio.wait([using])
    assert using.cancelled()
    standin.hang = False
    await kind.use(engine)
    await engine.close()
    await standin.until(lambda: not standin.open)
