"""A server that speaks as OpenAI's does: chat completions, transcriptions, speech.

`flavour` is whose small differences it has: those of OpenAI itself, or of one of the many servers
that imitate it.
"""

from __future__ import annotations

import json
from typing import Any, Literal

from repartee.audio.pcm import pcm_bytes
from repartee.audio.wav import read_wav
from repartee.testing.standins.sound import hum
from repartee.testing.standins.wire import Heard, Reply, event_stream, json_reply, repeating

Flavour = Literal["openai", "groq", "ollama", "vllm", "lmstudio", "llamacpp", "newest"]
ODD_BYTES = 4_801
"""Sound comes in pieces that end in the middle of a sample."""


class OpenAIWire:
    def __init__(self, *, key: str = "", flavour: Flavour = "openai") -> None:
        self.key = key
        self.flavour: Flavour = flavour
        self.thoughts = ""
        """What the model thinks aloud before it answers."""
        self.finish = "stop"
        self.answers: str | None = None
        """What it answers; None: it repeats what was said."""

    def answer(self, heard: Heard) -> Reply:
        if self.key and heard.headers.get("authorization") != f"Bearer {self.key}":
            return self.complaint(401, heard)
        match heard.method, heard.path:
            case "POST", "/v1/chat/completions":
                return self._chat(heard)
            case "POST", "/v1/audio/transcriptions":
                return self._transcription(heard)
            case "POST", "/v1/audio/speech":
                return self._speech(heard)
        return self.complaint(404, heard)

    def complaint(self, status: int, heard: Heard) -> Reply:
        code = {401: "invalid_api_key", 404: "model_not_found"}.get(status)
        return self._error(status, code, None, repeating(heard))

    def _error(self, status: int, code: str | None, param: str | None, message: str) -> Reply:
        error = {"message": message, "type": "error", "param": param, "code": code}
        return json_reply({"error": error}, status)

    # ------------------------------------------------------------ chat

    def _chat(self, heard: Heard) -> Reply:
        asked = heard.json()
        if self.flavour == "newest" and (odd := {"max_tokens", "temperature"} & asked.keys()):
            return self._error(400, "unsupported_parameter", min(odd), "Unsupported parameter.")
        said = asked["messages"][-1]["content"]
        text = f"You said: {said}" if self.answers is None else self.answers
        words = [word + " " for word in text.split(" ")[:-1]] + text.split(" ")[-1:]
        chunks = [self._chunk({"role": "assistant", "content": ""}), *self._thinking()]
        chunks += [self._chunk({"content": word}) for word in words if word]
        chunks.append(self._chunk({}, self.finish))
        return event_stream(*chunks, *self._closing())

    def _thinking(self) -> list[dict[str, Any]]:
        if not self.thoughts:
            return []
        if self.flavour == "ollama":
            return [self._chunk({"content": "", "reasoning": self.thoughts})]
        if self.flavour in ("vllm", "groq"):
            return [self._chunk({"reasoning_content": self.thoughts})]
        text = f"<think>\n{self.thoughts}</think>\n\n"
        return [self._chunk({"content": text[at : at + 3]}) for at in range(0, len(text), 3)]

    def _chunk(self, delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        choice: dict[str, Any] = {"index": 0, "delta": delta, "finish_reason": finish}
        chunk: dict[str, Any] = {"id": "c1", "object": "chat.completion.chunk", "choices": [choice]}
        if self.flavour == "groq":
            chunk["x_groq"] = {"id": "req_1"}
        if self.flavour == "llamacpp" and finish:
            chunk["timings"] = {"predicted_per_second": 80.5}
        if self.flavour == "vllm" and not finish:
            choice["logprobs"] = choice["stop_reason"] = None
        if self.flavour == "openai":
            chunk["usage"] = None
        return chunk

    def _closing(self) -> list[Any]:
        usage = {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12}
        counted = {"id": "c1", "object": "chat.completion.chunk", "choices": [], "usage": usage}
        if self.flavour == "lmstudio":
            return ["[DONE]"]
        return [counted, "[DONE]"] if self.flavour != "ollama" else [counted]

    # ------------------------------------------------------------ sound

    def _transcription(self, heard: Heard) -> Reply:
        form = heard.form()
        recording = read_wav(form["file"])
        text = f" This took {recording.seconds:.2f} seconds."
        if form["response_format"] == b"json":
            logprobs = [{"token": word, "logprob": -0.1} for word in text.split()]
            more = {"logprobs": logprobs} if form.get("include[]") == b"logprobs" else {}
            return json_reply({"text": text, **more})
        segment = {
            "start": 0.0,
            "end": recording.seconds,
            "text": text,
            "avg_logprob": -0.2,
            "no_speech_prob": 0.02,
            "compression_ratio": 0.9,
        }
        told = {"task": "transcribe", "language": "english", "duration": recording.seconds}
        return json_reply({**told, "text": text, "segments": [segment]})

    def _speech(self, heard: Heard) -> Reply:
        asked = heard.json()
        if asked["response_format"] != "pcm":
            return self.complaint(400, heard)
        sound = pcm_bytes(hum(asked["input"], asked.get("speed", 1.0)))
        pieces = [sound[at : at + ODD_BYTES] for at in range(0, len(sound), ODD_BYTES)]
        return Reply("audio/pcm", pieces)


def error_event(message: str, **more: Any) -> bytes:
    """An error in the middle of a stream, as most of these servers send it."""
    return f"data: {json.dumps({'error': {'message': message, **more}})}\n\n".encode()
