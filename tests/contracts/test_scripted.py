"""The promises of every protocol, kept by the engines named scripted."""

import pytest

from repartee.engines.llm.scripted import ScriptedResponder
from repartee.engines.stt.scripted import ScriptedRecognizer
from repartee.engines.tts.scripted import ScriptedSynthesizer
from repartee.engines.voice.scripted import ScriptedDetector
from repartee.engines.voice.silero import Silero
from repartee.testing.checks import (
    check_detector,
    check_recognizer,
    check_responder,
    check_synthesizer,
)

pytestmark = pytest.mark.anyio


async def test_the_scripted_detector() -> None:
    await check_detector(ScriptedDetector())


async def test_silero() -> None:
    await check_detector(Silero())


async def test_the_scripted_recogniser() -> None:
    await check_recognizer(ScriptedRecognizer())


async def test_the_scripted_responder() -> None:
    await check_responder(ScriptedResponder(), repeatable=True)


async def test_the_scripted_synthesiser() -> None:
    await check_synthesizer(ScriptedSynthesizer())
