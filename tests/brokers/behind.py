"""A broker in front of a stand-in, and a client of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx
from fastapi import FastAPI

from repartee.brokers.building import stt_broker, tts_broker
from repartee.settings import Settings
from repartee.testing.standins import Heard, Reply
from repartee.testing.standins.whispercpp import WhisperCppWire

SCRIPTED = {"vad": "scripted"}


class WholeWhisperCpp(WhisperCppWire):
    """One that also writes plain text and subtitles, and takes other models."""

    def answer(self, heard: Heard) -> Reply:
        if heard.path == "/load":
            return Reply("text/html", [b"Load was successful!"])
        written = heard.form().get("response_format", b"json") if heard.body else b"json"
        if written == b"text":
            return Reply("text/html", [f" {self.text}\n".encode()])
        if written in (b"srt", b"vtt"):
            return Reply("text/plain", [b"1\n00:00:00,000 --> 00:00:02,000\n" + self.text.encode()])
        return super().answer(heard)


@asynccontextmanager
async def client_of(broker: AbstractAsyncContextManager[FastAPI]) -> AsyncIterator[Any]:
    async with broker as app:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://broker") as client:
            yield client


def listening(
    remote_url: str = "", engine: str | None = None, **settings: Any
) -> AbstractAsyncContextManager[httpx.AsyncClient]:
    given = {**SCRIPTED, "remote_sst_url": remote_url or None, **settings}
    return client_of(stt_broker(Settings.model_validate(given), engine))


def speaking(
    remote_url: str = "", engine: str | None = None, **settings: Any
) -> AbstractAsyncContextManager[httpx.AsyncClient]:
    given = {"remote_tts_url": remote_url or None, **settings}
    return client_of(tts_broker(Settings.model_validate(given), engine))
