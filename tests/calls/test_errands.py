"""One-shot work beside the calls: bounded, and in nobody's way."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

import anyio
import numpy as np
import pytest

from repartee.calls.errands import MOST_STREAMS, ErrandRules, Errands
from repartee.calls.refusals import LimitReached
from repartee.engines.protocols import Sound, Speech
from repartee.engines.tts.cached import Cached
from repartee.engines.tts.scripted import ScriptedSynthesizer
from repartee.errors import BadInput, EngineFailed, EngineTimeout, Refused
from tests.calls.fakes import Trouble, TroubledRecognizer, TroubledVoice, hangs, raises
from tests.calls.line import scripted
from tests.calls.virtual_time import IN_VIRTUAL_TIME, Backend
from tests.calls.visiting import paid_by

pytestmark = pytest.mark.anyio

TEXT = "A sentence of a dozen words, which takes a good while to say."
SECOND = np.full(16_000, 8_000, np.int16)
BROKEN = EngineFailed("It is broken.")


@pytest.fixture
def anyio_backend() -> Backend:
    return IN_VIRTUAL_TIME


class Slow(ScriptedSynthesizer):
    """A voice that takes a second for each tenth of a second of sound."""

    speaking = 0
    most_speaking = 0

    async def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
        async with aclosing(super().synthesize(text, speech)) as pieces:
            async for piece in pieces:
                self.speaking += 1
                self.most_speaking = max(self.speaking, self.most_speaking)
                try:
                    await anyio.sleep(1)
                finally:
                    self.speaking -= 1
                yield piece


class Silent(ScriptedSynthesizer):
    async def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
        nothing: tuple[Sound, ...] = ()
        for sound in nothing:
            yield sound


async def drained(sounds: AsyncGenerator[Sound]) -> int:
    return sum([len(sound.samples) async for sound in sounds])


async def test_a_recording_is_written_down() -> None:
    assert (await Errands(scripted(), ErrandRules()).transcribe(SECOND, "en")).text


async def test_a_text_is_spoken_whole_or_as_a_stream() -> None:
    errands = Errands(scripted(), ErrandRules())
    whole = await errands.synthesize(TEXT, Speech())
    assert await drained(errands.stream(TEXT, Speech())) == len(whole.sound.samples)


async def test_what_can_not_be_done_is_refused_without_waiting_for_a_turn() -> None:
    errands = Errands(scripted(tts=Slow()), ErrandRules())
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(errands.synthesize, TEXT, Speech())
        await anyio.sleep(0.5)
        with pytest.raises(BadInput), anyio.fail_after(0.1):
            await errands.transcribe(SECOND, "xx")
        tasks.cancel_scope.cancel()


async def test_listening_does_not_wait_for_speaking() -> None:
    errands = Errands(scripted(tts=Slow()), ErrandRules())
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(errands.synthesize, TEXT, Speech())
        await anyio.sleep(0.5)
        with anyio.fail_after(0.1):
            assert (await errands.transcribe(SECOND, "en")).text
        tasks.cancel_scope.cancel()


class TestStreaming:
    async def test_streams_take_turns_piece_by_piece(self) -> None:
        voice = Slow()
        errands = Errands(scripted(tts=voice), ErrandRules())
        heard: dict[str, int] = {}

        async def listen(name: str) -> None:
            heard[name] = 0
            async for _ in errands.stream(TEXT, Speech()):
                heard[name] += 1

        async with anyio.create_task_group() as tasks:
            for name in ("first", "second"):
                tasks.start_soon(listen, name)
            await anyio.sleep(10.5)
            assert heard == {"first": 5, "second": 5}
            tasks.cancel_scope.cancel()
        assert voice.most_speaking == 1

    async def test_a_client_that_takes_nothing_holds_up_nobody(self) -> None:
        errands = Errands(scripted(tts=Slow()), ErrandRules())
        async with aclosing(errands.stream(TEXT, Speech())) as sounds:
            await anext(sounds)
            with anyio.fail_after(100):
                await errands.synthesize("Yes.", Speech())

    async def test_only_so_many_are_open(self) -> None:
        errands = Errands(scripted(), ErrandRules())
        streams = [errands.stream(TEXT, Speech()) for _ in range(MOST_STREAMS)]
        for sounds in streams:
            await anext(sounds)
        with pytest.raises(Refused):
            await anext(errands.stream(TEXT, Speech()))
        await streams.pop().aclose()
        assert await drained(errands.stream(TEXT, Speech()))
        for sounds in streams:
            await sounds.aclose()

    async def test_half_of_them_are_for_others(self) -> None:
        errands = Errands(scripted(), ErrandRules())
        with paid_by("greedy"):
            streams = [errands.stream(TEXT, Speech()) for _ in range(MOST_STREAMS // 2)]
            for sounds in streams:
                await anext(sounds)
            with pytest.raises(LimitReached, match="places for texts that are streamed is taken"):
                await anext(errands.stream(TEXT, Speech()))
        with paid_by("modest"):
            assert await drained(errands.stream(TEXT, Speech()))
        for sounds in streams:
            await sounds.aclose()

    async def test_leaving_it_stops_the_voice(self) -> None:
        voice = Slow()
        errands = Errands(scripted(tts=voice), ErrandRules())
        with anyio.move_on_after(0.5):
            await drained(errands.stream(TEXT, Speech()))
        assert voice.speaking == 0
        assert "0 streams" in repr(errands)

    async def test_a_voice_that_stops_in_the_middle(self) -> None:
        errands = Errands(scripted(tts=TroubledVoice(hangs, after_pieces=2)), ErrandRules())
        with pytest.raises(EngineTimeout):
            await drained(errands.stream(TEXT, Speech()))

    async def test_no_sound_at_all_is_a_failure(self) -> None:
        errands = Errands(scripted(tts=Silent()), ErrandRules())
        with pytest.raises(EngineFailed, match="made no sound"):
            await drained(errands.stream(TEXT, Speech()))


class TestWhatWorks:
    async def test_engines_that_work(self) -> None:
        errands = Errands(scripted(), ErrandRules())
        assert await errands.hearing_works()
        assert await errands.speaking_works()

    @pytest.mark.parametrize("trouble", [hangs, raises(BROKEN)])
    async def test_engines_that_do_not(self, trouble: Trouble) -> None:
        stt = TroubledRecognizer("settling", trouble)
        tts = TroubledVoice(trouble)
        errands = Errands(scripted(stt=stt, tts=tts), ErrandRules())
        await errands.hearing_works()  # nobody waits until a trial of one that hangs is over
        await errands.speaking_works()
        await anyio.sleep(5)
        assert not await errands.hearing_works()
        assert not await errands.speaking_works()
        await anyio.sleep(10)  # they are in trouble only once
        assert await errands.hearing_works()
        assert await errands.speaking_works()

    async def test_a_cache_does_not_stand_in_for_its_engine(self) -> None:
        class Failing(ScriptedSynthesizer):
            fails = False

            async def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
                if self.fails:
                    raise BROKEN
                async for sound in super().synthesize(text, speech):
                    yield sound

        voice = Failing()
        errands = Errands(scripted(tts=Cached(voice, 1 << 20)), ErrandRules())
        assert await errands.speaking_works()
        voice.fails = True
        await anyio.sleep(61)
        assert not await errands.speaking_works()


class TestWhatWasSpokenBefore:
    """It is there already, so it waits for no place and for no call."""

    async def test_is_there_at_once_behind_texts_that_are_not(self) -> None:
        errands = Errands(scripted(tts=Cached(Slow(), 1 << 24)), ErrandRules(speaking_seconds=300))
        first = await errands.synthesize("Hello.", Speech())
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(errands.synthesize, TEXT, Speech())
            await anyio.sleep(0.1)
            began = anyio.current_time()
            again = await errands.synthesize("**Hello.**", Speech())
            streamed = await drained(errands.stream("Hello.", Speech()))
            assert anyio.current_time() == began
            assert len(again.sound.samples) == len(first.sound.samples) == streamed

    async def test_is_there_at_once_while_calls_are_in_haste(self) -> None:
        haste = False
        errands = Errands(scripted(tts=Cached(Slow(), 1 << 24)), ErrandRules(), lambda: haste)
        await errands.synthesize("Hello.", Speech())
        haste = True
        began = anyio.current_time()
        await errands.synthesize("Hello.", Speech())
        assert anyio.current_time() == began
