"""What programs that ask for voice over HTTP are answered, in the words of their guides."""

from __future__ import annotations

from tests.clients.shapes import (
    Shape,
    an_id,
    exactly,
    misfits,
    number,
    share,
    some_text,
    whole_number,
)
from tests.clients.sounds import played_base64
from tests.recordings import FOLDER as RECORDINGS
from tests.recordings.browser import FOLDER as BROWSERS

QUESTION = "what is the weather like in paris today"
WEBM = BROWSERS / "chromium.webm"
WAV = RECORDINGS / "q1_weather.wav"

TRANSCRIBED: Shape = {
    "text": exactly(QUESTION),
    "language": exactly("en"),
    "confidence": share,
    "duration_seconds": number,
    "model": some_text,
}
SYNTHESIZED: Shape = {
    "audio_base64": lambda value: played_base64(value).is_audible,
    "audio_sample_rate": exactly(24_000),
    "audio_duration_seconds": number,
    "voice": some_text,
    "voice_used": some_text,
    "lang_code": some_text,
    "speed": number,
    "text_length": whole_number,
}
VOICES: Shape = {
    "voices": lambda value: {"af_heart", "af", "am", "bf", "bm"} <= set(value),
    "default_voice": exactly("af_heart"),
    "service": some_text,
    "details": lambda value: all(misfits(one, VOICE) == {} for one in value),
}
VOICE: Shape = {
    "name": some_text,
    "language": some_text,
    "gender": lambda value: value in ("female", "male", "neutral"),
    "engine": some_text,
}
HEALTH: Shape = {
    "status": exactly("healthy"),
    "sst_service": some_text,
    "tts_service": some_text,
    "sst_healthy": exactly(True),
    "tts_healthy": exactly(True),
}
ANSWERED: Shape = {
    "user_text": exactly(QUESTION),
    "assistant_text": some_text,
    "audio_base64": lambda value: played_base64(value).is_audible,
    "audio_duration_seconds": number,
    "audio_sample_rate": exactly(24_000),
    "session_id": an_id,
}
KEPT: Shape = {
    "id": an_id,
    "conversation_id": some_text,
    "user_id": exactly("ada"),
    "text": exactly(QUESTION),
    "message_type": exactly("voice"),
    "metadata": lambda value: misfits(value["transcription"], TRANSCRIBED) == {},
    "assistant_response": lambda value: some_text(value["text"]),
}
ON_THE_SOCKET: dict[str, Shape] = {
    "transcription": {
        "text": exactly(QUESTION),
        "language": exactly("en"),
        "confidence": share,
    },
    "audio": {
        "audio_base64": lambda value: played_base64(value).is_audible,
        "duration_seconds": number,
        "sample_rate": exactly(24_000),
    },
    "assistant": {"text": some_text},
    "pong": {},
    "error": {"error": some_text, "message": some_text},
}
