"""WAV files, written for browsers and read from anybody."""

import io
import struct
import tracemalloc
import wave

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.audio.containers.riff import is_wav
from repartee.audio.pcm import Samples
from repartee.audio.wav import Recording, read_wav, wav_bytes, wav_header
from repartee.errors import BadAudio

SOUND = np.array([0, 1, -1, 300, -32_768, 32_767], np.int16)
RATE_HZ = 24_000


def chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def file_of(*chunks: bytes) -> bytes:
    body = b"WAVE" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def format_chunk(
    *, code: int = 1, channels: int = 1, rate_hz: int = RATE_HZ, bits: int = 16, more: bytes = b""
) -> bytes:
    frame = channels * bits // 8
    body = struct.pack(
        "<HHIIHH", code, channels, rate_hz, rate_hz * frame & 0xFFFFFFFF, frame, bits
    )
    return chunk(b"fmt ", body + more)


def heard(data: bytes) -> list[int]:
    samples: list[int] = read_wav(data).samples.tolist()
    return samples


class TestWriting:
    def test_any_reader_understands_it(self) -> None:
        with wave.open(io.BytesIO(wav_bytes(SOUND, RATE_HZ))) as file:
            assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
            assert file.getframerate() == RATE_HZ
            assert file.readframes(100) == SOUND.tobytes()

    def test_it_is_complete_when_it_is_empty(self) -> None:
        with wave.open(io.BytesIO(wav_bytes(SOUND[:0], RATE_HZ))) as file:
            assert file.getnframes() == 0

    @given(st.lists(st.integers(-32_768, 32_767)), st.integers(4_000, 192_000))
    def test_what_is_written_is_read(self, values: list[int], rate_hz: int) -> None:
        written = read_wav(wav_bytes(np.array(values, np.int16), rate_hz))
        assert (written.samples.tolist(), written.rate_hz) == (values, rate_hz)

    def test_a_stream_of_unknown_length_is_read_to_its_end(self) -> None:
        assert heard(wav_header(RATE_HZ) + SOUND.tobytes()) == SOUND.tolist()


class TestReading:
    @pytest.mark.parametrize(
        ("bits", "code", "body", "expected"),
        [
            (8, 1, bytes([128, 255, 0]), [0, 32_512, -32_768]),
            (16, 1, SOUND.tobytes(), SOUND.tolist()),
            (24, 1, b"\xff\x01\x00" + b"\x00\x00\x80" + b"\xff\xff\x7f", [1, -32_768, 32_767]),
            (32, 1, struct.pack("<3i", 5 << 16, -(1 << 31), (1 << 31) - 1), [5, -32_768, 32_767]),
            (32, 3, struct.pack("<3f", 0.5, -1, float("nan")), [16_384, -32_768, 0]),
        ],
    )
    def test_every_width_becomes_16_bit(
        self, bits: int, code: int, body: bytes, expected: list[int]
    ) -> None:
        assert heard(file_of(format_chunk(code=code, bits=bits), chunk(b"data", body))) == expected

    def test_stereo_becomes_the_average(self) -> None:
        body = struct.pack("<4h", 100, 300, -32_768, -32_768)
        assert heard(file_of(format_chunk(channels=2), chunk(b"data", body))) == [200, -32_768]

    def test_the_extensible_format_says_further_down_what_it_is(self) -> None:
        more = struct.pack("<HHIH", 22, 16, 4, 1) + bytes(14)
        extensible = format_chunk(code=0xFFFE, more=more)
        assert heard(file_of(extensible, chunk(b"data", SOUND.tobytes()))) == SOUND.tolist()

    def test_other_parts_are_skipped_with_their_padding(self) -> None:
        other = chunk(b"LIST", b"odd")
        data = chunk(b"data", SOUND.tobytes())
        assert heard(file_of(other, format_chunk(), other, data, other)) == SOUND.tolist()

    def test_a_length_of_zero_means_the_rest_when_the_file_has_no_length_either(self) -> None:
        streamed = bytearray(wav_bytes(SOUND, RATE_HZ))
        streamed[4:8] = streamed[40:44] = bytes(4)
        assert heard(bytes(streamed)) == SOUND.tolist()

    def test_a_length_of_zero_means_nothing_when_something_else_follows(self) -> None:
        assert heard(file_of(format_chunk(), chunk(b"data", b""), chunk(b"LIST", b"1234"))) == []

    def test_a_frame_that_is_cut_off_is_left_out(self) -> None:
        body = struct.pack("<3h", 10, 20, 30)
        assert heard(file_of(format_chunk(channels=2), chunk(b"data", body + b"\1"))) == [15]

    def test_it_knows_its_own_length(self) -> None:
        assert Recording(np.zeros(12_000, np.int16), 24_000).seconds == 0.5


class TestRefusing:
    @pytest.mark.parametrize(
        ("data", "said"),
        [
            (b"", "not a WAV file"),
            (b"RIFF", "not a WAV file"),
            (b"OggS" + bytes(40), "not a WAV file"),
            (file_of(), "no part with a format"),
            (file_of(format_chunk()), "no part with sound"),
            (file_of(chunk(b"data", b"1234")), "sound before its format"),
            (file_of(chunk(b"fmt ", b"123")), "cut short"),
            (file_of(format_chunk(code=7, bits=8)), "format 7, 8 bit"),
            (file_of(format_chunk(bits=12)), "format 1, 12 bit"),
            (file_of(format_chunk(channels=0)), "0 channels"),
            (file_of(format_chunk(channels=9)), "9 channels"),
            (file_of(format_chunk(rate_hz=0)), "rate of 0 Hz"),
            (file_of(format_chunk(rate_hz=4_000_000_000)), "rate of 4000000000 Hz"),
            (file_of(chunk(b"fmt ", struct.pack("<HHIIHH", 1, 2, 8000, 0, 1, 16))), "contradicts"),
        ],
    )
    def test_it_says_what_is_wrong(self, data: bytes, said: str) -> None:
        with pytest.raises(BadAudio, match=said):
            read_wav(data)

    def test_endless_empty_parts_are_not_followed(self) -> None:
        with pytest.raises(BadAudio):
            read_wav(file_of(chunk(b"junk", b"") * 100_000))

    @given(st.binary(max_size=200))
    def test_random_bytes_are_read_or_refused(self, data: bytes) -> None:
        self.read_or_refuse(b"RIFF\xff\xff\xff\xffWAVE" + data)

    @given(
        st.sampled_from([(1, 8), (1, 16), (1, 24), (1, 32), (3, 32), (0xFFFE, 16)]),
        st.integers(0, 10),
        st.binary(max_size=64),
        st.dictionaries(st.integers(0, 60), st.integers(0, 255), max_size=6),
        st.integers(0, 110),
    )
    def test_mutated_files_are_read_or_refused(
        self,
        kind: tuple[int, int],
        channels: int,
        body: bytes,
        changes: dict[int, int],
        length: int,
    ) -> None:
        fmt = format_chunk(code=kind[0], bits=kind[1], channels=channels)
        data = bytearray(file_of(fmt, chunk(b"data", body)))
        for at, value in changes.items():
            data[at % len(data)] = value
        self.read_or_refuse(bytes(data[:length]))

    def read_or_refuse(self, data: bytes) -> None:
        try:
            recording = read_wav(data)
        except BadAudio:
            return
        assert recording.samples.dtype == np.int16
        assert len(recording.samples) <= len(data)

    def test_a_lie_about_the_size_allocates_nothing(self) -> None:
        lie = bytearray(wav_bytes(SOUND, RATE_HZ))
        lie[40:44] = b"\xff\xff\xff\x7f"
        tracemalloc.start()
        samples: Samples = read_wav(bytes(lie)).samples
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert samples.tolist() == SOUND.tolist()
        assert most < 100_000


def test_it_is_known_by_its_content() -> None:
    assert is_wav(wav_bytes(SOUND, RATE_HZ))
    assert not is_wav(b"RIFF\0\0\0\0AVI ")
