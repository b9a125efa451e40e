"""Whoever is in the house at once, and however their turns fall together: nobody learns of another.

The model repeats all that it is shown, so that a memory that were shared would be heard. Some
leave in the middle and come again; engines and rooms are the same for all.
"""

from __future__ import annotations

from collections.abc import Iterator

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.engines.llm.scripted import ScriptedResponder
from repartee.engines.stt.scripted import ScriptedRecognizer
from repartee.engines.tts.cached import Cached
from repartee.engines.tts.scripted import ScriptedSynthesizer
from tests.calls.line import scripted
from tests.chaos.guests import INTERFACES, TURNS, WORDS, Guest
from tests.fuzz.budget import patiently, tries
from tests.fuzz.whole_app import OnStage, WholeApp, on_stage

pytestmark = patiently

SHARE = 0.006
EVERYTHING = "{history} Now you said {last_user}."

pauses = st.tuples(*[st.sampled_from([0.0, 0.0, 0.01, 0.3, 1.1, 2.7])] * TURNS)
guests = st.lists(
    st.tuples(st.sampled_from(range(len(INTERFACES))), pauses), min_size=2, max_size=len(WORDS)
)


@pytest.fixture(scope="module")
def stage() -> Iterator[OnStage]:
    engines = scripted(
        stt=ScriptedRecognizer(transcripts=WORDS, by_tone=True),
        llm=ScriptedResponder(replies=(EVERYTHING,), token_ms=20),
        tts=Cached(ScriptedSynthesizer(letter_ms=10), 1 << 20),
    )
    with on_stage(engines) as it:
        yield it


@given(guests)
@tries(SHARE)
def test_nobody_learns_of_another(
    stage: OnStage, party: list[tuple[int, tuple[float, ...]]]
) -> None:
    stage.run(everybody(stage.app, party))


def test_a_guest_on_each_interface_at_once(stage: OnStage) -> None:
    party = [(number, (0.0,) * TURNS) for number in range(len(INTERFACES))]
    stage.run(everybody(stage.app, party))


async def everybody(app: WholeApp, party: list[tuple[int, tuple[float, ...]]]) -> None:
    there = [Guest(app, number, pauses) for number, (_, pauses) in enumerate(party)]
    async with anyio.create_task_group() as tasks:
        for guest, (interface, _) in zip(there, party, strict=True):
            tasks.start_soon(INTERFACES[interface], guest)
    await app.house.visitors.close()
    await app.house.keeper.flush()
    for guest in there:
        check(guest.word, " ".join(guest.told))
    await check_what_is_stored(app)


def check(own: str, told: str) -> None:
    assert own in told
    assert [word for word in WORDS if word != own and word in told] == []


async def check_what_is_stored(app: WholeApp) -> None:
    """Each session holds the words of one guest; then they are forgotten, for the next try."""
    sessions = await app.house.store.sessions(100)
    assert sessions
    for session in sessions:
        turns = await app.house.store.turns(session.id)
        text = " ".join(f"{t.user_text} {t.assistant_text} {t.heard_text}" for t in turns)
        assert len([word for word in WORDS if word in text]) == 1, text
        assert turns
        await app.house.store.delete(session.id)
