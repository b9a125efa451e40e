"""`language: auto`, wherever a language may be wished."""

from __future__ import annotations

from typing import Any

import pytest

from repartee.conversation import events as ev
from repartee.dialects.protocol import Configured
from repartee.engines.protocols import Speech
from repartee.errors import SettingsError
from repartee.personas_file import read_personas
from repartee.server.configuring import configure
from repartee.settings import Settings
from tests.calls.line import on_the_line, scripted
from tests.calls.test_languages import SAID, Choir, Polyglot
from tests.server.open_house import asking, open_house
from tests.server.voice_asking import WAV, base64_of

pytestmark = pytest.mark.anyio

GERMAN = next(iter(SAID))


def polyglot() -> Any:
    return scripted(stt=Polyglot(GERMAN), tts=Choir("en", "de"))


class TestOneWord:
    async def test_in_a_recording_that_is_written_down(self) -> None:
        async with open_house(engines=polyglot()) as house, asking(house) as client:
            for language, told in (("auto", "de"), ("Auto", "de"), (None, "en"), ("fr", "fr")):
                body = {"audio_base64": base64_of(WAV), "language": language}
                answer = await client.post("/api/voice/transcribe", json=body)
                assert answer.json()["language"] == told

    async def test_in_a_message(self) -> None:
        async with open_house(engines=polyglot()) as house, asking(house) as client:
            query = "/api/messages/voice?conversation_id=kitchen&user_id=ada&language=auto"
            answer = await client.post(query, files={"file": ("a.wav", WAV)})
            assert answer.json()["metadata"]["transcription"]["language"] == "de"

    async def test_in_the_settings(self) -> None:
        usual = {"default_language": "auto"}
        async with open_house(engines=polyglot(), **usual) as house, asking(house) as client:
            assert (await client.get("/config")).json()["default_language"] == "auto"
            body = {"audio_base64": base64_of(WAV)}
            answer = await client.post("/api/voice/transcribe", json=body)
            assert answer.json()["language"] == "de"
            text = {"text": "Ten past four."}
            spoken = (await client.post("/api/voice/synthesize", json=text)).json()
            assert spoken["voice_used"] == "en-female"

    async def test_in_a_call_that_goes_on(self) -> None:
        engines = polyglot()
        async with open_house(engines=engines) as house, on_the_line(engines) as line:
            configure(house, line.call, Configured(language="de"))
            assert line.call.language == "de"
            configure(house, line.call, Configured(language="auto"))
            assert line.call.speech == Speech(language="auto")
            assert line.call.language == "de"
            line.call.happened(ev.TurnOpened())
            line.call.happened(ev.SpeechStarted(0.0))
            line.call.happened(ev.SpeechPaused(0.1))
            line.call.happened(ev.FinalHeard(1, 1, "What time is it?", 0.9, "en"))
            assert line.call.language == "en"


def test_the_setting_may_be_auto() -> None:
    assert Settings.load({"DEFAULT_LANGUAGE": "auto"}, None).default_language == "auto"
    with pytest.raises(SettingsError, match="such as en or en-GB, or auto"):
        Settings.load({"DEFAULT_LANGUAGE": "automatic"}, None)


def test_a_persona_may_follow_whoever_speaks(tmp_path: Any) -> None:
    file = tmp_path / "personas.toml"
    file.write_text('[guide]\nname = "Ada"\ninstructions = "Be kind."\nlanguage = "auto"\n')
    (guide,) = read_personas(file)
    assert guide.language == "auto"
