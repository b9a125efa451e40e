"""The server-sent events of `/stream`: one JSON object per `data:` line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pybase64

from repartee.audio.pcm import SPEAKING_RATE_HZ, Samples
from repartee.audio.wav import wav_bytes
from repartee.conversation import told

_encode = msgspec.json.Encoder().encode


def _event(**fields: Any) -> str:
    return f"data: {_encode(fields).decode()}\n\n"


class EventsDialect:
    """One answer's translator; it holds the count of its chunks, and when what came."""

    def __init__(self, session_id: str, asked_at: float, heard_from: Callable[[], float]) -> None:
        """In seconds since 1970: when the answer was asked for, and when recognition began, which
        is known when the words are."""
        self._session_id = session_id
        self._asked_at = asked_at
        self._heard_from = heard_from
        self._moments: dict[str, float] = {}
        self._index = 0
        self._text = ""

    def render(self, what: told.Told) -> list[str]:
        match what:
            case told.UserFinal(text=text):
                return [_event(type="transcript", text=text, asr_time=self._asr_time())]
            case told.ReplyCompleted(text=text):
                self._text = text
            case told.ReplyInterrupted():
                return [self.problem("The answer was cut off before its end.")]
            case told.Problem(sentence=sentence):
                return [self.problem(sentence)]
            case told.Traced(event=event, at=at):
                self._moments[event] = at
                if event == "turn_complete":
                    return [self._done(what)]
        return []

    def render_unit(self, text: str, samples: Samples) -> str:
        index, self._index = self._index, self._index + 1
        wav = pybase64.b64encode_as_string(wav_bytes(samples, SPEAKING_RATE_HZ))
        return _event(type="chunk", index=index, b64=wav, text=text)

    def problem(self, sentence: str) -> str:
        return _event(type="error", message=sentence)

    def _done(self, last: told.Traced) -> str:
        began_to_think = self._moments.get("llm_start", last.at)
        timing = {
            "asr": self._asr_time(),
            "llm": self._since(began_to_think, "llm_done"),
            "tts": round(sum(last.units), 3),
            "total": self._since(self._asked_at, "turn_complete"),
            "first_audio": self._since(self._asked_at, "first_sound_sent"),
            "tts_chunks": [round(seconds, 4) for seconds in last.units],
        }
        return _event(type="done", full_text=self._text, session_id=self._session_id, timing=timing)

    def _asr_time(self) -> float:
        return self._since(self._heard_from(), "stt_done")

    def _since(self, start: float, moment: str) -> float:
        """Seconds; 0 for what did not happen, or had happened before."""
        return round(max(self._moments.get(moment, start) - start, 0.0), 3)
