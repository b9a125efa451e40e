"""Google Translate's voice, as far as it speaks: text in, MP3 out."""

from __future__ import annotations

import base64
import io
import json
from functools import lru_cache
from urllib.parse import parse_qs

import av
import numpy as np

from repartee.audio.pcm import Samples
from repartee.testing.standins.sound import RATE_HZ, hum
from repartee.testing.standins.wire import Heard, Reply

LONGEST_TEXT = 100


class GoogleTranslateWire:
    def answer(self, heard: Heard) -> Reply:
        if not heard.path.endswith("/batchexecute"):
            return self.complaint(404, heard)
        [[[name, spoken, *_]]] = json.loads(parse_qs(heard.body.decode())["f.req"][0])
        text, language, *_ = json.loads(spoken)
        if name != "jQ1olc" or not language or len(text) > LONGEST_TEXT:
            return self.complaint(400, heard)
        told = json.dumps(
            [["wrb.fr", name, json.dumps([_spoken(text)]), None, None, None, "generic"]]
        )
        body = f")]}}'\n\n{len(told)}\n{told}\n25\n" + '[["e",4,null,null,99]]\n'
        return Reply("application/json; charset=utf-8", [body.encode()])

    def complaint(self, status: int, heard: Heard) -> Reply:
        return Reply("text/html; charset=utf-8", [b"<!doctype html><title>Sorry</title>"], status)


@lru_cache(maxsize=16)
def _spoken(text: str) -> str:
    return base64.b64encode(mp3(hum(text))).decode()


def mp3(samples: Samples) -> bytes:
    """A complete MP3 file."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp3") as container:
        stream = container.add_stream("libmp3lame", rate=RATE_HZ, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples[None, :]), "s16p", "mono")
        frame.sample_rate = RATE_HZ
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()
