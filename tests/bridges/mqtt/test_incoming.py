"""From topics and payloads to what they mean, whatever comes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.bridges.mqtt import said
from repartee.bridges.mqtt.incoming import SUBSCRIPTIONS, parse

MOST = 100_000
KITCHEN = b'{"siteId":"kitchen","sessionId":"s1"}'


@pytest.mark.parametrize(
    ("topic", "payload", "meaning"),
    [
        ("hermes/audioServer/kitchen/audioFrame", b"RIFF", said.FrameArrived("kitchen", b"RIFF")),
        (
            "hermes/audioServer/kitchen/s1/audioSessionFrame",
            b"RIFF",
            said.FrameArrived("kitchen", b"RIFF", "s1"),
        ),
        ("hermes/audioServer/kitchen/playFinished", b'{"id":"p1"}', said.Played("kitchen", "p1")),
        ("hermes/audioServer/kitchen/playFinished", b"", said.Played("kitchen", "")),
        (
            "hermes/hotword/any/detected",
            b'{"siteId":"kitchen","modelId":"x","lang":null}',
            said.ListeningBegan("kitchen", by_wake_word=True),
        ),
        (
            "hermes/asr/startListening",
            b'{"siteId":"kitchen","sessionId":"s1","stopOnSilence":false,"lang":"de"}',
            said.ListeningBegan("kitchen", "s1", until_silence=False, language="de"),
        ),
        ("hermes/asr/startListening", b"", said.ListeningBegan("default")),
        ("hermes/asr/stopListening", KITCHEN, said.ListeningEnded("kitchen", "s1")),
        (
            "hermes/nlu/query",
            b'{"siteId":"kitchen","sessionId":null,"input":"Hello"}',
            said.Asked("kitchen", "Hello"),
        ),
        ("repartee/kitchen/recording", b"OggS", said.Recorded("kitchen", b"OggS")),
        ("repartee/kitchen/recording/s1", b"OggS", said.Recorded("kitchen", b"OggS", "s1")),
        ("repartee/kitchen/interrupt", b"", said.Interrupted("kitchen")),
    ],
)
def test_what_devices_say(topic: str, payload: bytes, meaning: said.Incoming) -> None:
    assert parse(topic, payload, MOST) == meaning


@pytest.mark.parametrize(
    "topic",
    [
        "hermes/tts/sayFinished",
        "repartee/status",
        "repartee/kitchen/reply/done",
        "hermes",
        "",
        "a/b/c",
    ],
)
def test_what_is_for_others(topic: str) -> None:
    assert parse(topic, b"{}", MOST) is None


@pytest.mark.parametrize(
    ("topic", "payload", "sentence"),
    [
        ("hermes/nlu/query", b"[]", "Expected `object`"),
        ("hermes/nlu/query", b"{", "not valid JSON"),
        ("hermes/nlu/query", b'{"input":"' + bytes(70_000), "at most 65536 are taken"),
        ("hermes/nlu/query", b'{"input":"x","siteId":"a#b"}', "1 to 64 characters"),
        ("hermes/nlu/query", b'{"input":"x","sessionId":"a\\nb"}', "1 to 64 characters"),
        ("repartee/" + "k" * 65 + "/recording", b"RIFF", "1 to 64 characters"),
        ("repartee/kitchen/recording", bytes(MOST + 1), "at most 100000 are taken"),
    ],
)
def test_what_can_not_be_used(topic: str, payload: bytes, sentence: str) -> None:
    wrong = parse(topic, payload, MOST)
    assert isinstance(wrong, said.Misunderstood)
    assert sentence.lower() in wrong.sentence.lower()


def test_every_topic_that_is_asked_for_means_something() -> None:
    for topic in SUBSCRIPTIONS:
        assert parse(topic.replace("+", "x"), b'{"input":"x"}', MOST) is not None


@given(st.sampled_from(SUBSCRIPTIONS), st.text(max_size=80), st.binary(max_size=200))
def test_nothing_breaks_it(topic: str, name: str, payload: bytes) -> None:
    parse(topic.replace("+", name), payload, MOST)


@given(st.sampled_from(SUBSCRIPTIONS), st.binary(max_size=200))
def test_no_payload_breaks_it(topic: str, payload: bytes) -> None:
    parse(topic.replace("+", "kitchen"), payload, MOST)
