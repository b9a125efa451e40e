"""FFmpeg's decoders, and nothing else of it.

No recording ever reaches its demuxers: there are many, some of them open other files or addresses
that a container names, and a few bytes can make them set aside gigabytes. Importing it takes a
third of a second, so that is left until something has to be decoded.
"""

from __future__ import annotations

from av import AudioCodecContext, CodecContext


def audio_decoder(name: str, private: bytes = b"") -> AudioCodecContext:
    """A decoder by its name; `private` is what it has to know before the first packet."""
    context = CodecContext.create(name, "r")
    assert isinstance(context, AudioCodecContext), name
    context.thread_count = 1
    if private:
        context.extradata = private
    return context
