"""MP4 taken apart: boxes written by hand, honest ones and others."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repartee.audio.containers.mp4 import Mp4Demuxer
from repartee.audio.decoding import decode
from repartee.errors import BadAudio
from tests.audio.containers.pieces import packets_of
from tests.audio.encoded import encoded


def box(name: bytes, *bodies: bytes) -> bytes:
    body = b"".join(bodies)
    return struct.pack(">I4s", len(body) + 8, name) + body


def numbers(*values: int) -> bytes:
    return struct.pack(f">{len(values)}I", *values)


def opus(channels: int = 1, pre_skip: int = 312) -> bytes:
    dops = box(b"dOps", struct.pack(">BBHIhB", 0, channels, pre_skip, 48_000, 0, 0))
    return box(b"Opus", bytes(28), dops)


def trak(
    entry: bytes, *tables: bytes, track_id: int = 1, handler: bytes = b"soun", edits: bytes = b""
) -> bytes:
    stbl = box(b"stbl", box(b"stsd", numbers(0, 1), entry), *tables)
    media = box(b"mdhd", numbers(0, 0, 0, 48_000)), box(b"hdlr", bytes(8), handler)
    header = box(b"tkhd", numbers(0, 0, 0, track_id))
    return box(b"trak", header, edits, box(b"mdia", *media, box(b"minf", stbl)))


def tables(sizes: list[int], chunks: list[int], packets_each: int) -> list[bytes]:
    return [
        box(b"stsz", numbers(0, 0, len(sizes), *sizes)),
        box(b"stsc", numbers(0, 1, 1, packets_each, 1)),
        box(b"stco", numbers(0, len(chunks), *chunks)),
    ]


def packets(data: bytes, step: int | None = None) -> list[bytes]:
    return packets_of(Mp4Demuxer(), data, step)


FTYP = box(b"ftyp", b"isom")
WORDS = box(b"mdat", b"onetwosixfour")
"""Directly after `FTYP`, so its packets begin at 20."""
TABLES = tables([3, 3, 3, 4], [20, 26], 2)
FOUR = [b"one", b"two", b"six", b"four"]


class TestTables:
    WHOLE = FTYP + WORDS + box(b"moov", trak(opus(), *TABLES))

    def test_they_may_come_after_the_sound(self) -> None:
        assert packets(self.WHOLE) == FOUR

    def test_or_before_it(self) -> None:
        moov = box(b"moov", trak(opus(), *TABLES))
        moved = tables([3, 3, 3, 4], [20 + len(moov), 26 + len(moov)], 2)
        first = FTYP + box(b"moov", trak(opus(), *moved)) + WORDS
        demuxer = Mp4Demuxer()
        assert [packet for packet in demuxer.push(first[:-5]) if packet] == FOUR[:2]
        assert not demuxer.ended
        assert [packet for packet in demuxer.push(first[-5:]) if packet] == FOUR[2:]
        assert demuxer.ended

    @settings(deadline=None)
    @given(st.integers(1, 100))
    def test_in_pieces_of_any_size(self, step: int) -> None:
        assert packets(self.WHOLE, step) == FOUR

    def test_wide_sizes_and_offsets(self) -> None:
        wide = struct.pack(">I4sQ", 1, b"mdat", 16 + 13) + WORDS[8:]
        co64 = box(b"co64", numbers(0, 1), struct.pack(">Q", 28))
        moov = box(b"moov", trak(opus(), *tables([3, 3, 3, 4], [], 4)[:2], co64))
        assert packets(FTYP + wide + moov) == FOUR

    def test_other_tracks_are_passed_over(self) -> None:
        video = trak(box(b"avc1"), *tables([3], [20], 1), handler=b"vide", track_id=9)
        sound = trak(opus(), *tables([3], [23], 1))
        assert packets(FTYP + WORDS + box(b"moov", video, sound)) == [b"two"]


class TestFragments:
    def fragment(self, flags: int, *fields: int, header: bytes = b"", track_id: int = 1) -> bytes:
        """One that tells of packets, with those it tells of right behind it."""
        tfhd_flags = 0x10 if header else 0
        tfhd = box(b"tfhd", numbers(tfhd_flags, track_id), header)
        return box(b"moof", box(b"traf", tfhd, box(b"trun", numbers(flags, *fields))))

    def live(self, *parts: bytes) -> bytes:
        trex = box(b"trex", numbers(0, 1, 1, 0, 3, 0))
        moov = box(b"moov", trak(opus(), *tables([], [], 0)), box(b"mvex", trex))
        return FTYP + moov + b"".join(parts)

    def test_each_packet_may_have_a_size(self) -> None:
        flags = 0x1 | 0x200
        size = len(self.fragment(flags, 2, 0, 3, 4))
        part = self.fragment(flags, 2, size + 8, 3, 4) + box(b"mdat", b"onefour")
        assert packets(self.live(part, part)) == [b"one", b"four"] * 2

    def test_or_all_of_them_the_same(self) -> None:
        size = len(self.fragment(0x1, 2, 0))
        part = self.fragment(0x1, 2, size + 8) + box(b"mdat", b"onetwo")
        assert packets(self.live(part)) == [b"one", b"two"]
        own = numbers(2)
        part = self.fragment(0x1, 2, size + 12, header=own) + box(b"mdat", b"abcd")
        assert packets(self.live(part)) == [b"ab", b"cd"]

    def test_those_of_other_tracks_are_passed_over(self) -> None:
        part = self.fragment(0x1, 2, 0, track_id=2) + box(b"mdat", b"onetwo")
        assert packets(self.live(part)) == []

    def test_only_an_index_at_the_end_says_that_it_is_complete(self) -> None:
        demuxer = Mp4Demuxer()
        list(demuxer.push(self.live()))
        assert not demuxer.ended
        list(demuxer.push(box(b"mfra")))
        assert demuxer.ended


class TestTracks:
    def test_the_lead_in_is_not_heard(self) -> None:
        file = encoded("mp4, AAC")
        edit = file.index(b"elst") + 4 + 8 + 4  # where the first edit begins
        later = file[:edit] + numbers(24_000) + file[edit + 4 :]
        assert decode(file).seconds - decode(later).seconds == pytest.approx(0.5, abs=0.001)

    @pytest.mark.parametrize(
        ("moov", "said"),
        [
            (b"", "no sound track"),
            (trak(opus(), handler=b"vide"), "no sound track"),
            (trak(box(b"enca", bytes(40))), "encrypted"),
            (trak(box(b"samr", bytes(40))), r"can't be decoded \(samr\)"),
            (trak(b""), r"can't be decoded \(unnamed\)"),
        ],
    )
    def test_what_cannot_be_decoded_is_said(self, moov: bytes, said: str) -> None:
        with pytest.raises(BadAudio, match=said):
            packets(FTYP + box(b"moov", moov))


class TestHostile:
    """A few bytes can claim billions of packets; who followed them would never come back."""

    ALIKE = box(b"stsz", numbers(0, 1, 0xFFFFFFFF))
    ONE_CHUNK = box(b"stco", numbers(0, 1, 8))

    def refused_or_bounded(self, data: bytes) -> bool:
        try:
            return sum(map(len, packets(data))) <= len(data)
        except BadAudio:
            return True

    def test_more_packets_than_bytes(self) -> None:
        many = box(b"stsc", numbers(0, 1, 1, 0xFFFFFFFF, 1))
        moov = box(b"moov", trak(opus(), self.ALIKE, many, self.ONE_CHUNK))
        assert self.refused_or_bounded(FTYP + moov + box(b"mdat", bytes(100)))

    def test_the_same_bytes_again_and_again(self) -> None:
        again = tables([40] * 500, [20] * 500, 1)
        with pytest.raises(BadAudio, match="tables contradict themselves"):
            packets(FTYP + box(b"mdat", bytes(100)) + box(b"moov", trak(opus(), *again)))

    @pytest.mark.parametrize("offset", [0, 8, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF])
    @pytest.mark.parametrize("flags", [0x1, 0x101, 0x201, 0xF01])
    def test_fragments_of_endless_packets(self, flags: int, offset: int) -> None:
        for default in (0, 1, 0xFFFFFFFF):
            trex = box(b"trex", numbers(0, 1, 1, 0, default, 0))
            moov = box(b"moov", trak(opus()), box(b"mvex", trex))
            run = box(b"trun", numbers(flags, 0xFFFFFFFF, offset))
            moof = box(b"moof", box(b"traf", box(b"tfhd", numbers(0, 1)), run))
            assert self.refused_or_bounded(FTYP + moov + moof + box(b"mdat", bytes(100)))

    @pytest.mark.parametrize("size", [0, 1, 7, 0xFFFFFFFF])
    def test_boxes_of_impossible_sizes(self, size: int) -> None:
        odd = struct.pack(">I4s", size, b"mdat") + bytes(20)
        with pytest.raises(BadAudio, match="cut off"):
            packets(FTYP + odd)
