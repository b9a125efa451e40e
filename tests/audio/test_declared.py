"""Raw PCM, which somebody has to declare."""

import numpy as np
import pytest

from repartee.audio.declared import declared_pcm
from repartee.audio.decoding import decode
from repartee.audio.pcm import pcm_bytes
from repartee.audio.wav import wav_bytes
from repartee.errors import BadAudio
from tests.audio.encoded import RATE_HZ, SPEECH


@pytest.mark.parametrize(
    ("content_type", "rate_hz", "channels"),
    [
        ("audio/L16;rate=16000", 16_000, 1),
        ("audio/l16; RATE=24000; channels=2", 24_000, 2),
        ('audio/pcm;rate="8000"', 8_000, 1),
        ("audio/L16", 16_000, 1),
    ],
)
def test_a_content_type_declares_it(content_type: str, rate_hz: int, channels: int) -> None:
    layout = declared_pcm(content_type)
    assert layout is not None
    assert (layout.rate_hz, layout.channels) == (rate_hz, channels)


@pytest.mark.parametrize(
    "content_type", ["", "audio/webm", "audio/wav", "application/octet-stream", "L16", "a\r\nb: c"]
)
def test_other_types_declare_nothing(content_type: str) -> None:
    assert declared_pcm(content_type) is None


@pytest.mark.parametrize(
    ("content_type", "said"),
    [
        ("audio/L16;rate=fast", "rate of the raw sound is not a number"),
        ("audio/L16;rate=-8000", "rate of the raw sound is not a number"),
        ("audio/L16;rate*=utf-8''16000", "rate of the raw sound is not a number"),
        ("audio/L16;rate=1", "a rate of 1 Hz"),
        ("audio/L16;rate=999999999", "a rate of 999999999 Hz"),
        ("audio/L16;rate=16000;channels=99", "99 channels"),
        ("audio/L16;rate=16000;channels=", "channels of the raw sound is not a number"),
    ],
)
def test_nonsense_is_refused(content_type: str, said: str) -> None:
    with pytest.raises(BadAudio, match=said):
        declared_pcm(content_type)


def test_it_is_decoded_as_it_was_declared() -> None:
    little = decode(pcm_bytes(SPEECH), declared=declared_pcm("audio/L16;rate=16000"))
    assert np.array_equal(little.samples, SPEECH)
    big_endian = declared_pcm("audio/L16;rate=16000;endianness=big-endian")
    big = decode(SPEECH.astype(">i2").tobytes(), declared=big_endian)
    assert np.array_equal(big.samples, SPEECH)


def test_half_a_sample_at_the_end_is_left_out() -> None:
    layout = declared_pcm("audio/L16;rate=16000")
    assert decode(b"\1\2\3", declared=layout).samples.tolist() == [0x0201]


def test_a_wav_file_is_one_whatever_was_declared() -> None:
    file = wav_bytes(SPEECH, RATE_HZ)
    heard = decode(file, declared=declared_pcm("audio/L16;rate=8000"))
    assert np.array_equal(heard.samples, SPEECH)
