"""The promises of every protocol, kept by chains, whichever engine of theirs is at work."""

import pytest

from repartee.engines.chain.members import ChainRules
from repartee.engines.chain.recognizer import RecognizerChain
from repartee.engines.chain.responder import ResponderChain
from repartee.engines.chain.synthesizer import SynthesizerChain
from repartee.engines.llm.scripted import ScriptedResponder
from repartee.engines.stt.scripted import ScriptedRecognizer
from repartee.engines.tts.scripted import ScriptedSynthesizer
from repartee.testing.checks import check_recognizer, check_responder, check_synthesizer
from tests.calls.fakes import hangs, raises
from tests.engines.chain.troubled import TroubledRecognizer

pytestmark = pytest.mark.anyio

RULES = ChainRules(deadline_s=0.05)
HEDGED = ChainRules(deadline_s=0.05, hedge=True)
ONE_TEXT = ("One and the same for every turn.",)


def recognizer() -> ScriptedRecognizer:
    return ScriptedRecognizer(transcripts=ONE_TEXT)


@pytest.mark.parametrize("rules", [RULES, HEDGED])
async def test_recognisers_that_work(rules: ChainRules) -> None:
    await check_recognizer(RecognizerChain([recognizer(), recognizer()], rules))


@pytest.mark.parametrize("trouble", [hangs, raises(OSError("gone"))])
@pytest.mark.parametrize("rules", [RULES, HEDGED])
async def test_a_recogniser_that_settles_nothing(rules: ChainRules, trouble: object) -> None:
    troubled = TroubledRecognizer(settling=trouble)  # type: ignore[arg-type]
    await check_recognizer(RecognizerChain([troubled, recognizer()], rules))


@pytest.mark.parametrize("trouble", [hangs, raises(OSError("gone"))])
async def test_a_recogniser_that_does_not_even_open_a_hearing(trouble: object) -> None:
    troubled = TroubledRecognizer(opening=trouble)  # type: ignore[arg-type]
    await check_recognizer(RecognizerChain([troubled, recognizer()], RULES))


@pytest.mark.parametrize(
    "first",
    [
        ScriptedResponder(),
        ScriptedResponder(fail_after_tokens=0),
        ScriptedResponder(first_token_ms=60_000),
        ScriptedResponder(replies=("",)),
    ],
)
@pytest.mark.parametrize("rules", [RULES, HEDGED])
async def test_models(first: ScriptedResponder, rules: ChainRules) -> None:
    await check_responder(ResponderChain([first, ScriptedResponder()], rules), repeatable=True)


@pytest.mark.parametrize(
    "first",
    [
        ScriptedSynthesizer(),
        ScriptedSynthesizer(fail_after_pieces=0),
        ScriptedSynthesizer(fail_after_pieces=1),
        ScriptedSynthesizer(first_piece_ms=60_000),
    ],
)
@pytest.mark.parametrize("rules", [RULES, HEDGED])
async def test_voices(first: ScriptedSynthesizer, rules: ChainRules) -> None:
    await check_synthesizer(SynthesizerChain([first, ScriptedSynthesizer()], rules))
