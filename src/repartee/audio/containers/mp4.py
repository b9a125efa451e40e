"""MP4 and M4A: phones' recordings, and what Safari's recorder sends.

The packets lie anywhere in the file, and tables say where. In a file that was recorded live they
come fragment by fragment, so its sound can be heard while it arrives; in many others the tables
stand at the end, and until then nothing can be said.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from repartee.audio.containers import boxes
from repartee.audio.containers.mp4_spans import Span, fragment_spans, table_spans
from repartee.audio.containers.mp4_track import sound_track
from repartee.audio.containers.tracks import CodedTrack, no_sound_track
from repartee.errors import BadAudio

_READ = (b"moov", b"moof")
_FRAGMENT_INDEX = b"mfra"
"""Stands at the very end of a file in fragments."""


class Mp4Demuxer:
    def __init__(self) -> None:
        self.track: CodedTrack | None = None
        self.ended = False
        self._file = bytearray()
        self._at = 0
        """Where the next box begins."""
        self._track_id = 0
        self._defaults = memoryview(b"")
        self._in_fragments = False
        self._tables: deque[Iterator[Span]] = deque()
        self._next: Span | None = None
        self._given_bytes = 0

    def push(self, piece: bytes) -> Iterator[bytes]:
        self._file += piece
        while self._read_box():
            yield b""
        while (span := self._next_span()) and span.end <= len(self._file):
            self._next = None
            # Spans that overlap could make hours out of a few bytes.
            self._given_bytes += span.size
            if self._given_bytes > len(self._file):
                raise BadAudio("The recording's tables contradict themselves. Please record again.")
            yield bytes(self._file[span.start : span.end])
        if self.track and not self._in_fragments and self._next is None:
            self.ended = True

    def finish(self) -> Iterator[bytes]:
        if self.track is None:
            raise BadAudio(
                "The recording is cut off: the part that says how to decode it is missing."
                " Please send the complete file."
            )
        return iter(())

    def _next_span(self) -> Span | None:
        while self._next is None and self._tables:
            self._next = next(self._tables[0], None)
            if self._next is None:
                self._tables.popleft()
        return self._next

    def _read_box(self) -> bool:
        """Read one box, or pass over it; False: there is not enough of it yet, or no more."""
        head = boxes.header(bytes(self._file[self._at : self._at + boxes.LONGEST_HEADER]))
        if head is None or head.size is None or head.size < head.length:
            return False
        end = self._at + head.size
        if head.name in _READ and end > len(self._file):
            return False
        if head.name == b"moov" and self.track is None:
            self._read_movie(self._copy(self._at + head.length, end))
        elif head.name == b"moof" and self.track is not None:
            moof = self._copy(self._at + head.length, end)
            self._tables.append(fragment_spans(moof, self._at, self._track_id, self._defaults))
        elif head.name == _FRAGMENT_INDEX:
            self.ended = True
        self._at = end
        return True

    def _copy(self, start: int, end: int) -> memoryview:
        """A view of the file itself would forbid it to grow."""
        return memoryview(bytes(self._file[start:end]))

    def _read_movie(self, moov: memoryview) -> None:
        for name, trak in boxes.children(moov):
            handler = boxes.find(trak, b"mdia", b"hdlr")
            if name == b"trak" and bytes(handler[8:12]) == b"soun":
                self.track = sound_track(trak)
                self._track_id = _track_id(trak)
                break
        else:
            raise no_sound_track()
        self._tables.append(table_spans(boxes.find(trak, b"mdia", b"minf", b"stbl")))
        for name, body in boxes.children(boxes.find(moov, b"mvex")):
            self._in_fragments = True
            if name == b"trex" and boxes.Fields(body).next() == self._track_id:
                self._defaults = body


def _track_id(trak: memoryview) -> int:
    header = boxes.find(trak, b"tkhd")
    return boxes.Fields(header, 20 if boxes.version_of(header) == 1 else 12).next()
