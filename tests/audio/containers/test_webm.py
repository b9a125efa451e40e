"""WebM taken apart: elements written by hand, as recorders and muxers write them."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repartee.audio.containers.tracks import CodedTrack, PlainTrack
from repartee.audio.containers.webm import WebmDemuxer
from repartee.errors import BadAudio
from tests.audio.containers.pieces import packets_of

UNKNOWN = b"\x01" + b"\xff" * 7
EBML, SEGMENT, CLUSTER, TRACKS = 0x1A45DFA3, 0x18538067, 0x1F43B675, 0x1654AE6B
TRACK, TIME, SIMPLE_BLOCK, BLOCK_GROUP, BLOCK, VOID = 0xAE, 0xE7, 0xA3, 0xA0, 0xA1, 0xEC
CUES, TAGS = 0x1C53BB6B, 0x1254C367


def element(name: int, *bodies: bytes, size: bytes | None = None) -> bytes:
    body = b"".join(bodies)
    told = (len(body) | 1 << 28).to_bytes(4) if size is None else size
    return name.to_bytes((name.bit_length() + 7) // 8) + told + body


def track(number: int = 1, kind: int = 2, codec: bytes = b"A_OPUS", *more: bytes) -> bytes:
    facts = element(0xD7, bytes([number])), element(0x83, bytes([kind])), element(0x86, codec)
    return element(TRACK, *facts, element(0x63A2, b"private"), *more)


def block(*frames: bytes, lacing: int = 0, sizes: bytes = b"", number: int = 1) -> bytes:
    count = bytes([len(frames) - 1]) if lacing else b""
    return bytes([0x80 | number, 0, 0, lacing]) + count + sizes + b"".join(frames)


def live(*parts: bytes, tracks: bytes | None = None) -> bytes:
    """A recording whose sizes nobody knew when it was sent."""
    known = element(TRACKS, track() if tracks is None else tracks)
    header = element(EBML, b"\x42\x82\x84webm")
    return header + element(SEGMENT, known, element(CLUSTER, *parts, size=UNKNOWN), size=UNKNOWN)


def packets(data: bytes, step: int | None = None) -> list[bytes]:
    return packets_of(WebmDemuxer(), data, step)


class TestBlocks:
    def test_a_simple_block_holds_a_packet(self) -> None:
        simple = element(SIMPLE_BLOCK, block(b"one"))
        assert packets(live(element(TIME, b"\0"), simple, simple)) == [b"one", b"one"]

    def test_so_does_a_block_in_a_group_of_any_size(self) -> None:
        inside = element(BLOCK, block(b"two"))
        group = element(BLOCK_GROUP, inside, element(0x9B, b"\x14"))
        endless = element(BLOCK_GROUP, inside, size=UNKNOWN)
        assert packets(live(group, endless)) == [b"two", b"two"]

    @pytest.mark.parametrize(
        ("lacing", "sizes"),
        [
            (2, b"\x03\xff\x01"),  # Xiph's: 3, then 255 + 1
            (6, b"\x83" + (0x4000 | 253 + 0x1FFF).to_bytes(2)),  # EBML's: 3, then 253 more
        ],
    )
    def test_laced_blocks_hold_several(self, lacing: int, sizes: bytes) -> None:
        frames = [b"one", b"2" * 256, b"three"]
        laced = element(SIMPLE_BLOCK, block(*frames, lacing=lacing, sizes=sizes))
        assert packets(live(laced)) == frames

    def test_equal_ones_need_no_sizes(self) -> None:
        laced = element(SIMPLE_BLOCK, block(b"one", b"two", b"six", lacing=4))
        assert packets(live(laced)) == [b"one", b"two", b"six"]

    @pytest.mark.parametrize(
        "broken",
        [
            b"",
            b"\x81",
            b"\x81\0\0",
            b"\x81\0\0\x02",
            b"\x81\0\0\x02\xff\xff",
            b"\x81\0\0\x02\x01\x09short",
            b"\x81\0\0\x06\x02\x81\x80x",  # the second size is below zero
            b"\0\0\0\0",
        ],
    )
    def test_one_that_contradicts_itself_is_passed_over(self, broken: bytes) -> None:
        good = element(SIMPLE_BLOCK, block(b"good"))
        assert packets(live(element(SIMPLE_BLOCK, broken), good)) == [b"good"]

    def test_other_tracks_are_passed_over(self) -> None:
        tracks = track(1, 1, b"V_VP8") + track(2) + track(3)
        blocks = [element(SIMPLE_BLOCK, block(bytes([n]), number=n)) for n in (1, 2, 3)]
        assert packets(live(*blocks, tracks=tracks)) == [b"\2"]


class TestStructure:
    WHOLE = live(
        element(TIME, b"\0"),
        element(SIMPLE_BLOCK, block(b"one")),
        element(VOID, bytes(300)),
        element(CLUSTER, element(TIME, b"\5"), element(SIMPLE_BLOCK, block(b"two"))),
        element(CUES, bytes(20)),
        element(TAGS, b"title"),
        element(CLUSTER, element(SIMPLE_BLOCK, block(b"three")), size=UNKNOWN),
    )

    def test_clusters_follow_each_other_with_anything_between(self) -> None:
        assert packets(self.WHOLE) == [b"one", b"two", b"three"]

    @settings(deadline=None)
    @given(st.integers(1, 400))
    def test_in_pieces_of_any_size(self, step: int) -> None:
        assert packets(self.WHOLE, step) == packets(self.WHOLE)

    @settings(deadline=None)
    @given(st.integers(0, len(WHOLE)))
    def test_cut_off_anywhere_the_packets_before_are_there(self, end: int) -> None:
        found = packets(self.WHOLE[:end])
        assert found == packets(self.WHOLE)[: len(found)]

    @pytest.mark.parametrize("junk", [b"\0\0\0", b"\x01\x02", element(SIMPLE_BLOCK, size=UNKNOWN)])
    def test_after_junk_the_next_cluster_is_found(self, junk: bytes) -> None:
        cluster = element(CLUSTER, element(SIMPLE_BLOCK, block(b"found")))
        for step in (1, 3, 10_000):
            assert packets(live(junk, b"\0more junk", cluster), step) == [b"found"]

    def test_a_file_tells_its_size_and_so_when_it_is_complete(self) -> None:
        cluster = element(CLUSTER, element(SIMPLE_BLOCK, block(b"one")))
        file = element(EBML) + element(SEGMENT, element(TRACKS, track()), cluster)
        demuxer = WebmDemuxer()
        assert [packet for packet in demuxer.push(file[:-1]) if packet] == []
        assert not demuxer.ended
        assert [packet for packet in demuxer.push(file[-1:]) if packet] == [b"one"]
        assert demuxer.ended

    def test_an_absurd_size_ends_it(self) -> None:
        claim = element(VOID, size=b"\x01\x7f" + b"\xff" * 6)
        good = element(SIMPLE_BLOCK, block(b"good"))
        assert packets(live(good, claim, good)) == [b"good"]


class TestTracks:
    def of(self, *tracks: bytes) -> CodedTrack | PlainTrack | None:
        demuxer = WebmDemuxer()
        list(demuxer.push(live(tracks=b"".join(tracks))))
        return demuxer.track

    def test_the_decoder_is_told_what_the_recorder_said(self) -> None:
        assert self.of(track()) == CodedTrack("opus", b"private")

    def test_plain_samples_tell_their_layout(self) -> None:
        rate = element(0xB5, struct.pack(">d", 44_100))
        audio = element(0xE1, rate, element(0x9F, b"\2"), element(0x6264, b"\x20"))
        plain = self.of(track(1, 2, b"A_PCM/FLOAT/IEEE", audio))
        assert isinstance(plain, PlainTrack)
        assert (plain.layout.rate_hz, plain.layout.channels) == (44_100, 2)

    @pytest.mark.parametrize(
        ("tracks", "said"),
        [
            (b"", "no sound track"),
            (track(1, 1, b"V_VP9"), "no sound track"),
            (track(1, 2, b"A_DTS\xff"), r"can't be decoded \(A_DTS\?\)"),
            (track(1, 2, b""), r"can't be decoded \(unnamed\)"),
            (track(1, 2, b"A_OPUS", element(0x6D80, b"secret")), "encrypted"),
            (track(1, 2, b"A_PCM/INT/LIT"), "0 bit"),
            (
                track(1, 2, b"A_PCM/INT/LIT", element(0xE1, element(0x6264, b"\x10"))),
                "a rate of 0 Hz",
            ),
        ],
    )
    def test_what_cannot_be_decoded_is_said(self, tracks: bytes, said: str) -> None:
        with pytest.raises(BadAudio, match=said):
            self.of(tracks)
