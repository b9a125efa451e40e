"""Ogg taken apart: pages written by hand."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repartee.audio.containers.ogg import OggDemuxer
from repartee.audio.containers.tracks import CodedTrack
from repartee.errors import BadAudio
from tests.audio.containers.pieces import packets_of

CONTINUED, FIRST, LAST = 1, 2, 4
HEAD, TAGS = b"OpusHead\x01\x01\0\0", b"OpusTags" + bytes(600)


def page(*packets: bytes, flags: int = 0, serial: int = 7, open_end: bool = False) -> bytes:
    """A page with these packets; the last one may go on in the next."""
    table = b"".join(b"\xff" * (len(one) // 255) + bytes([len(one) % 255]) for one in packets)
    if open_end:
        table = table[:-1]
    header = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, 0, serial, 0, 0, len(table))
    return header + table + b"".join(packets)


def stream(*pages: bytes) -> bytes:
    return page(HEAD, flags=FIRST) + page(TAGS) + b"".join(pages)


def packets(data: bytes, step: int | None = None) -> list[bytes]:
    return packets_of(OggDemuxer(), data, step)


class TestPages:
    def test_they_hold_packets(self) -> None:
        assert packets(stream(page(b"one", b"two"), page(b"three"))) == [b"one", b"two", b"three"]

    def test_a_packet_may_go_on_in_the_next(self) -> None:
        first, rest = b"1" * 510, b"2" * 100
        both = page(b"a", first, open_end=True), page(rest, b"b", flags=CONTINUED)
        assert packets(stream(*both)) == [b"a", first + rest, b"b"]

    @pytest.mark.parametrize("size", [254, 255, 256, 510])
    def test_packets_of_whole_segments_end_with_an_empty_one(self, size: int) -> None:
        assert packets(stream(page(b"x" * size, b"y"))) == [b"x" * size, b"y"]

    def test_a_packet_whose_begin_was_lost_is_left_out(self) -> None:
        assert packets(stream(page(b"rest", b"whole", flags=CONTINUED))) == [b"whole"]
        long = page(b"r" * 510, open_end=True, flags=CONTINUED)
        assert packets(stream(long, page(b"est", b"whole", flags=CONTINUED))) == [b"whole"]

    def test_a_packet_whose_end_was_lost_is_left_out(self) -> None:
        assert packets(stream(page(b"x" * 255, open_end=True), page(b"next"))) == [b"next"]

    def test_a_packet_is_given_before_its_page_is_complete(self) -> None:
        assert packets(stream(page(b"one", b"two"))[:-1]) == [b"one"]

    def test_junk_between_pages_is_passed_over(self) -> None:
        junk = b"OggS\x01 no page Ogg"
        assert packets(stream(page(b"one"), junk, page(b"two"))) == [b"one", b"two"]

    def test_the_last_one_says_so(self) -> None:
        demuxer = OggDemuxer()
        list(demuxer.push(stream(page(b"one"))))
        assert not demuxer.ended
        assert b"two" in list(demuxer.push(page(b"two", flags=LAST)))
        assert demuxer.ended

    def test_the_last_one_may_be_empty(self) -> None:
        demuxer = OggDemuxer()
        list(demuxer.push(stream(page(b"one"), page(flags=LAST))))
        assert demuxer.ended

    WHOLE = stream(page(b"1" * 600, b"2", open_end=False), b"junk", page(b"3", b"4" * 255))

    @settings(deadline=None)
    @given(st.integers(1, 200))
    def test_in_pieces_of_any_size(self, step: int) -> None:
        assert packets(self.WHOLE, step) == packets(self.WHOLE)


class TestStreams:
    def test_only_the_first_one_with_sound_is_heard(self) -> None:
        picture = page(b"\x80theora", flags=FIRST, serial=1)
        sound, other = page(HEAD, flags=FIRST), page(HEAD, flags=FIRST, serial=3)
        mixed = page(b"no", serial=1), page(TAGS), page(b"yes"), page(b"no", serial=3)
        assert packets(picture + sound + other + b"".join(mixed)) == [b"yes"]

    def test_opus_begins_with_a_head_and_titles(self) -> None:
        demuxer = OggDemuxer()
        assert b"".join(demuxer.push(stream())) == b""
        assert demuxer.track == CodedTrack("opus", HEAD)

    def test_one_without_sound_is_refused(self) -> None:
        with pytest.raises(BadAudio, match="no sound track"):
            packets(page(b"\x80theora", flags=FIRST) + page(b"picture"))
