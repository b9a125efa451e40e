"""What waits to be heard, and how much has been."""

from __future__ import annotations

import numpy as np

from repartee.audio.pcm import Samples
from repartee.talking.playout import Heard, Phrase, Playout

SECOND = 24_000


def sound(level: int, seconds: float = 1.0) -> Samples:
    return np.full(round(seconds * SECOND), level, np.int16)


def test_sound_is_heard_in_order_and_then_silence() -> None:
    playout = Playout()
    playout.add(1, sound(1, 0.5))
    playout.add(1, sound(2, 0.25))
    heard = playout.take(SECOND)
    assert [heard[0], heard[SECOND // 2], heard[-1]] == [1, 2, 0]
    assert not playout.busy


def test_how_much_has_been_heard_of_the_newest() -> None:
    playout = Playout()
    assert playout.heard() == Heard()
    playout.add(1, sound(1))
    playout.take(SECOND // 2)
    assert playout.heard() == Heard(1, 500)
    playout.add(2, sound(2))
    playout.take(SECOND)
    assert playout.heard() == Heard(2, 500)


def test_what_the_device_holds_back_has_not_been_heard_yet() -> None:
    playout = Playout()
    playout.add(1, sound(1))
    playout.take(SECOND // 2)
    assert playout.heard(late_ms=80) == Heard(1, 420)
    assert playout.heard(late_ms=900) == Heard(1, 0)
    playout.take(SECOND)
    assert playout.heard(late_ms=80) == Heard(1, 1_000)


def test_a_phrase_begins_with_its_first_sound() -> None:
    playout = Playout()
    playout.add(1, sound(1), "One.")
    playout.add(1, sound(1))
    playout.add(1, sound(1), "Two.")
    playout.take(1)
    assert playout.begun() == [Phrase(1, "One.")]
    playout.take(2 * SECOND)
    assert playout.begun() == [Phrase(1, "Two.")]
    assert playout.begun() == []


def test_hushing_is_immediate_and_keeps_the_count() -> None:
    playout = Playout()
    playout.add(1, sound(1))
    playout.take(SECOND // 4)
    playout.hush()
    assert not playout.take(SECOND).any()
    assert playout.heard() == Heard(1, 250)


def test_a_new_connection_counts_anew() -> None:
    playout = Playout()
    playout.add(7, sound(1), "One.")
    playout.take(10)
    playout.forget()
    assert (playout.heard(), playout.begun(), playout.busy) == (Heard(), [], False)


def test_a_server_gone_wild_does_not_fill_the_memory() -> None:
    playout = Playout()
    for _ in range(700):
        playout.add(1, sound(1))
    assert playout.take(700 * SECOND).sum() == 600 * SECOND
