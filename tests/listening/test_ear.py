"""An ear, told in windows of 32 ms: `_` is silence, `s` is speech."""

import asyncio

import numpy as np
import pytest

from repartee.engines.protocols import Samples
from repartee.engines.voice.scripted import ScriptedDetector
from repartee.listening.ear import Ear, Heard
from repartee.listening.segmenter import SegmentRules, SpeechBegan, SpeechPaused

pytestmark = pytest.mark.anyio

WINDOW = 512
FIRST = {"_": 0, "s": 8_000}


def sound(story: str) -> Samples:
    """Each window is told from all others by its first sample."""
    windows = []
    for at, what in enumerate(story):
        window = np.full(WINDOW, FIRST[what], np.int16)
        window[0] = at
        windows.append(window)
    return np.concatenate(windows)


def ear(preroll_windows: int = 3) -> Ear:
    return Ear(
        ScriptedDetector().stream(), SegmentRules(pause_ms=96), preroll_ms=32 * preroll_windows
    )


def told(heard: list[Heard]) -> list[str | list[int]]:
    """Edges by name, and runs of sound as the numbers of their windows."""
    story: list[str | list[int]] = []
    for what in heard:
        if isinstance(what, SpeechBegan | SpeechPaused):
            story.append("began" if isinstance(what, SpeechBegan) else "paused")
            continue
        numbers = what[::WINDOW].tolist()
        if story and isinstance(story[-1], list):
            story[-1].extend(numbers)
        else:
            story.append(numbers)
    return story


async def test_silence_is_kept_and_not_given_out() -> None:
    assert await ear().hear(sound("______")) == []


async def test_speech_opens_it_and_what_came_before_follows_the_edge() -> None:
    listening = ear(preroll_windows=3)
    assert told(await listening.hear(sound("_____sss"))) == ["began", [3, 4, 5, 6, 7]]
    assert listening.open
    assert listening.in_speech


async def test_sound_goes_on_through_a_pause() -> None:
    heard = told(await ear().hear(sound("_sss____sss")))
    assert heard == ["began", [0, 1, 2, 3, 4, 5], "paused", [6, 7, 8], "began", [9, 10]]


async def test_a_closed_ear_gives_out_nothing_until_speech_begins_again() -> None:
    listening = ear()
    await listening.hear(sound("_sss___"))
    listening.open = False
    assert await listening.hear(sound("______")) == []
    assert told(await listening.hear(sound("ss"))) == ["began", [4, 5, 0, 1]]


async def test_closed_in_a_pause_it_still_has_that_silence_for_the_next_turn() -> None:
    listening = ear(preroll_windows=4)
    await listening.hear(sound("_sss___"))
    listening.open = False
    assert told(await listening.hear(sound("ss"))) == ["began", [6, 0, 1]]


async def test_no_sound_from_before_a_speech_is_joined_to_sound_after_it() -> None:
    listening = ear(preroll_windows=6)
    await listening.hear(sound("____ss"))
    await listening.hear(sound("___ss___"))
    listening.open = False
    (_, first, *_) = await listening.hear(sound("_ss"))
    assert not isinstance(first, SpeechBegan | SpeechPaused)
    assert first[::WINDOW].tolist() == [7, 0, 1]


async def test_it_can_be_opened_by_hand_and_gives_what_it_kept_first() -> None:
    listening = ear(preroll_windows=3)
    await listening.hear(sound("_____"))
    listening.open = True
    assert told(await listening.hear(sound("__"))) == [[2, 3, 4, 0, 1]]


async def test_opened_by_hand_while_it_is_open_it_says_nothing_twice() -> None:
    listening = ear()
    await listening.hear(sound("_ss"))
    listening.open = True
    assert told(await listening.hear(sound("ss"))) == [[0, 1]]


async def test_it_tells_how_much_came_in_and_where_edges_lie() -> None:
    listening = ear()
    heard = await listening.hear(np.concatenate((sound("__ss___"), np.zeros(160, np.int16))))
    edges = [what for what in heard if isinstance(what, SpeechBegan | SpeechPaused)]
    assert edges == [SpeechBegan(64, 64), SpeechPaused(128, 96)]
    assert listening.position_ms == 7 * 32 + 10


@pytest.mark.parametrize("chunk", [1, 160, 511, 512, 513, 4000])
async def test_the_size_of_chunks_changes_nothing(chunk: int) -> None:
    whole = sound("__ss___s_s__")
    heard: list[Heard] = []
    listening = ear()
    for at in range(0, len(whole), chunk):
        heard += await listening.hear(whole[at : at + chunk])
    assert told(heard) == told(await ear().hear(whole))


async def test_a_long_piece_lets_others_have_their_turn() -> None:
    hearing = asyncio.ensure_future(ear().hear(np.zeros(60 * 16_000, np.int16)))
    turns = 0
    while not hearing.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 50


async def test_when_it_begins_anew_nothing_is_left_of_what_was() -> None:
    listening = ear()
    await listening.hear(np.concatenate((sound("_sss"), np.full(500, 8_000, np.int16))))
    listening.begin_anew()
    assert not listening.in_speech
    assert listening.position_ms == 0
    heard = await listening.hear(sound("__"))
    assert told(heard) == [[0, 1]], "half a window of another recording is not put before it"


async def test_what_is_being_judged_when_it_begins_anew_is_dropped() -> None:
    listening = ear()
    listening.open = True
    long = asyncio.ensure_future(listening.hear(sound("s" * 200)))
    await asyncio.sleep(0)
    listening.begin_anew()
    assert await long == []
    assert not listening.in_speech
    assert told(await listening.hear(sound("_s"))) == [[0, 1]]
