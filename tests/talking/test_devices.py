"""The microphone and the loudspeaker, with a stand-in for the library that reaches them."""

from __future__ import annotations

import asyncio
import sys
from types import TracebackType
from typing import Any, Self

import numpy as np
import pytest

from repartee.audio.pcm import Samples
from repartee.errors import ReparteeError
from repartee.talking.devices import Choice, Converted, opened

pytestmark = pytest.mark.anyio


class PortAudioError(Exception):
    pass


class Stream:
    def __init__(self, **settings: Any) -> None:
        self.settings = settings
        self.latency = 0.04
        self.open = False

    def __enter__(self) -> Self:
        self.open = True
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.open = False
        self.settings["finished_callback"]()

    def run(self, sound: Samples) -> Samples:
        """What the library does in a thread of its own."""
        frames = sound.reshape(-1, 1)
        self.settings["callback"](frames, len(frames), None, None)
        return frames[:, 0]


class PortAudio:
    """A machine with these rates; none at all has no devices."""

    PortAudioError = PortAudioError

    def __init__(self, *rates_hz: int) -> None:
        self.rates_hz = rates_hz
        self.streams: list[Stream] = []

    def check_input_settings(self, samplerate: int, **settings: Any) -> None:
        if samplerate not in self.rates_hz:
            raise PortAudioError("Invalid sample rate")

    check_output_settings = check_input_settings

    def query_devices(self, device: object = None, kind: str | None = None) -> Any:
        if kind is None:
            return [{"name": "USB headset"}] if self.rates_hz else []
        if not self.rates_hz:
            raise PortAudioError(f"Error querying device {device}")
        return {"default_samplerate": float(self.rates_hz[0])}

    def _stream(self, **settings: Any) -> Stream:
        self.streams.append(Stream(**settings))
        return self.streams[-1]

    InputStream = OutputStream = _stream


def plug_in(monkeypatch: pytest.MonkeyPatch, *rates_hz: int) -> PortAudio:
    machine = PortAudio(*rates_hz)
    monkeypatch.setitem(sys.modules, "sounddevice", machine)
    return machine


def ones(count: int) -> Samples:
    return np.ones(count, np.int16)


async def test_sound_goes_in_and_out(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = plug_in(monkeypatch, 16_000, 24_000)
    heard: asyncio.Queue[Samples] = asyncio.Queue()
    with opened(Choice("Headset", "3"), heard.put_nowait, ones) as devices:
        microphone, speaker = machine.streams
        assert (microphone.settings["device"], speaker.settings["device"]) == ("Headset", 3)
        assert devices.speaker_late_ms == 40
        microphone.run(np.full(320, 5, np.int16))
        assert (await heard.get()).tolist() == [5] * 320
        assert speaker.run(np.zeros(480, np.int16)).tolist() == [1] * 480
    assert not microphone.open
    assert not devices.gone.is_set(), "it was we who left"


async def test_devices_with_rates_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = plug_in(monkeypatch, 48_000)
    heard: asyncio.Queue[Samples] = asyncio.Queue()
    with opened(Choice(), heard.put_nowait, lambda count: ones(count) * 1_000):
        microphone, speaker = machine.streams
        assert microphone.settings["samplerate"] == speaker.settings["samplerate"] == 48_000
        for _ in range(50):
            microphone.run(np.zeros(960, np.int16))
        came = sum([len(await heard.get()) for _ in range(50)])
        assert 15_500 < came <= 16_000
        played = speaker.run(np.zeros(960, np.int16))
        assert abs(int(played[-1]) - 1_000) < 50


async def test_a_headset_that_is_unplugged(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = plug_in(monkeypatch, 16_000, 24_000)
    with opened(Choice(), print, ones) as devices:
        machine.streams[0].settings["finished_callback"]()
        async with asyncio.timeout(2):
            await devices.gone.wait()


@pytest.mark.parametrize(
    ("rates_hz", "sentence"), [((), "This machine has none."), ((8_000,), "There are: USB headset")]
)
async def test_no_device_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, rates_hz: tuple[int, ...], sentence: str
) -> None:
    machine = plug_in(monkeypatch, *rates_hz)

    def broken(**settings: Any) -> Stream:
        raise PortAudioError("Device unavailable")

    machine.InputStream = broken  # type: ignore[method-assign]
    with (
        pytest.raises(ReparteeError, match=f"no microphone and loudspeaker.*{sentence}"),
        opened(Choice(), print, ones),
    ):
        raise AssertionError("there is nothing to open")


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (ImportError("sounddevice"), r"pip install 'repartee-voice\[talk\]'"),
        (OSError("PortAudio library not found"), "apt-get install libportaudio2"),
    ],
)
async def test_what_is_missing_is_said(
    monkeypatch: pytest.MonkeyPatch, fault: Exception, sentence: str
) -> None:
    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)

    class Finder:
        @staticmethod
        def find_spec(name: str, *_: object) -> None:
            if name == "sounddevice":
                raise fault

    monkeypatch.setattr(sys, "meta_path", [Finder, *sys.meta_path])
    with pytest.raises(ReparteeError, match=sentence), opened(Choice(), print, ones):
        raise AssertionError("there is nothing to open")


def test_another_rate_has_as_many_samples_as_are_asked_for() -> None:
    sound = Converted(ones, 24_000, 44_100)
    assert [len(sound(count)) for count in (1, 7, 441, 2_000)] == [1, 7, 441, 2_000]
