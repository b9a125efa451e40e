"""Every stage of a turn, with everything that can befall an engine, in every phase of a call.

Whoever is on the line hears the answer, an apology or a word to wait within two seconds of having
finished; whatever comes late is still given, and what never comes is apologised for when patience
ends, or, where no voice is left, told. The next turn is as if nothing had been.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import product

import anyio
import pytest

from repartee.calls.clock import now
from repartee.calls.options import CallOptions
from repartee.conversation import Rules
from repartee.conversation import events as ev
from repartee.conversation.lexicon import holding_sentence
from repartee.conversation.rules import (
    HEARING_FAILED_SENTENCE,
    THINKING_FAILED_SENTENCE,
)
from repartee.conversation.told import Problem, ReplyCompleted, ReplyStarted
from tests.calls.line import Line, on_the_line
from tests.calls.recording_client import SoundOf
from tests.calls.virtual_time import IN_VIRTUAL_TIME, Backend
from tests.chaos.engines import ANSWER, QUESTION, SECRET, Fated, Fault, Stage

pytestmark = pytest.mark.anyio

HOLDING_SENTENCE = holding_sentence("en")
WITHIN_SECONDS = 2.0
GIVEN_UP_SECONDS = Rules().reply_within_ms / 1000 + 1.0
"""The longest patience with an engine, and a little."""
USUAL = CallOptions(rules=Rules(hold_after_ms=1_700))
CAREFUL = CallOptions(rules=Rules(hold_after_ms=1_700, speculate=False))
"""No reply is begun before the turn is over: a failure is never that of a mere attempt."""
APOLOGIES = (HEARING_FAILED_SENTENCE, THINKING_FAILED_SENTENCE)
OF_THE_EAR = (Stage.EAR_OPENS, Stage.EAR_FOLLOWS, Stage.EAR_SETTLES)
OF_THE_VOICE = (Stage.VOICE_BEGINS, Stage.VOICE_GOES_ON)


@pytest.fixture
def anyio_backend() -> Backend:
    return IN_VIRTUAL_TIME


# ---------------------------------------------------------------- the phases


async def typing(line: Line) -> float:
    line.call.happened(ev.Typed(QUESTION))
    return now()


async def speaking(line: Line) -> float:
    await line.speak(1_200)
    return await in_silence(line)


async def barging_in(line: Line) -> float:
    """Over the reply to the turn before, which is just being heard."""
    await line.speak(1_600)
    return await in_silence(line)


async def in_silence(line: Line) -> float:
    finished_at = now()
    await line.be_quiet(1_500)
    return finished_at


async def good_turn(line: Line) -> None:
    line.call.happened(ev.Typed("Good day."))
    await line.client.until(ReplyCompleted)


async def good_turn_and_a_long_silence(line: Line) -> None:
    await good_turn(line)
    await anyio.sleep(300)


async def being_answered(line: Line) -> None:
    await line.ask_until_it_is_heard()
    await line.be_quiet(640)


async def nothing(line: Line) -> None:
    """The call has just begun."""


Before = Callable[[Line], Awaitable[None]]
During = Callable[[Line], Awaitable[float]]
"""What is said, and when that is over."""
PHASES: dict[str, tuple[Before, During, CallOptions]] = {
    "the first turn": (nothing, speaking, USUAL),
    "the first turn, without speculation": (nothing, speaking, CAREFUL),
    "a typed turn": (nothing, typing, USUAL),
    "a typed turn after others": (good_turn, typing, USUAL),
    "a spoken turn after a long silence": (good_turn_and_a_long_silence, speaking, USUAL),
    "a barge-in": (being_answered, barging_in, CAREFUL),
}
CASES = [
    (phase, stage, fault)
    for phase, stage, fault in product(PHASES, Stage, Fault)
    if not (stage in OF_THE_EAR and "typed" in phase)
]


@pytest.mark.parametrize(
    ("phase", "stage", "fault"), CASES, ids=lambda part: str(getattr(part, "name", part))
)
async def test_it_is_made_good(phase: str, stage: Stage, fault: Fault) -> None:
    fated = Fated()
    before, during, options = PHASES[phase]
    await fated.voice.rehearse()
    async with on_the_line(fated.engines, options) as line:
        await before(line)
        fated.fate.awaits(stage, fault)
        so_far, done = len(line.client.log), len(line.client.all(ReplyCompleted))
        finished_at = await during(line)
        outcome = await completed(line, done + 1)
        check_outcome(line, outcome, stage, fault, was_heard=before is being_answered)
        check_in_time(line, finished_at, so_far, outcome)
        check_given_up(line, fated.fate.at, so_far)
        fated.fate.mends()
        await check_next_turn(line, outcome, fated)


async def completed(line: Line, count: int) -> ReplyCompleted:
    """The first reply from this one on that does not only ask to wait."""
    while True:
        outcome = await line.client.until(ReplyCompleted, count)
        if outcome.text != HOLDING_SENTENCE:
            return outcome
        count += 1


def check_outcome(
    line: Line, outcome: ReplyCompleted, stage: Stage, fault: Fault, *, was_heard: bool
) -> None:
    """`was_heard`: a reply was, and goes on when the ear fails before anybody's words are known."""
    told = str(line.client.all(Problem))
    assert SECRET not in told
    if fault is Fault.LATE:
        assert outcome.text == ANSWER
        assert told == "[]"
    elif fault is Fault.TWICE:
        assert outcome.text.startswith(ANSWER[:10])  # a model may well repeat itself
        assert told == "[]"
    elif stage in OF_THE_VOICE:
        assert ANSWER.startswith(outcome.text)
    else:
        assert outcome.text in (ANSWER, *APOLOGIES)
        assert (outcome.text == ANSWER) == (told == "[]") or (was_heard and stage in OF_THE_EAR)


def check_in_time(line: Line, finished_at: float, so_far: int, outcome: ReplyCompleted) -> None:
    """Whoever has finished hears something soon: of the outcome, or that it takes a moment."""
    came = line.client.log[so_far:]
    begun = {what.reply for _, what in came if isinstance(what, ReplyStarted)}
    sounds = [(at, what.reply) for at, what in came if isinstance(what, SoundOf)]
    heard = [at for at, reply in sounds if reply in begun or reply == outcome.reply]
    told = [at for at, what in came if isinstance(what, Problem)]
    assert heard or told, "nobody said anything"
    assert min(heard or told) - finished_at <= WITHIN_SECONDS


def check_given_up(line: Line, at: float | None, so_far: int) -> None:
    assert at is not None, "it never came to that"
    problems = [moment for moment, what in line.client.log[so_far:] if isinstance(what, Problem)]
    assert not problems or problems[0] - at <= GIVEN_UP_SECONDS


async def check_next_turn(line: Line, outcome: ReplyCompleted, fated: Fated) -> None:
    """Nothing of the trouble is left: not in what is heard, nor in the engines."""
    await anyio.sleep(30)
    count, began = len(line.client.all(ReplyCompleted)), now()
    problems = len(line.client.all(Problem))
    line.call.happened(ev.Typed("Once more."))
    answer = await line.client.until(ReplyCompleted, count + 1)
    assert answer.text == ANSWER
    assert answer.reply > outcome.reply
    assert len(line.client.sound_of(answer.reply)) > 0
    assert now() - began < 30
    assert len(line.client.all(Problem)) == problems
    assert fated.ear.listening == 0
