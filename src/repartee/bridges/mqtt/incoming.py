"""What devices say: topics and payloads in, plain values out. Pure, and never raises.

What can't be understood becomes `Misunderstood`, with a sentence for whoever sent it; a topic that
is none of ours becomes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, TypeVar

import msgspec

from repartee.bridges.mqtt import said
from repartee.dialects.protocol import Configured

SUBSCRIPTIONS = (
    "hermes/audioServer/+/audioFrame",
    "hermes/audioServer/+/+/audioSessionFrame",
    "hermes/audioServer/+/playFinished",
    "hermes/hotword/+/detected",
    "hermes/asr/startListening",
    "hermes/asr/stopListening",
    "hermes/nlu/query",
    "hermes/tts/say",
    "repartee/+/recording",
    "repartee/+/recording/+",
    "repartee/+/interrupt",
    "repartee/+/config",
)
_USUAL_SITE = "default"
_NAME = re.compile(r"[^\x00-\x1f\x7f/+#]{1,64}")
_LONGEST_JSON = 65_536
_LONGEST_ID = 200


# ---------------------------------------------------------------- the JSON of Hermes


class _Named(msgspec.Struct, rename="camel"):
    site_id: str | None = None
    session_id: str | None = None


class _StartListening(_Named):
    stop_on_silence: bool | None = None
    lang: str | None = None


class _Detected(_Named):
    lang: str | None = None


class _Query(_Named, kw_only=True):
    input: str


class _PlayFinished(_Named, kw_only=True):
    id: str | None = None


class _Say(_Named, kw_only=True):
    text: str
    id: str | None = None
    lang: str | None = None
    volume: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None


class _Config(msgspec.Struct, kw_only=True):
    """As the `config` of the server's `/ws`."""

    persona: Annotated[str, msgspec.Meta(max_length=100)] | None = None
    voice: Annotated[str, msgspec.Meta(max_length=100)] | None = None
    speed: Annotated[float, msgspec.Meta(gt=0, le=2)] | None = None
    language: Annotated[str, msgspec.Meta(min_length=2, max_length=35)] | None = None
    instructions: Annotated[str, msgspec.Meta(max_length=4_000)] | None = None


Message = TypeVar("Message", bound=msgspec.Struct)


class _Wrong(Exception):
    """What is wrong with a message, in one sentence."""


def parse(topic: str, payload: bytes, most_bytes: int) -> said.Incoming | said.Misunderstood | None:
    """The meaning of a message; at most so many bytes are taken."""
    parts = topic.split("/")
    found = next((how for how in _MEANINGS if _fits(how[0], parts)), None)
    if found is None:
        return None
    _, service, meaning = found
    site = parts[2] if parts[1] == "audioServer" else parts[1] if parts[0] == "repartee" else ""
    try:
        _check_size(payload, most_bytes)
        if site:
            _check_name(site, "site")
        return meaning(parts, payload)
    except _Wrong as wrong:
        return said.Misunderstood(str(wrong), service, site if _NAME.fullmatch(site) else "")


def _started(parts: list[str], payload: bytes) -> said.Incoming:
    message = _read(payload, _StartListening)
    return said.ListeningBegan(
        site=_site(message),
        session=_session(message.session_id),
        until_silence=message.stop_on_silence is not False,
        language=message.lang or None,
    )


def _stopped(parts: list[str], payload: bytes) -> said.Incoming:
    message = _read(payload, _Named)
    return said.ListeningEnded(_site(message), _session(message.session_id))


def _detected(parts: list[str], payload: bytes) -> said.Incoming:
    message = _read(payload, _Detected)
    return said.ListeningBegan(
        site=_site(message),
        session=_session(message.session_id),
        by_wake_word=True,
        language=message.lang or None,
    )


def _queried(parts: list[str], payload: bytes) -> said.Incoming:
    message = _read(payload, _Query)
    return said.Asked(_site(message), message.input, _session(message.session_id))


def _say(parts: list[str], payload: bytes) -> said.Incoming:
    message = _read(payload, _Say)
    return said.SayAsked(
        site=_site(message),
        text=message.text,
        id=(message.id or "")[:_LONGEST_ID],
        session=_session(message.session_id),
        language=message.lang or None,
        volume=1.0 if message.volume is None else message.volume,
    )


def _wished(parts: list[str], payload: bytes) -> said.Incoming:
    """To say nothing any more is to want it as everybody else has it."""
    if not payload:
        return said.Wished(parts[1], Configured(persona=""))
    return said.Wished(parts[1], Configured(**msgspec.structs.asdict(_read(payload, _Config))))


def _played(parts: list[str], payload: bytes) -> said.Incoming:
    return said.Played(parts[2], _read(payload, _PlayFinished).id or "")


def _recorded(parts: list[str], payload: bytes) -> said.Incoming:
    return said.Recorded(parts[1], payload, _session(parts[3] if len(parts) > 3 else None))


Meaning = Callable[[list[str], bytes], said.Incoming]

_MEANINGS: tuple[tuple[tuple[str, ...], said.Service, Meaning], ...] = (
    (
        ("hermes", "audioServer", "+", "audioFrame"),
        "asr",
        lambda p, wav: said.FrameArrived(p[2], wav),
    ),
    (
        ("hermes", "audioServer", "+", "+", "audioSessionFrame"),
        "asr",
        lambda p, wav: said.FrameArrived(p[2], wav, _session(p[3])),
    ),
    (("hermes", "audioServer", "+", "playFinished"), "tts", _played),
    (("hermes", "hotword", "+", "detected"), "dialogueManager", _detected),
    (("hermes", "asr", "startListening"), "asr", _started),
    (("hermes", "asr", "stopListening"), "asr", _stopped),
    (("hermes", "nlu", "query"), "nlu", _queried),
    (("hermes", "tts", "say"), "tts", _say),
    (("repartee", "+", "recording"), "asr", _recorded),
    (("repartee", "+", "recording", "+"), "asr", _recorded),
    (("repartee", "+", "interrupt"), "dialogueManager", lambda p, _: said.Interrupted(p[1])),
    (("repartee", "+", "config"), "dialogueManager", _wished),
)


def lasts(topic: str) -> bool:
    """Whether what was said there long ago still holds."""
    return _fits(("repartee", "+", "config"), topic.split("/"))


def _fits(pattern: tuple[str, ...], parts: list[str]) -> bool:
    return len(pattern) == len(parts) and all(
        wanted in ("+", part) for wanted, part in zip(pattern, parts, strict=True)
    )


def _read(payload: bytes, kind: type[Message]) -> Message:
    """An empty payload says nothing but what its topic says."""
    _check_size(payload, _LONGEST_JSON)
    try:
        return msgspec.json.decode(payload or b"{}", type=kind)
    except msgspec.ValidationError as wrong:
        reason, _, place = str(wrong).partition(" - at `$")
        field = place.strip("`.") or "message"
        raise _Wrong(f"The field {field!r} is wrong: {reason[:1].lower()}{reason[1:]}.") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        sentence = 'The message is not valid JSON. Send one object, as {"siteId":"kitchen"}.'
        raise _Wrong(sentence) from None


def _check_size(payload: bytes, most_bytes: int) -> None:
    if len(payload) > most_bytes:
        raise _Wrong(
            f"The message has {len(payload)} bytes; at most {most_bytes} are taken. "
            "Send less, or sound that is compressed."
        )


def _check_name(name: str, what: str) -> None:
    if not _NAME.fullmatch(name):
        raise _Wrong(f"A {what} needs a name of 1 to 64 characters, without /, + and #.")


def _site(message: _Named) -> str:
    site = message.site_id or _USUAL_SITE
    _check_name(site, "siteId")
    return site


def _session(given: str | None) -> str:
    if given:
        _check_name(given, "sessionId")
    return given or ""
