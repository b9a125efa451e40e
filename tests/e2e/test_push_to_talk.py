"""A button held on a real server: what browsers record is understood and answered aloud."""

from __future__ import annotations

import asyncio
import base64
import io
import wave

import pytest

from repartee.testing.server_process import ServerProcess
from repartee.testing.talker import Talker
from tests.e2e.conftest import Dial
from tests.e2e.holding import is_complete, of_type
from tests.recordings.browser import NAMES, timed_blobs

pytestmark = pytest.mark.timeout(120)

TRACE = [
    "turn_started",
    "stt_start",
    "stt_done",
    "llm_start",
    "llm_first_token",
    "llm_done",
    "tts_start",
    "tts_first_chunk",
    "turn_complete",
]


@pytest.mark.engines
class TestRecordingsOfBrowsers:
    @pytest.mark.parametrize("last_is_late", [False, True], ids=["then stop", "stop, then last"])
    @pytest.mark.parametrize("name", NAMES)
    def test_each_is_understood_and_answered_aloud(
        self, name: str, last_is_late: bool, embedded: ServerProcess, dial: Dial
    ) -> None:
        async def call() -> Talker:
            async with dial(embedded, "/call") as talker:
                await talker.hold(timed_blobs(name), speed=2, last_is_late=last_is_late)
                await talker.until(is_complete)
                return talker

        talker = asyncio.run(call())
        assert of_type(talker, "error") == []
        (final,) = of_type(talker, "stt_final")
        assert final["text"].startswith("what is the weather")
        assert final["confidence"] >= 0.3
        assert len(of_type(talker, "stt_partial")) >= 2
        trace = [event["event"] for event in of_type(talker, "trace_event")]
        assert sorted(trace) == sorted(TRACE)
        assert (trace[0], trace[-1]) == ("turn_started", "turn_complete")
        chunks = of_type(talker, "tts_audio_chunk")
        assert [chunk["index"] for chunk in chunks] == list(range(len(chunks)))
        for chunk in chunks:
            with wave.open(io.BytesIO(base64.b64decode(chunk["audio"]))) as file:
                assert (file.getframerate(), file.getnchannels()) == (24_000, 1)
                assert file.getnframes() > 2_400
        kinds = [message.type for message in talker.messages]
        assert kinds.index("tts_done") > max(at for at, kind in enumerate(kinds) if "tts_a" in kind)
        spoken = " ".join(chunk["text"] for chunk in chunks)
        assert spoken.split() == of_type(talker, "assistant_text")[-1]["full_text"].split()

    def test_words_are_told_while_they_are_spoken(
        self, embedded: ServerProcess, dial: Dial
    ) -> None:
        async def call() -> int:
            async with dial(embedded, "/call") as talker:
                (_, *_), *_ = recorded = timed_blobs("chromium.webm")
                await talker.send(type="start")
                for _, blob in recorded:
                    await asyncio.sleep(0.25)
                    await talker.send_raw(blob)
                await talker.until(lambda message: message.type == "stt_partial")
                return len(of_type(talker, "stt_final"))

        assert asyncio.run(call()) == 0

    def test_one_call_takes_recordings_of_every_kind(
        self, embedded: ServerProcess, dial: Dial
    ) -> None:
        async def call() -> Talker:
            async with dial(embedded, "/call") as talker:
                for name in NAMES:
                    since = len(talker.messages)
                    await talker.hold(timed_blobs(name), speed=4)
                    await talker.until(is_complete, since)
                return talker

        talker = asyncio.run(call())
        finals = [final["text"] for final in of_type(talker, "stt_final")]
        assert len(finals) == len(NAMES)
        assert all(text.startswith("what is the weather") for text in finals)
