"""What goes over `/api/voice`: the same fields over HTTP and over its WebSocket.

The examples work when they are pasted into a request.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
import pybase64
from pydantic import BaseModel, ConfigDict, Field

from repartee.audio.wav import wav_bytes
from repartee.engines.protocols import Speech

LONGEST_TEXT = 10_000
MOST_ITEMS = 10

_A_MOMENT_OF_SILENCE = pybase64.b64encode_as_string(wav_bytes(np.zeros(200, np.int16), 4_000))

AudioBase64 = Annotated[
    str,
    Field(
        description="The recording, in any common format, as base64; a `data:` URL is taken too.",
        examples=[_A_MOMENT_OF_SILENCE],
    ),
]
LanguageHeard = Annotated[
    str | None,
    Field(
        max_length=40,
        description="The language that is spoken; left out, the server's own. `auto`: whichever "
        "is heard, where the recogniser can tell.",
        examples=["en"],
    ),
]
VoiceName = Annotated[
    str | None,
    Field(max_length=100, description="One of `/api/voice/voices`.", examples=["af_heart"]),
]
LanguageSpoken = Annotated[
    str | None,
    Field(
        max_length=40,
        description="The language of the text: a tag such as `en-GB`, or one of Kokoro's letters.",
        examples=["a"],
    ),
]
Speed = Annotated[
    float | None,
    Field(gt=0, le=2, allow_inf_nan=False, description="1 is natural.", examples=[1.0]),
]

# ---------------------------------------------------------------- what is asked


class TranscriptionRequest(BaseModel):
    audio_base64: AudioBase64
    language: LanguageHeard = None


class SynthesisRequest(BaseModel):
    text: Annotated[
        str,
        Field(
            min_length=1,
            max_length=LONGEST_TEXT,
            description="Markdown is spoken as its words; code and emoji are left out.",
            examples=["Hello, this is a test"],
        ),
    ]
    voice: VoiceName = None
    lang_code: LanguageSpoken = None
    speed: Speed = None

    def speech(self, usual: Speech) -> Speech:
        return Speech(
            voice=self.voice or usual.voice,
            language=self.lang_code or usual.language,
            speed=self.speed or usual.speed,
        )


class StreamRequest(SynthesisRequest):
    format: Literal["wav", "mp3", "opus", "aac", "flac", "pcm"] = Field(
        default="wav",
        description="`opus` comes in an Ogg container, `pcm` is 16 bit little-endian mono.",
        examples=["mp3"],
    )


class MessageRequest(BaseModel):
    audio_base64: AudioBase64
    persona: str | None = Field(
        default=None,
        max_length=100,
        description="Who is to answer: one of the personas in `/config`. A `voice`, `speed`, "
        "`language` or `system_prompt` beside it counts more than the persona's own. An empty one "
        "is nobody in particular.",
        examples=["astronaut"],
    )
    language: LanguageHeard = None
    voice: VoiceName = None
    speed: Speed = None
    system_prompt: str | None = Field(
        default=None,
        max_length=20_000,
        description="Who is to answer.",
        examples=["You are a friendly guide."],
    )
    conversation_id: str | None = Field(
        default=None,
        max_length=200,
        description="Messages with the same one share their memory; without one there is none.",
        examples=["kitchen"],
    )


A_RECORDING: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "language": {"type": "string", "example": "en"},
                    },
                }
            },
            "application/json": {"schema": TranscriptionRequest.model_json_schema()},
        },
    }
}
A_BATCH: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": MOST_ITEMS,
                    "items": SynthesisRequest.model_json_schema(),
                },
                "example": [{"text": "Good morning."}, {"text": "Good night.", "voice": "bm"}],
            }
        },
    }
}
"""Bodies that the framework can't describe by itself."""


# ---------------------------------------------------------------- what is answered


class Transcribed(BaseModel):
    text: str = Field(description='"" if nobody says a word.', examples=["Hello, how are you?"])
    language: str = Field(examples=["en"])
    confidence: float = Field(ge=0, le=1, examples=[0.93])
    duration_seconds: float = Field(examples=[1.5])
    model: str = Field(examples=["pocketsphinx"])


class Synthesized(BaseModel):
    audio_base64: str = Field(description="A complete WAV file.", examples=["UklGRiY..."])
    audio_sample_rate: int = Field(examples=[24_000])
    audio_duration_seconds: float = Field(examples=[2.3])
    voice: str = Field(description="As it was asked for.", examples=["af_heart"])
    voice_used: str = Field(description="Who speaks.", examples=["en-us+f2"])
    lang_code: str = Field(examples=["a"])
    speed: float = Field(examples=[1.0])
    text_length: int = Field(examples=[21])


class NotSynthesized(BaseModel):
    error: str = Field(examples=["What was wrong with this item, and what to do."])


class Answered(BaseModel):
    user_text: str = Field(examples=["What time is it?"])
    assistant_text: str = Field(examples=["It is ten past four."])
    audio_base64: str = Field(description="A complete WAV file.", examples=["UklGRiY..."])
    audio_duration_seconds: float = Field(examples=[1.9])
    audio_sample_rate: int = Field(examples=[24_000])
    session_id: str = Field(examples=["6f2c1d8e-3b0a-4e55-9c1f-2a7d90b4e613"])


class VoiceDetails(BaseModel):
    name: str = Field(examples=["af_heart"])
    language: str = Field(examples=["en-us"])
    gender: Literal["female", "male", "neutral"]
    engine: str = Field(examples=["espeak"])


class Voices(BaseModel):
    voices: list[str] = Field(examples=[["af_heart", "af", "am", "bf", "bm"]])
    default_voice: str = Field(examples=["af_heart"])
    service: str = Field(examples=["espeak"])
    details: list[VoiceDetails]


class CacheHealth(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    hits: int = Field(description="Texts that were there already.", examples=[12])
    misses: int = Field(description="Texts that had to be synthesised.", examples=[30])
    sounds: int = Field(description="Texts whose sound is kept.", examples=[28])
    bytes: int = Field(description="The memory that they take.", examples=[3_402_112])


class VoiceHealth(BaseModel):
    status: Literal["healthy", "degraded"]
    sst_service: str = Field(examples=["pocketsphinx"])
    tts_service: str = Field(examples=["espeak"])
    sst_healthy: bool
    tts_healthy: bool
    sst_problem: str | None = Field(
        description="Why the recogniser does not work; null if it does.", examples=[None]
    )
    tts_problem: str | None = Field(
        description="Why the synthesiser does not work; null if it does.", examples=[None]
    )
    cache: CacheHealth | None = Field(description="Of speech; null if nothing is kept.")
