"""The microphone and the loudspeaker of this machine, through PortAudio.

Both have threads of their own, in which nothing may wait. A device that does not know our rates is
used at its own, and the sound is converted here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from typing import Any

import msgspec
import numpy as np

from repartee.audio.pcm import SPEAKING_RATE_HZ, Samples
from repartee.audio.resample import Resampler
from repartee.errors import ReparteeError
from repartee.installing import command, extra
from repartee.talking.tape import FRAME_SECONDS
from repartee.talking.wire import LISTENING_RATE_HZ

Take = Callable[[int], Samples]


class Choice(msgspec.Struct, frozen=True):
    """The devices to use, by name or number; None is the one that the system would take."""

    microphone: str | None = None
    speaker: str | None = None


class Opened(msgspec.Struct, frozen=True):
    speaker_late_ms: float
    """From the moment at which the loudspeaker takes a sample to that at which it is heard."""
    gone: asyncio.Event
    """Set when a device has been taken away."""


class Converted:
    """A source of sound at another rate: as many samples as are asked for, however few."""

    def __init__(self, take: Take, from_hz: int, to_hz: int) -> None:
        self._take = take
        self._resampler = Resampler(from_hz, to_hz)
        self._ready: Samples = np.zeros(0, np.int16)

    def __call__(self, count: int) -> Samples:
        while len(self._ready) < count:
            missing = count - len(self._ready)
            needed = -(-missing * self._resampler.from_hz // self._resampler.to_hz)
            more = self._resampler.push(self._take(needed))
            self._ready = np.concatenate([self._ready, more])
        sound, self._ready = self._ready[:count], self._ready[count:]
        return sound


@contextmanager
def opened(choice: Choice, heard: Callable[[Samples], None], take: Take) -> Iterator[Opened]:
    """Both devices at work: `heard` is called with what the microphone hears, in this thread's
    event loop; `take` gives what is to be played, and is called in another thread."""
    devices = portaudio()
    loop, gone = asyncio.get_running_loop(), asyncio.Event()
    ending = False

    def finished() -> None:
        if not ending:
            loop.call_soon_threadsafe(gone.set)

    with ExitStack() as stack:
        try:
            microphone = _microphone(devices, choice.microphone, heard, finished)
            stack.enter_context(microphone)
            speaker = _speaker(devices, choice.speaker, take, finished)
            stack.enter_context(speaker)
        except (devices.PortAudioError, ValueError) as problem:
            raise _unusable(devices, problem) from None
        try:
            yield Opened(speaker.latency * 1000, gone)
        finally:
            ending = True


def portaudio() -> Any:
    """The library, if this machine has it."""
    try:
        return import_module("sounddevice")
    except ImportError:
        raise ReparteeError(
            "Talking needs the package sounddevice, which is not installed.",
            hint=f"Install it with: {command(extra('talk'))}",
        ) from None
    except OSError:
        raise ReparteeError(
            "Talking needs the library PortAudio, which is not installed.",
            hint="On Debian and Ubuntu: sudo apt-get install libportaudio2",
        ) from None


def _microphone(
    devices: Any, wanted: str | None, heard: Callable[[Samples], None], finished: Callable[[], None]
) -> Any:
    device = _number_or_name(wanted)
    rate_hz = _rate(devices.check_input_settings, devices, device, "input", LISTENING_RATE_HZ)
    resampler = Resampler(rate_hz, LISTENING_RATE_HZ)
    loop = asyncio.get_running_loop()

    def callback(sound: Any, frames: int, time: object, status: object) -> None:
        samples = resampler.push(sound[:, 0].copy())
        if not loop.is_closed():
            loop.call_soon_threadsafe(heard, samples)

    return devices.InputStream(
        samplerate=rate_hz,
        blocksize=round(rate_hz * FRAME_SECONDS),
        device=device,
        channels=1,
        dtype="int16",
        latency="low",
        callback=callback,
        finished_callback=finished,
    )


def _speaker(devices: Any, wanted: str | None, take: Take, finished: Callable[[], None]) -> Any:
    device = _number_or_name(wanted)
    rate_hz = _rate(devices.check_output_settings, devices, device, "output", SPEAKING_RATE_HZ)
    converted = Converted(take, SPEAKING_RATE_HZ, rate_hz)

    def callback(sound: Any, frames: int, time: object, status: object) -> None:
        sound[:, 0] = converted(frames)

    return devices.OutputStream(
        samplerate=rate_hz,
        blocksize=round(rate_hz * FRAME_SECONDS),
        device=device,
        channels=1,
        dtype="int16",
        latency="low",
        callback=callback,
        finished_callback=finished,
    )


def _rate(check: Any, devices: Any, device: int | str | None, kind: str, wanted_hz: int) -> int:
    """The rate that is wanted where the device knows it, or else the device's own."""
    try:
        check(device=device, channels=1, dtype="int16", samplerate=wanted_hz)
    except devices.PortAudioError:
        return int(devices.query_devices(device, kind)["default_samplerate"])
    return wanted_hz


def _number_or_name(wanted: str | None) -> int | str | None:
    return int(wanted) if wanted is not None and wanted.isdecimal() else wanted


def _unusable(devices: Any, problem: Exception) -> ReparteeError:
    names = [str(one["name"]) for one in devices.query_devices()]
    known = f"There are: {', '.join(names)}." if names else "This machine has none."
    return ReparteeError(
        "There is no microphone and loudspeaker to talk with, or they can't be opened "
        f"({str(problem).splitlines()[0]}).",
        hint=f"{known} Choose with --microphone and --speaker, or talk with a file: --wav.",
    )
