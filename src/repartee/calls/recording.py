"""A call put on record: its journal and, if wished, the sound that went in and out.

What happens is only noted on the event loop; a thread writes it a few times a second. A disk that
is full, slow or missing ends the recording with one line in the log, and the call goes on.
"""

from __future__ import annotations

import logging
import os
import re
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

import anyio
import anyio.to_thread
import msgspec

from repartee.audio.pcm import SPEAKING_RATE_HZ
from repartee.audio.track import AudioTrack
from repartee.calls.client import Client
from repartee.calls.clock import now, wall_time
from repartee.conversation import Rules
from repartee.conversation import commands as do
from repartee.conversation import events as ev
from repartee.conversation.told import Told
from repartee.engines.protocols import LISTENING_RATE_HZ, Samples
from repartee.installing import version
from repartee.observe.journals.lines import FORMAT, Began
from repartee.observe.journals.writing import JournalFile
from repartee.store.keeper import Receipt

log = logging.getLogger(__name__)

_WRITE_EVERY_SECONDS = 0.25
_CLOSE_WITHIN_SECONDS = 5.0
_MOST_WAITING = 10_000
"""Notes that may wait for the disk: some two minutes of a busy call."""
FILE_NAME = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d_(?P<session>[A-Za-z0-9-]{1,64})"
    r"\.(jsonl|heard\.wav|sent\.wav)"
)
"""What the files of recordings are called."""


class RecordOptions(msgspec.Struct, frozen=True):
    folder: Path
    sound: bool = False


class _Files(msgspec.Struct, frozen=True):
    on_disk: BinaryIO
    """The file of the journal."""
    journal: JournalFile
    heard: AudioTrack | None
    sent: AudioTrack | None


_Note = Callable[[_Files], None]


class CallRecording:
    """`note`, `heard`, `sent` and `hushed` never wait; `run` lives as long as the call."""

    def __init__(self, call_id: str, interface: str, rules: Rules, options: RecordOptions) -> None:
        self._options = options
        self._waiting: deque[_Note] = deque()
        self._over = False
        self._writing = threading.Lock()
        self._open_files = ExitStack()
        self._files: _Files | None = None
        self._call_id = call_id
        self._interface = interface
        self._rules = rules
        self._clock = now()
        self._began_at = datetime.fromtimestamp(wall_time(), UTC)
        self.name = f"{self._began_at:%Y-%m-%dT%H-%M-%S}_{plain_id(call_id)}"

    def __repr__(self) -> str:
        return f"<CallRecording {self.name}, {len(self._waiting)} notes wait>"

    # ------------------------------------------------------------ noted on the event loop

    def note(self, event: ev.Event, wishes: Sequence[do.Command], moment: float) -> None:
        self._add(partial(_write_event, moment, event, wishes))

    def heard(self, samples: Samples, moment: float) -> None:
        """Sound that ended at this moment."""
        if self._options.sound:
            begins = moment - self._clock - len(samples) / LISTENING_RATE_HZ
            self._add(partial(_add_heard, samples, begins))

    def sent(self, samples: Samples, moment: float) -> None:
        """Sound that left at this moment, to be heard from then on."""
        if self._options.sound:
            self._add(partial(_add_sent, samples, moment - self._clock))

    def hushed(self, moment: float) -> None:
        """What was sent and not yet heard will not be."""
        if self._options.sound:
            self._add(partial(_cut_sent, moment - self._clock))

    def _add(self, note: _Note) -> None:
        if self._over:
            return
        if len(self._waiting) >= _MOST_WAITING:
            # A journal with a hole could not be replayed, so it ends here.
            self._over = True
            self._waiting.append(partial(_end, "The disk was too slow."))
            log.warning("The call is not recorded any further: the disk is too slow.")
            return
        self._waiting.append(note)

    # ------------------------------------------------------------ written in a thread

    async def run(self) -> None:
        while not self._over:
            await anyio.sleep(_WRITE_EVERY_SECONDS)
            # Left alone, not waited for: a disk that hangs must not hold up the end of a call.
            await anyio.to_thread.run_sync(self._write, abandon_on_cancel=True)

    async def close(self) -> None:
        """Write what is left, and the end."""
        self._add(partial(_end, ""))
        with anyio.move_on_after(_CLOSE_WITHIN_SECONDS, shield=True) as patience:
            await anyio.to_thread.run_sync(self._finish, abandon_on_cancel=True)
        if patience.cancelled_caught:
            log.warning("The recording is left unfinished: the disk doesn't answer.")

    def _finish(self) -> None:
        self._write()
        with self._writing:
            self._over = True
            try:
                self._open_files.close()
            except OSError as problem:
                self._give_up(problem)

    def _write(self) -> None:
        with self._writing:
            try:
                self._write_notes()
            except Exception as problem:
                self._give_up(problem)

    def _write_notes(self) -> None:
        if not self._waiting:
            return
        if self._files is None:
            self._files = self._open()
        elif _was_deleted(self._files.on_disk):
            self._over = True
            self._waiting.clear()
            log.info("The call is not recorded any further: its recording was deleted.")
            return
        while self._waiting:
            self._waiting.popleft()(self._files)
        for file in (self._files.journal, self._files.heard, self._files.sent):
            if file is not None:
                file.flush()

    def _give_up(self, problem: Exception) -> None:
        """Once: what follows is not even noted."""
        self._over = True
        self._waiting.clear()
        reason = problem.strerror if isinstance(problem, OSError) else type(problem).__name__
        if self._files is not None:
            with suppress(Exception):
                self._files.journal.end(f"It could not be written ({reason}).")
                self._files.journal.flush()
        log.warning("The call is not recorded any further: %s.", reason)
        log.debug("The recording failed.", exc_info=problem)

    def _open(self) -> _Files:
        _make_private_folder(self._options.folder)
        began = Began(
            format=FORMAT,
            session=self._call_id,
            interface=self._interface,
            version=version(),
            began_at=self._began_at.isoformat(timespec="seconds"),
            clock=self._clock,
            rules=self._rules,
        )
        on_disk = self._private_file(".jsonl")
        journal = JournalFile(on_disk, began)
        if not self._options.sound:
            return _Files(on_disk, journal, None, None)
        heard = AudioTrack(self._private_file(".heard.wav"), LISTENING_RATE_HZ)
        sent = AudioTrack(self._private_file(".sent.wav"), SPEAKING_RATE_HZ)
        return _Files(on_disk, journal, heard, sent)

    def _private_file(self, ending: str) -> BinaryIO:
        """A new file that only its owner may read."""
        path = self._options.folder / f"{self.name}{ending}"
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
        file = os.fdopen(os.open(path, flags, 0o600), "wb")
        return self._open_files.enter_context(file)


class RecordedClient:
    """A client whose sound is recorded on its way."""

    def __init__(self, client: Client, recording: CallRecording) -> None:
        self._client = client
        self._recording = recording

    def tell(self, what: Told) -> None:
        self._client.tell(what)

    def sound(self, reply: int, samples: Samples, text: str | None) -> None:
        self._recording.sent(samples, now())
        self._client.sound(reply, samples, text)

    def unit(self, reply: int, text: str, samples: Samples) -> None:
        self._recording.sent(samples, now())
        self._client.unit(reply, text, samples)

    def hold(self, until: Receipt) -> None:
        self._client.hold(until)

    def hush(self, reply: int) -> None:
        self._recording.hushed(now())
        self._client.hush(reply)


def plain_id(call_id: str) -> str:
    """As it stands in the names of files."""
    return re.sub(r"[^A-Za-z0-9-]", "-", call_id)[:64]


def _was_deleted(file: BinaryIO) -> bool:
    """It has no name any more. Whoever deletes what was said wants none of the rest either, and a
    journal can't begin in mid-call."""
    return os.fstat(file.fileno()).st_nlink == 0


def _make_private_folder(folder: Path) -> None:
    """With all that leads there, as far as it is new."""
    for missing in reversed([one for one in folder.parents if not one.exists()]):
        missing.mkdir(mode=0o700, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)


# ---------------------------------------------------------------- what a note writes


def _write_event(
    moment: float, event: ev.Event, wishes: Sequence[do.Command], files: _Files
) -> None:
    files.journal.write(moment, event, wishes)


def _end(cut: str, files: _Files) -> None:
    files.journal.end(cut)


def _add_heard(samples: Samples, begins: float, files: _Files) -> None:
    if files.heard is not None:
        files.heard.add(samples, begins)


def _add_sent(samples: Samples, begins: float, files: _Files) -> None:
    if files.sent is not None:
        files.sent.add(samples, begins)


def _cut_sent(at: float, files: _Files) -> None:
    if files.sent is not None:
        files.sent.cut(at)
