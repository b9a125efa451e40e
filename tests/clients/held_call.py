"""A page with a button to hold: what it expects of a server, and one call that it makes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from repartee.testing.server_process import ServerProcess
from repartee.testing.talker import Message
from tests.clients.line import Page, bodies, connected
from tests.clients.shapes import (
    Shape,
    an_id,
    exactly,
    number,
    share,
    some_text,
    text,
    whole_number,
)
from tests.recordings.browser import timed_blobs

SORRY = "I'm sorry, I didn't catch that. Could you please repeat?"
STORY = " ".join(["Once upon a time there was a dragon who wanted to be **heard** to the end."] * 4)
SCRIPT = f"""
[stt]
transcripts = ["What time is it?", "", "Tell me a story.", "Thank you."]

[llm]
replies = ["You said: {{last_user}} {STORY}"]
token_ms = 20
"""
DOTENV = {
    "HF_TOKEN": "hf_xxx",
    "STT_MODEL": "openai/whisper-large-v3",
    "LLM_MODEL": "HuggingFaceH4/zephyr-7b-beta:featherless-ai",
    "TTS_MODEL": "gTTS",
}

MESSAGES: dict[str, Shape] = {
    "session_id": {"session_id": an_id},
    "stt_partial": {"text": some_text, "ts": number},
    "stt_final": {"text": text, "confidence": share, "latency_ms": whole_number},
    "assistant_text": {"text": text},
    "tts_audio_chunk": {"audio": some_text, "index": whole_number, "text": some_text},
    "tts_done": {},
    "trace_event": {"event": some_text, "ts": number, "turn_id": an_id},
    "error": {"message": some_text},
}
SESSION: Shape = {
    "id": an_id,
    "interface": exactly("call"),
    "status": exactly("ended"),
    "created_at": some_text,
    "ended_at": some_text,
    "turns": whole_number,
}
TURN: Shape = {
    "id": an_id,
    "session_id": an_id,
    "user_text": text,
    "assistant_text": some_text,
    "heard_text": text,
    "confidence": share,
    "started_at": some_text,
    "ended_at": some_text,
    "status": some_text,
}

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
FIGURES = {
    "stt_ms",
    "llm_first_token_ms",
    "llm_ms",
    "tts_first_chunk_ms",
    "first_audio_ms",
    "total_ms",
}

Body = dict[str, Any]


class Conversation:
    """What came in each turn: a question, a silence, a story that was cut off, and thanks.

    The answers to the first two were there, and not yet played to their end, when the button was
    pressed again.
    """

    def __init__(self, all_of_it: list[Body], farewell: int | None) -> None:
        self.all = all_of_it
        self.greeting, *rest = all_of_it
        self.turns = in_turns(rest)
        self.question, self.silence, self.cut_off, self.thanks = self.turns
        self.farewell = farewell

    @property
    def id(self) -> str:
        return str(self.greeting["session_id"])


def in_turns(messages: list[Body]) -> list[list[Body]]:
    """Each begins with what was heard after the turn before; what is told late is at its end."""
    turns: list[list[Body]] = []
    is_over = True
    for message in messages:
        is_late = message.get("event") == "turn_interrupted"
        if is_over and not is_late:
            turns.append([])
            is_over = False
        turns[-1].append(message)
        is_over = is_over or message.get("event") in ("turn_complete", "turn_interrupted")
    return turns


def of(messages: list[Body], kind: str) -> list[Body]:
    return [message for message in messages if message["type"] == kind]


def events(messages: list[Body]) -> list[str]:
    return [message["event"] for message in of(messages, "trace_event")]


async def converse(server: ServerProcess) -> Conversation:
    async with connected(server, "/call") as page:
        for last_is_late in (False, True):
            since = len(page.messages)
            await hold(page, last_is_late)
            await page.until(tells("turn_complete"), since)
        since = len(page.messages)
        await hold(page)
        await page.until(lambda message: message.type == "tts_audio_chunk", since)
        await hold(page)  # while the story is told
        await page.until(tells("turn_complete"), since)
        await page.send(type="end_call")
        farewell = await page.closed()
        return Conversation(bodies(page), farewell)


async def hold(page: Page, last_is_late: bool = False) -> None:
    recorded = timed_blobs("chromium.webm")
    await page.hold(recorded, speed=8, last_is_late=last_is_late)


def tells(event: str) -> Callable[[Message], bool]:
    return lambda message: message.body.get("event") == event
