"""Every error of Repartee, in one tree.

    ReparteeError               one plain sentence, a hint, a code, and if trying again can help
    ├── SettingsError           a setting is wrong: the start stops here
    ├── EngineError             something an engine could not do
    │   ├── EngineMissing       its package or its model is not installed
    │   ├── EngineFailed        it broke or crashed
    │   │   ├── EngineUnreachable   no connection to its service, or the connection was lost
    │   │   ├── EngineLocked        its key is missing or not accepted
    │   │   ├── EngineBusy          its service asks to wait: too many requests, or still loading
    │   │   ├── EngineNonsense      its service answered what can't be used
    │   │   └── RequestRefused      it works, but not on this: what was asked is too much for it
    │   │       └── RequestDeclined     what was asked is against its rules
    │   └── EngineTimeout       it took too long
    ├── BadInput                what a client sent can't be used
    │   ├── EmptyInput          there is nothing in it
    │   ├── TooLarge            it is more than is taken
    │   ├── NotFound            it names something that is not there
    │   ├── BadAudio            sound that can't be decoded
    │   └── UnknownVoice        neither an engine's own voice nor a known name
    └── Refused                 no room, or not allowed, at the moment

The sentence is written for the person who reads it: what was wrong, and what to do. It never
holds a path, a key or a stack trace, so it may be shown to a client as it stands.
"""

from __future__ import annotations

from typing import Literal

Blamed = Literal["engine", "request", "either"]


class ReparteeError(Exception):
    code = "error"
    retryable = False

    def __init__(self, sentence: str, *, hint: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.sentence} {self.hint}" if self.hint else self.sentence


class SettingsError(ReparteeError):
    code = "wrong_setting"


class EngineError(ReparteeError):
    code = "engine_error"
    blamed: Blamed = "engine"
    """What has to be another for it to go well: one caller's request is no reason to leave alone
    an engine that others can use. "either": the service doesn't say."""

    def __init__(self, sentence: str, *, hint: str = "", blamed: Blamed | None = None) -> None:
        super().__init__(sentence, hint=hint)
        self.blamed = blamed or self.blamed


class EngineMissing(EngineError):
    code = "engine_missing"


class EngineFailed(EngineError):
    code = "engine_failed"
    retryable = True


class EngineUnreachable(EngineFailed):
    code = "engine_unreachable"


class EngineLocked(EngineFailed):
    code = "engine_locked"
    retryable = False


class EngineBusy(EngineFailed):
    code = "engine_busy"


class EngineNonsense(EngineFailed):
    code = "engine_nonsense"


class RequestRefused(EngineFailed):
    retryable = False
    blamed = "request"


class RequestDeclined(RequestRefused):
    """Whoever has a rule against something is not to be got round by asking another."""


class EngineTimeout(EngineError):
    code = "engine_timeout"
    retryable = True


class BadInput(ReparteeError):
    code = "bad_input"


class EmptyInput(BadInput):
    code = "empty_input"


class TooLarge(BadInput):
    code = "too_large"


class NotFound(BadInput):
    code = "not_found"


class BadAudio(BadInput):
    code = "bad_audio"


class UnknownVoice(BadInput):
    code = "unknown_voice"


class Refused(ReparteeError):
    code = "refused"
    retryable = True
