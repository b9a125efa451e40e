"""Google's Gemini: streamed contents, with the way it blocks and complains."""

from __future__ import annotations

import json
from typing import Any

from repartee.testing.standins.wire import Heard, Reply, json_reply, repeating

_STATUS = {400: "INVALID_ARGUMENT", 403: "PERMISSION_DENIED", 404: "NOT_FOUND"}
_STATUS |= {429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE"}


class GeminiWire:
    def __init__(self, *, key: str = "") -> None:
        self.key = key
        self.answers: str | None = None
        """What it answers; None: it repeats what was said."""
        self.thoughts = ""
        self.blocks = ""
        """Why it finds that the question may not be answered, such as SAFETY."""
        self.finish = "STOP"
        self.calls: list[dict[str, Any]] = []
        """The tools that it uses before it answers, one after the other: name and args."""
        self.retry_delay = ""
        """What a complaint says about trying again, such as "17s"."""

    def answer(self, heard: Heard) -> Reply:
        if self.key and heard.headers.get("x-goog-api-key") != self.key:
            return self._wrong_key(heard)
        if not heard.path.endswith(":streamGenerateContent") or heard.query != "alt=sse":
            return self.complaint(404, heard)
        if self.blocks:
            return _stream({"promptFeedback": {"blockReason": self.blocks}})
        asked = heard.json()
        results = [part for turn in asked["contents"] for part in turn["parts"] if _result(part)]
        if len(results) < len(self.calls):
            return self._call(len(results), asked, heard)
        if unsigned := [part for part in _calls(asked) if "thoughtSignature" not in part]:
            return self._error(400, heard, [{"@type": "BadRequest", "part": str(unsigned)}])
        said = _said(asked) if not results else json.dumps(_result(results[-1])["response"])
        text = f"You said: {said}" if self.answers is None else self.answers
        half = len(text) // 2
        events = [_event({"text": part}) for part in (text[:half], text[half:]) if part]
        if self.thoughts:
            events.insert(0, _event({"text": self.thoughts, "thought": True}))
        return _stream(*events, _event({"text": ""}, finishReason=self.finish))

    def _call(self, number: int, asked: Any, heard: Heard) -> Reply:
        """In the place of words. It may be forbidden."""
        if asked.get("toolConfig", {}).get("functionCallingConfig", {}).get("mode") == "NONE":
            return _stream(_event({"text": "I was not allowed to look."}, finishReason="STOP"))
        if "tools" not in asked:
            return self.complaint(400, heard)
        call = {"functionCall": self.calls[number], "thoughtSignature": f"signed-{number}"}
        return _stream(_event({"text": "Well, "}), _event(call), _event({}, finishReason="STOP"))

    def complaint(self, status: int, heard: Heard) -> Reply:
        details = [{"@type": "RetryInfo", "retryDelay": self.retry_delay}]
        return self._error(status, heard, details if self.retry_delay else [])

    def _wrong_key(self, heard: Heard) -> Reply:
        return self._error(400, heard, [{"@type": "ErrorInfo", "reason": "API_KEY_INVALID"}])

    def _error(self, status: int, heard: Heard, details: list[dict[str, str]]) -> Reply:
        error = {
            "code": status,
            "message": repeating(heard),
            "status": _STATUS.get(status, "UNKNOWN"),
            "details": details,
        }
        return json_reply({"error": error}, status)


def _said(asked: Any) -> str:
    return str(asked["contents"][-1]["parts"][0]["text"])


def _result(part: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = part.get("functionResponse", {})
    return found


def _calls(asked: Any) -> list[dict[str, Any]]:
    return [part for turn in asked["contents"] for part in turn["parts"] if "functionCall" in part]


def _event(part: dict[str, Any], **more: str) -> dict[str, Any]:
    candidate = {"content": {"role": "model", "parts": [part]}, "index": 0, **more}
    return {"candidates": [candidate], "usageMetadata": {"totalTokenCount": 7}}


def _stream(*events: dict[str, Any]) -> Reply:
    """Its events end with carriage returns too, and nothing says which is the last."""
    pieces = [b"data: " + json_reply(event).pieces[0] + b"\r\n\r\n" for event in events]
    return Reply("text/event-stream", pieces)
