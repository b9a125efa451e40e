"""The log: the standard library's, with one line for each record and the call it belongs to.

    configure("INFO", "json")           once, at the start
    call_id.set("…")                    in the task of a call; tasks started from it inherit it
    log.info("Heard %s.", said(text))   the words only where LOG_TRANSCRIPTS allows it

Whatever a client sent can't begin a line of its own: control characters are written as escapes.
Sound is never written, only its length; values named like keys are hidden.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Literal, TextIO

call_id: ContextVar[str] = ContextVar("call_id", default="")
"""The call that is being served by this task, or nothing."""

_PLAIN_RECORD = logging.LogRecord("", 0, "", 0, "", None, None)
_ORDINARY = {*vars(_PLAIN_RECORD), "message", "asctime", "taskName", "call_id", "color_message"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SECRET_NAME = re.compile(r"key|token|secret|password|authorization|cookie", re.IGNORECASE)
_SECRET_IN_TEXT = re.compile(
    r"(?i)((?:api_?key|key|token|ticket|secret|password)=|bearer\s+)[^\s&\"',;]+"
)
_AT_LEAST_INFO = ("uvicorn", "uvicorn.error", "websockets", "asyncio", "aiosqlite")
"""Below this level they write down every frame, and with it what was said."""
_AT_LEAST_WARNING = ("alembic", "httpx", "httpcore", "multipart", "urllib3")
"""Their chatter names addresses with everything that stands in them."""

_transcripts = False


def configure(
    level: str,
    format: Literal["text", "json"],
    *,
    transcripts: bool = False,
    stream: TextIO | None = None,
) -> None:
    """Send every logger of this process, uvicorn's too, through one handler."""
    global _transcripts
    _transcripts = transcripts
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLine() if format == "json" else TextLine())
    handler.addFilter(_with_call)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.captureWarnings(True)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    _keep_quiet(_AT_LEAST_INFO, logging.INFO)
    _keep_quiet(_AT_LEAST_WARNING, logging.WARNING)


def said(text: str) -> str:
    """What may be logged of something that was said."""
    if _transcripts:
        return json.dumps(text, ensure_ascii=False)
    words = len(text.split())
    return f"<{words} word{'' if words == 1 else 's'}>"


class TextLine(logging.Formatter):
    """A line for people; lines of a traceback are marked, so that none can pose as a record."""

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created).astimezone()
        fields = {"call": getattr(record, "call_id", ""), **_extras(record)}
        notes = "".join(f" {name}={_plain(value)}" for name, value in fields.items() if value != "")
        line = (
            f"{time:%H:%M:%S}.{int(record.msecs):03d} {record.levelname:<7} "
            f"{_source(record)}: {_message(record)}{notes}"
        )
        trace = _trace(self, record)
        return line + "".join(f"\n    | {_escaped(row)}" for row in trace.splitlines())


class JsonLine(logging.Formatter):
    """A line for machines: one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, Any] = {
            "time": time.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": _source(record),
            "message": _message(record),
        }
        if call := getattr(record, "call_id", ""):
            line["call_id"] = call
        line |= {name: value for name, value in _extras(record).items() if name not in line}
        if trace := _trace(self, record):
            line["trace"] = trace
        return json.dumps(line, ensure_ascii=True, default=str)


def _with_call(record: logging.LogRecord) -> bool:
    if not hasattr(record, "call_id"):
        record.call_id = call_id.get()
    return True


def _message(record: logging.LogRecord) -> str:
    return _escaped(_SECRET_IN_TEXT.sub(r"\1***", record.getMessage()))


def _trace(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    if not record.exc_info or record.exc_info[0] is None:
        return ""
    return _SECRET_IN_TEXT.sub(r"\1***", formatter.formatException(record.exc_info))


def _extras(record: logging.LogRecord) -> Mapping[str, Any]:
    """What was given as `extra`, with nothing in it that may not be written."""
    return {
        name: "***" if _is_secret(name, value) else _writable(value)
        for name, value in vars(record).items()
        if name not in _ORDINARY
    }


def _is_secret(name: str, value: object) -> bool:
    """A figure such as `first_token_ms` is no secret, whatever its name."""
    return bool(_SECRET_NAME.search(name)) and not isinstance(value, int | float)


def _writable(value: object) -> object:
    if isinstance(value, bool | int | float | None):
        return value
    if isinstance(value, bytes | bytearray | memoryview) or hasattr(value, "__array__"):
        return f"<{memoryview(value).nbytes} bytes>"  # type: ignore[arg-type]
    return _SECRET_IN_TEXT.sub(r"\1***", str(value))


def _plain(value: object) -> str:
    """A value beside its name: in quotes where it would otherwise run into the next one."""
    text = str(value)
    if re.search(r"[\s=\"]", text):
        text = json.dumps(text, ensure_ascii=False)
    return _escaped(text)


def _source(record: logging.LogRecord) -> str:
    return "uvicorn" if record.name == "uvicorn.error" else record.name


def _escaped(text: str) -> str:
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def _keep_quiet(names: tuple[str, ...], level: int) -> None:
    for name in names:
        logger = logging.getLogger(name)
        logger.setLevel(max(level, logging.getLogger().level))
