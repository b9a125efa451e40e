"""A call on record: noted without waiting, written aside, and never in the call's way."""

from __future__ import annotations

import errno
import io
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import numpy as np
import pytest
from anyio.lowlevel import checkpoint

from repartee.audio.wav import read_wav
from repartee.calls import recording as module
from repartee.calls.recording import CallRecording, RecordedClient, RecordOptions
from repartee.conversation import Rules
from repartee.conversation import commands as do
from repartee.conversation import events as ev
from repartee.conversation.told import ReplyStarted, Told
from repartee.engines.protocols import Samples
from repartee.observe.journals.reading import Journal, read_journal
from repartee.store.keeper import Receipt

pytestmark = pytest.mark.anyio
SECOND_HEARD = np.ones(16_000, np.int16)
SECOND_SENT = np.ones(24_000, np.int16)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "now", clock)
    monkeypatch.setattr(module, "wall_time", lambda: 1_767_323_045.0)
    monkeypatch.setattr(module, "_WRITE_EVERY_SECONDS", 0)
    return clock


def begin(folder: Path, *, sound: bool = False, call_id: str = "a-call") -> CallRecording:
    return CallRecording(call_id, "ws", Rules(), RecordOptions(folder, sound))


@asynccontextmanager
async def running(recording: CallRecording) -> AsyncIterator[CallRecording]:
    """As a call runs it: beside everything else, cancelled, closed at the end."""
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(recording.run)
            yield recording
            tasks.cancel_scope.cancel()
    finally:
        await recording.close()


def only_journal(folder: Path) -> Journal:
    (path,) = folder.glob("*.jsonl")
    return read_journal(path)


def delete_all_in(folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink()


def suffixes(folder: Path) -> list[str]:
    return [file.suffix for file in folder.iterdir()]


async def test_what_is_noted_is_in_the_journal(tmp_path: Path, clock: Clock) -> None:
    async with running(begin(tmp_path)) as recording:
        recording.note(ev.SpeechStarted(101.0), [do.Listen(1)], 101.1)
        recording.note(ev.SpeechPaused(102.0), [], 102.1)
    journal = only_journal(tmp_path)
    assert (journal.began.session, journal.began.interface) == ("a-call", "ws")
    assert (journal.began.clock, journal.began.began_at) == (100.0, "2026-01-02T03:04:05+00:00")
    assert [(one.at, one.event) for one in journal.events] == [
        (101.1, ev.SpeechStarted(101.0)),
        (102.1, ev.SpeechPaused(102.0)),
    ]
    assert journal.ended is not None


async def test_it_is_written_while_the_call_goes_on(tmp_path: Path, clock: Clock) -> None:
    async with running(begin(tmp_path)) as recording:
        recording.note(ev.TimePassed(), [], 101.0)
        with anyio.fail_after(30):
            while not suffixes(tmp_path) or not only_journal(tmp_path).events:
                await checkpoint()
        assert only_journal(tmp_path).ended is None


async def test_only_the_owner_may_read_it(tmp_path: Path, clock: Clock) -> None:
    folder = tmp_path / "deep" / "recordings"
    async with running(begin(folder, sound=True)) as recording:
        recording.note(ev.TimePassed(), [], 101.0)
    names = ["a-call.heard.wav", "a-call.jsonl", "a-call.sent.wav"]
    files = sorted(folder.iterdir())
    assert [file.name for file in files] == [f"2026-01-02T03-04-05_{name}" for name in names]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert {one.stat().st_mode & 0o777 for one in (folder, folder.parent)} == {0o700}


async def test_the_name_of_a_call_is_no_path(tmp_path: Path, clock: Clock) -> None:
    async with running(begin(tmp_path / "in", call_id="../../etc/pass wd" + "x" * 300)):
        pass
    (file,) = (tmp_path / "in").iterdir()
    assert file.name.startswith("2026-01-02T03-04-05_------etc-pass-wdxxx")
    assert only_journal(tmp_path / "in").began.session.startswith("../../etc")


async def test_both_tracks_line_up(tmp_path: Path, clock: Clock) -> None:
    async with running(begin(tmp_path, sound=True)) as recording:
        recording.heard(SECOND_HEARD, moment=102.0)
        recording.sent(SECOND_SENT, moment=103.0)
    heard, sent = (
        read_wav((tmp_path / f"{recording.name}.{track}.wav").read_bytes())
        for track in ("heard", "sent")
    )
    assert (heard.seconds, sent.seconds) == (2.0, 4.0)
    assert [float(np.argmax(track.samples)) / track.rate_hz for track in (heard, sent)] == [
        1.0,
        3.0,
    ]


async def test_without_the_wish_for_it_no_sound_is_kept(tmp_path: Path, clock: Clock) -> None:
    async with running(begin(tmp_path)) as recording:
        recording.heard(SECOND_HEARD, moment=102.0)
        recording.sent(SECOND_SENT, moment=103.0)
        recording.hushed(103.5)
    assert suffixes(tmp_path) == [".jsonl"]


async def test_what_a_client_gets_is_recorded_and_what_is_hushed_is_not(
    tmp_path: Path, clock: Clock
) -> None:
    class Listener:
        def __init__(self) -> None:
            self.got: list[object] = []

        def tell(self, what: Told) -> None:
            self.got.append(what)

        def sound(self, reply: int, samples: Samples, text: str | None) -> None:
            self.got.append(("sound", reply, len(samples)))

        def unit(self, reply: int, text: str, samples: Samples) -> None:
            self.got.append(("unit", reply, text, len(samples)))

        def hold(self, until: Receipt) -> None:
            self.got.append(until)

        def hush(self, reply: int) -> None:
            self.got.append(("hush", reply))

    listener, receipt = Listener(), Receipt()
    async with running(begin(tmp_path, sound=True)) as recording:
        client = RecordedClient(listener, recording)
        client.tell(ReplyStarted(1, "typed"))
        client.sound(1, SECOND_SENT, "")
        client.unit(1, "Hello.", SECOND_SENT)
        client.hold(receipt)
        clock.now = 101.5
        client.hush(1)
    assert listener.got == [
        ReplyStarted(1, "typed"),
        ("sound", 1, 24_000),
        ("unit", 1, "Hello.", 24_000),
        receipt,
        ("hush", 1),
    ]
    assert read_wav((tmp_path / f"{recording.name}.sent.wav").read_bytes()).seconds == 1.5


async def test_a_folder_that_can_not_be_written_costs_one_line_in_the_log(
    tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "taken").write_text("a file, no folder")
    with caplog.at_level(logging.INFO):
        async with running(begin(tmp_path / "taken")) as recording:
            for _ in range(3):
                recording.note(ev.TimePassed(), [], 101.0)
                for _ in range(50):
                    await checkpoint()
    assert [record.getMessage() for record in caplog.records] == [
        "The call is not recorded any further: File exists."
    ]


async def test_a_full_disk_too(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class FullDisk(io.BytesIO):
        def flush(self) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

    recording = begin(tmp_path, sound=True)
    monkeypatch.setattr(recording, "_private_file", lambda ending: FullDisk())
    async with running(recording):
        recording.note(ev.TimePassed(), [], 101.0)
    assert [record.getMessage() for record in caplog.records] == [
        "The call is not recorded any further: No space left on device."
    ]


async def test_a_disk_that_is_too_slow_ends_the_journal_and_nothing_else(
    tmp_path: Path,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(module, "_MOST_WAITING", 5)
    recording = begin(tmp_path)
    for count in range(100):
        recording.note(ev.ReplyText(1, str(count)), [], 101.0)
    await recording.close()
    journal = only_journal(tmp_path)
    assert [one.event for one in journal.events] == [ev.ReplyText(1, str(n)) for n in range(5)]
    assert journal.ended is not None
    assert journal.ended.cut == "The disk was too slow."
    assert len(caplog.records) == 1


async def test_one_that_is_deleted_meanwhile_ends_and_is_not_begun_anew(
    tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with running(begin(tmp_path, sound=True)) as recording:
        recording.note(ev.TimePassed(), [], 101.0)
        with anyio.fail_after(30):
            while len(suffixes(tmp_path)) < 3:
                await checkpoint()
        delete_all_in(tmp_path)
        recording.note(ev.TimePassed(), [], 102.0)
    assert suffixes(tmp_path) == []
    assert [record.getMessage() for record in caplog.records] == [
        "The call is not recorded any further: its recording was deleted."
    ]


async def test_what_can_not_be_written_ends_the_recording_and_not_the_call(
    tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(begin(tmp_path)) as recording:
        recording.note(ev.TimePassed(), [], 101.0)
        recording.note(ev.Typed("half a \ud83d sign"), [], 102.0)
        recording.note(ev.TimePassed(), [], 103.0)
    journal = only_journal(tmp_path)
    assert len(journal.events) == 1
    assert journal.ended is not None
    assert journal.ended.cut == "It could not be written (UnicodeEncodeError)."
    assert len(caplog.records) == 1
