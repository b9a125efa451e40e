"""Recordings in any container become samples, in pieces or whole, and hostile ones a sentence."""

import subprocess
import sys
import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repartee.audio.decoding import Limits, RecordingDecoder, decode
from repartee.audio.pcm import Samples
from repartee.audio.wav import wav_bytes, wav_header
from repartee.errors import BadAudio
from tests.audio.encoded import RATE_HZ, RECIPES, SPEECH, STREAMED, encode, encoded, likeness
from tests.recordings import recording
from tests.recordings.browser import NAMES, SPEECH_FROM_SECONDS, blobs

SAID: Samples = recording("q1_weather.wav")[round(SPEECH_FROM_SECONDS * RATE_HZ) :]
PADDING_SECONDS = 0.1
"""By how much encoders may lengthen a recording: they pad it to whole packets."""
DITHER = 2
"""Resampling plain samples rounds them by chance, one way or the other."""


def decoded_in(pieces: list[bytes], limits: Limits | None = None) -> Samples:
    decoder = RecordingDecoder(limits or Limits())
    return np.concatenate([*(decoder.push(piece) for piece in pieces), decoder.finish()])


def cut(data: bytes, edges: set[int]) -> list[bytes]:
    return [data[a:b] for a, b in pairwise([0, *sorted(edges), len(data)])]


def decoded_or_refused(data: bytes) -> bool:
    """Whether there is sound, or a sentence; nothing else may happen."""
    try:
        return 0 < decode(data, Limits(most_seconds=30)).seconds <= 30
    except BadAudio as refusal:
        return refusal.sentence.endswith(".")


def same(one: Samples, other: Samples) -> bool:
    return len(one) == len(other) and not np.any(np.abs(one.astype(int) - other) > DITHER)


class TestEveryContainer:
    @pytest.mark.parametrize("recipe", RECIPES)
    def test_what_was_said_is_heard(self, recipe: str) -> None:
        heard = decode(encoded(recipe))
        assert heard.rate_hz == RATE_HZ
        assert 1.0 <= heard.seconds < 1.0 + PADDING_SECONDS
        assert likeness(heard.samples, SPEECH) > 0.99

    @pytest.mark.parametrize("recipe", ["webm, live", "wav", "flac", "mp4, AAC in fragments"])
    @pytest.mark.parametrize("shape", [(48_000, "mono"), (16_000, "mono"), (24_000, "stereo")])
    def test_at_every_rate(self, recipe: str, shape: tuple[int, str]) -> None:
        heard = decode(encoded(recipe, rate_hz=shape[0], layout=shape[1]))
        assert likeness(heard.samples, SPEECH) > 0.98

    def test_plain_samples_at_the_same_rate_are_not_touched(self) -> None:
        assert np.array_equal(decode(wav_bytes(SPEECH, RATE_HZ)).samples, SPEECH)

    def test_a_wav_that_is_streamed_has_no_length(self) -> None:
        assert np.array_equal(decode(wav_header(RATE_HZ) + SPEECH.tobytes()).samples, SPEECH)

    def test_surround_sound_is_mixed_down(self) -> None:
        surround = encode(SPEECH, "flac", "flac", {}, 48_000, "5.1")
        assert likeness(decode(surround).samples, SPEECH) > 0.99


class TestInPieces:
    @pytest.mark.parametrize("recipe", RECIPES)
    def test_byte_by_byte_it_sounds_the_same(self, recipe: str) -> None:
        data = encoded(recipe, ms=100)
        pieces = [data[at : at + 1] for at in range(len(data))]
        assert same(decoded_in(pieces), decode(data).samples)

    @pytest.mark.parametrize("recipe", RECIPES)
    @settings(max_examples=6, deadline=None)
    @given(data=st.data())
    def test_wherever_it_is_cut_it_sounds_the_same(self, recipe: str, data: st.DataObject) -> None:
        recording = encoded(recipe, ms=300)
        edges = data.draw(st.sets(st.integers(0, len(recording)), max_size=12))
        assert same(decoded_in(cut(recording, edges)), decode(recording).samples)

    @pytest.mark.parametrize("recipe", STREAMED)
    def test_sound_comes_out_at_the_pace_at_which_it_goes_in(self, recipe: str) -> None:
        file = encoded(recipe)
        decoder = RecordingDecoder()
        decoder.push(file[: len(file) // 2])
        assert decoder.seconds > 0.25

    def test_a_live_recording_is_heard_up_to_the_packet_that_is_not_complete(self) -> None:
        file = encoded("webm, live")
        decoder = RecordingDecoder()
        for at in range(0, len(file), len(file) // 40):
            decoder.push(file[at : at + len(file) // 40])
            behind = (at + len(file) // 40) / len(file) - decoder.seconds
            assert behind < 0.12  # its header, and packets that are not all equally long

    def test_safaris_fragments_are_heard_before_the_last_one_comes(self) -> None:
        file = encoded("mp4, AAC in fragments")
        decoder = RecordingDecoder()
        decoder.push(file[: len(file) // 2])
        assert decoder.seconds > 0.2


class TestBrowsers:
    @pytest.mark.parametrize("name", NAMES)
    def test_a_real_browsers_recording_decodes_completely(self, name: str) -> None:
        heard = decoded_in(blobs(name))
        assert likeness(heard, SAID) > 0.98
        assert np.array_equal(heard, decode(b"".join(blobs(name))).samples)

    @pytest.mark.parametrize("name", ["chromium.webm", "chromium-video.webm", "firefox.webm"])
    def test_each_blob_gives_its_sound_at_once(self, name: str) -> None:
        decoder = RecordingDecoder()
        *whole, _ = (len(decoder.push(blob)) / RATE_HZ for blob in blobs(name))
        assert all(seconds >= 0.05 for seconds in whole)
        assert len(decoder.finish()) < 0.005 * RATE_HZ

    def test_firefoxs_ogg_says_when_it_is_complete(self) -> None:
        *whole, last = blobs("firefox.ogg")
        decoder = RecordingDecoder()
        for blob in whole:
            decoder.push(blob)
            assert not decoder.ended
        decoder.push(last)
        assert decoder.ended

    def test_chromiums_webm_never_says_so(self) -> None:
        decoder = RecordingDecoder()
        decoder.push(b"".join(blobs("chromium.webm")))
        assert not decoder.ended


class TestCutOff:
    @pytest.mark.parametrize("recipe", [*STREAMED, "mp4, AAC in fragments", "mp3", "flac"])
    @settings(max_examples=10, deadline=None)
    @given(part=st.floats(0.4, 0.99))
    def test_what_came_before_the_cut_is_heard(self, recipe: str, part: float) -> None:
        file = encoded(recipe)
        whole = decode(file).samples
        heard = decode(file[: int(part * len(file))]).samples
        assert len(heard) >= (part - 0.3) * len(whole)
        sure = len(heard) - RATE_HZ // 20  # where it ends, a resampler hears a step
        assert same(heard[:sure], whole[:sure])

    @pytest.mark.parametrize("recipe", ["webm, live", "ogg, Opus", "mp4, Opus"])
    def test_at_every_byte_there_is_sound_or_a_sentence(self, recipe: str) -> None:
        file = encoded(recipe, ms=40)
        for end in range(len(file)):
            assert decoded_or_refused(file[:end])

    def test_tables_at_the_end_are_missed(self) -> None:
        file = encoded("mp4, AAC")
        with pytest.raises(BadAudio, match="Please send the complete file"):
            decode(file[: len(file) // 2])

    def test_a_recorder_that_was_stopped_at_once(self) -> None:
        with pytest.raises(BadAudio, match="no sound in the recording"):
            decode(blobs("firefox.ogg")[0])

    def test_a_wav_without_samples(self) -> None:
        with pytest.raises(BadAudio, match="no sound in the recording"):
            decode(wav_bytes(SPEECH[:0], RATE_HZ))


class TestLimits:
    def test_a_small_file_may_hold_hours_of_silence(self) -> None:
        hours = encode(np.zeros(60 * RATE_HZ, np.int16), "ogg", "libopus", {})
        assert len(hours) < 20_000
        tracemalloc.start()
        with pytest.raises(BadAudio, match="longer than 5 seconds"):
            decode(hours, Limits(most_seconds=5))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert most < 2_000_000

    def test_there_is_a_limit_to_its_bytes(self) -> None:
        decoder = RecordingDecoder(Limits(most_bytes=1 << 20))
        decoder.push(wav_header(RATE_HZ) + bytes(1 << 19))
        with pytest.raises(BadAudio, match="larger than 1 MB"):
            decoder.push(bytes(1 << 20))

    def test_after_a_failure_there_is_only_that_failure(self) -> None:
        decoder = RecordingDecoder()
        with pytest.raises(BadAudio, match="a web page"):
            decoder.push(b"<!doctype html><p>")
        with pytest.raises(BadAudio, match="a web page"):
            decoder.push(wav_bytes(SPEECH, RATE_HZ))
        with pytest.raises(BadAudio, match="a web page"):
            decoder.finish()

    def test_a_container_full_of_nothing_is_given_up(self) -> None:
        empty_elements = b"\xec\x80" * 300_000
        with pytest.raises(BadAudio, match="hardly any sound"):
            decode(b"".join(blobs("chromium.webm")) + empty_elements)

    def test_what_is_abandoned_stops(self) -> None:
        decoder = RecordingDecoder()
        decoder.push(encoded("webm, live")[:5_000])
        decoder.abandon()
        assert len(decoder.push(encoded("webm, live")[5_000:])) == 0
        assert len(decoder.finish()) == 0


class TestHostile:
    @given(st.binary(max_size=400), st.sampled_from(list(RECIPES)), st.integers(4, 400))
    @settings(max_examples=200, deadline=None)
    def test_random_bytes_after_a_good_beginning(
        self, noise: bytes, recipe: str, kept: int
    ) -> None:
        assert decoded_or_refused(encoded(recipe, ms=100)[:kept] + noise)

    @given(
        st.sampled_from(list(RECIPES)),
        st.dictionaries(st.floats(0, 0.999), st.integers(0, 255), max_size=12),
        st.floats(0.2, 1),
    )
    @settings(max_examples=200, deadline=None)
    def test_changed_and_cut_recordings(
        self, recipe: str, changes: dict[float, int], part: float
    ) -> None:
        data = bytearray(encoded(recipe, ms=100))
        for at, value in changes.items():
            data[int(at * len(data))] = value
        assert decoded_or_refused(bytes(data[: int(part * len(data))]))

    @given(
        st.sampled_from(list(RECIPES)),
        st.dictionaries(st.integers(0, 1_200), st.sampled_from([0, 1, 127, 128, 255]), max_size=12),
    )
    @settings(max_examples=200, deadline=None)
    def test_lies_in_headers(self, recipe: str, changes: dict[int, int]) -> None:
        data = bytearray(encoded(recipe, ms=100))
        for at, value in changes.items():
            data[at % len(data)] = value
        assert decoded_or_refused(bytes(data))


def test_nothing_is_printed_about_broken_recordings(capfd: pytest.CaptureFixture[str]) -> None:
    for recipe in ("webm, live", "mp4, AAC", "mp3", "flac", "ogg, Vorbis"):
        data = bytearray(encoded(recipe))
        data[3_000::7] = bytes(len(data[3_000::7]))
        try:
            decode(bytes(data))
        except BadAudio:
            continue
    assert capfd.readouterr() == ("", "")


def test_ffmpeg_is_not_loaded_before_something_is_decoded() -> None:
    program = (
        "import sys, repartee.audio.decoding as d, repartee.audio.wav as w;"
        "d.decode(w.wav_header(16000) + bytes(320)); assert 'av' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
