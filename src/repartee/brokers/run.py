"""A broker at work: it listens until it is told to stop, and lets what is under way end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager

import uvicorn
from fastapi import FastAPI

from repartee.brokers.building import stt_broker, tts_broker
from repartee.errors import ReparteeError
from repartee.settings import Settings
from repartee.settings.security import is_loopback

log = logging.getLogger(__name__)

_ENDING_SECONDS = 10


class BrokerServer(uvicorn.Server):
    """uvicorn, except that a signal ends it and not the whole process in mid-sentence."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._leave)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

    def _leave(self) -> None:
        """The first lets requests end, the second does not."""
        self.force_exit = self.should_exit
        self.should_exit = True


def run_stt_broker(settings: Settings, engine: str | None) -> None:
    host, port = settings.sst_broker_host, settings.sst_broker_port
    if not settings.sst_broker_keys:
        _tell_who_may_come(host, "SST_BROKER_KEYS")
    asyncio.run(_serve(stt_broker(settings, engine), host, port, settings.debug))


def run_tts_broker(settings: Settings, engine: str | None) -> None:
    host, port = settings.tts_broker_host, settings.tts_broker_port
    if not settings.tts_broker_keys:
        _tell_who_may_come(host, "TTS_BROKER_KEYS")
    asyncio.run(_serve(tts_broker(settings, engine), host, port, settings.debug))


def _tell_who_may_come(host: str, setting: str) -> None:
    if not is_loopback(host):
        log.warning("Anybody on the network may use this broker; %s asks them for a key.", setting)


async def _serve(
    broker: AbstractAsyncContextManager[FastAPI], host: str, port: int, access_log: bool
) -> None:
    async with broker as app:
        config = uvicorn.Config(
            app,
            host=host,
            port=port,
            lifespan="off",
            timeout_graceful_shutdown=_ENDING_SECONDS,
            log_config=None,
            access_log=access_log,
        )
        server = BrokerServer(config)
        log.info("%s listens on %s:%d.", app.title, host, port)
        try:
            await server.serve()
        except SystemExit:  # its way of saying that the port is taken
            log.debug("The broker's server gave up.")
        if not server.started:
            raise ReparteeError(
                f"The broker could not listen on {host}:{port}.",
                hint="Another program may use that port: choose one with --port.",
            )
