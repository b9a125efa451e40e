"""Many conversations whose clients come and go, all at once."""

from __future__ import annotations

import random

import anyio
import pytest

from repartee.engines.llm.scripted import ScriptedResponder
from repartee.engines.stt.scripted import ScriptedRecognizer
from repartee.engines.tts.scripted import ScriptedSynthesizer
from tests.calls.line import Notebook, scripted
from tests.calls.virtual_time import IN_VIRTUAL_TIME, Backend
from tests.calls.visiting import answer_to, open_to_visitors, spoken, typed

pytestmark = pytest.mark.anyio

ECHO = "So far: {history} Now you said {last_user}"


@pytest.fixture
def anyio_backend() -> Backend:
    return IN_VIRTUAL_TIME


@pytest.mark.parametrize("seed", range(8))
async def test_they_never_mix(seed: int) -> None:
    """Whoever asks what, whenever, and leaves whenever: what comes back is about them alone."""
    dice = random.Random(seed)
    stt = ScriptedRecognizer(transcripts=["pardon"], settle_ms=300)
    llm = ScriptedResponder(replies=[ECHO], first_token_ms=100, token_ms=30)
    tts = ScriptedSynthesizer(first_piece_ms=50)
    names = [f"word{chr(97 + number)}x" for number in range(8)]
    notebook = Notebook()
    complete = 0

    async with open_to_visitors(scripted(stt=stt, llm=llm, tts=tts), notebook=notebook) as visitors:

        async def come_and_go(name: str) -> None:
            nonlocal complete
            for number in range(12):
                await anyio.sleep(dice.choice([0, 0.01, 0.2, 1, 3]))
                visitor = await visitors.enter(name, "upload")
                begin = spoken(visitor) if dice.random() < 0.4 else typed(f"{name} {number}")
                with anyio.move_on_after(dice.choice([0.05, 0.3, 1, 60, 60, 60])):
                    answer = await answer_to(visitor, begin, patiently=dice.random() < 0.3)
                    words = str(answer.parts)
                    assert [other for other in names if other in words] in ([], [name])
                    if not answer.was_cut_off:
                        assert answer.spoken.split() == answer.text.split()
                        complete += 1
                if dice.random() < 0.1:
                    visitors.clear(name)

        async with anyio.create_task_group() as tasks:
            for name in names * 2:  # each name comes on two lines at once
                tasks.start_soon(come_and_go, name)
        assert complete > 40
        for turn in notebook.turns:
            text = f"{turn.user_text} {turn.assistant_text}"
            assert len([name for name in names if name in text]) <= 1
