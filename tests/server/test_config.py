"""What a page is told before it does anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from repartee.engines.protocols import Voice
from repartee.engines.stt.scripted import ScriptedRecognizer
from repartee.engines.tts.scripted import ScriptedSynthesizer
from tests.calls.line import scripted
from tests.server.open_house import asking, open_house

pytestmark = pytest.mark.anyio


async def config(**settings: Any) -> dict[str, Any]:
    async with open_house(**settings) as house, asking(house) as client:
        answer: dict[str, Any] = (await client.get("/config")).json()
        return answer


async def test_every_setting_of_a_page_is_in_it() -> None:
    assert set(await config()) == {
        "websocket_url",
        "default_volume",
        "auto_scroll",
        "save_chat_history",
        "max_chat_history",
        "chunk_size",
        "max_queue_size",
        "enable_audio",
        "audio_buffer_size",
        "tts_sample_rate",
        "listening_sample_rate",
        "max_text_chars",
        "default_voice",
        "default_speed",
        "default_language",
        "personas",
        "voices",
        "languages",
        "detects_language",
        "engines",
        "retention_days",
        "records_sound",
    }


async def test_what_is_usual_here_is_what_the_settings_say() -> None:
    told = await config(tts_default_speed=1.25, default_language="de")
    assert (told["default_speed"], told["default_language"]) == (1.25, "de")


async def test_a_page_can_tell_its_visitors_what_is_kept() -> None:
    usual = await config()
    assert (usual["retention_days"], usual["records_sound"]) == (0, False)


class Polyglot(ScriptedRecognizer):
    languages: Sequence[str] = ("en", "de", "zh", "yo")
    detects = True


class Bilingual(ScriptedSynthesizer):
    def voices(self) -> list[Voice]:
        return [Voice("amy", "en-us", "female"), Voice("mei", "cmn", "female")]


async def test_languages_are_those_that_can_be_heard_and_spoken() -> None:
    engines = scripted(stt=Polyglot(), tts=Bilingual())
    usual = {"tts_default_voice": "amy"}
    async with open_house(engines=engines, **usual) as house, asking(house) as client:
        told = (await client.get("/config")).json()
    assert told["languages"] == ["en", "zh"]
    assert told["detects_language"] is True
    assert (await config())["detects_language"] is False
