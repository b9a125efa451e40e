"""Known models of speech recognisers, and of what judges whether somebody has finished."""

from __future__ import annotations

from repartee.models.model import File, Model, on_hub

_ENGLISH = ("en",)


def _faster_whisper(title: str, repository: str, megabytes: int, vocabulary: str) -> Model:
    return on_hub(
        f"faster-whisper/{title}",
        repository,
        f"model.bin config.json tokenizer.json {vocabulary}",
        optional="preprocessor_config.json",
        licence="MIT",
        megabytes=megabytes,
        languages=_ENGLISH if title.endswith(".en") else (),
    )


FASTER_WHISPER = (
    _faster_whisper("base", "Systran/faster-whisper-base", 148, "vocabulary.txt"),
    _faster_whisper("base.en", "Systran/faster-whisper-base.en", 148, "vocabulary.txt"),
    _faster_whisper("tiny", "Systran/faster-whisper-tiny", 78, "vocabulary.txt"),
    _faster_whisper("tiny.en", "Systran/faster-whisper-tiny.en", 78, "vocabulary.txt"),
    _faster_whisper("small", "Systran/faster-whisper-small", 486, "vocabulary.txt"),
    _faster_whisper("small.en", "Systran/faster-whisper-small.en", 486, "vocabulary.txt"),
    _faster_whisper("medium", "Systran/faster-whisper-medium", 1_530, "vocabulary.txt"),
    _faster_whisper("large-v3", "Systran/faster-whisper-large-v3", 3_090, "vocabulary.json"),
    _faster_whisper(
        "large-v3-turbo",
        "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
        1_620,
        "vocabulary.json",
    ),
)


def _moonshine(title: str, version: str, megabytes: int) -> Model:
    place = f"https://download.moonshine.ai/model/{title}/{version}"
    parts = (
        "adapter.ort cross_kv.ort decoder_kv.ort encoder.ort frontend.model.ort "
        "frontend.weights.ort streaming_config.json tokenizer.bin"
    )
    return Model(
        f"moonshine/{title}",
        "MIT" if title.endswith("-en") else "MIT; its package says: not for commercial use",
        "https://github.com/moonshine-ai/moonshine",
        tuple(File(f"{place}/{part}", part) for part in parts.split()),
        megabytes,
        languages=(title[-2:],),
    )


MOONSHINE = (
    _moonshine("small-streaming-en", "quantized_26_08_21", 142),
    _moonshine("medium-streaming-en", "quantized_26_08_21", 269),
    _moonshine("tiny-streaming-en", "quantized_26_08_21", 45),
    _moonshine("small-streaming-de", "quantized_26_08_24", 122),
    _moonshine("small-streaming-es", "quantized_26_08_24", 122),
    _moonshine("small-streaming-ja", "quantized_26_08_23", 122),
    _moonshine("tiny-streaming-ar", "quantized_26_08_24", 32),
    _moonshine("tiny-streaming-de", "quantized_26_08_24", 32),
    _moonshine("tiny-streaming-es", "quantized_26_08_24", 32),
    _moonshine("tiny-streaming-ja", "quantized_26_08_23", 32),
    _moonshine("tiny-streaming-tl", "quantized_26_08_24", 32),
    _moonshine("tiny-streaming-vi", "quantized_26_08_24", 32),
    _moonshine("tiny-streaming-zh", "quantized_26_08_24", 32),
)

SHERPA_ONNX = (
    on_hub(
        "sherpa-onnx/sherpa-onnx-streaming-zipformer-en-2023-06-26",
        "csukuangfj/sherpa-onnx-streaming-zipformer-en-2023-06-26",
        "encoder-epoch-99-avg-1-chunk-16-left-128.int8.onnx "
        "decoder-epoch-99-avg-1-chunk-16-left-128.onnx "
        "joiner-epoch-99-avg-1-chunk-16-left-128.int8.onnx tokens.txt",
        licence="Apache-2.0",
        megabytes=74,
        languages=_ENGLISH,
    ),
)


def _whisper(title: str, sha256: str, megabytes: int) -> Model:
    # The address of a checkpoint contains its checksum.
    url = f"https://openaipublic.azureedge.net/main/whisper/models/{sha256}/{title}.pt"
    return Model(
        f"whisper/{title}",
        "MIT",
        "https://github.com/openai/whisper",
        (File(url, f"{title}.pt", sha256),),
        megabytes,
        languages=_ENGLISH if title.endswith(".en") else (),
    )


WHISPER = (
    _whisper("base", "ed3a0b6b1c0edf879ad9b11b1af5a0e6ab5db9205f891f668f8b0e6c6326e34e", 145),
    _whisper("base.en", "25a8566e1d0c1e2231d1c762132cd20e0f96a85d16145c3a00adf5d1ac670ead", 145),
    _whisper("tiny", "65147644a518d12f04e32d6f3b26facc3f8dd46e5390956a9424a650c0ce22b9", 76),
    _whisper("tiny.en", "d3dd57d32accea0b295c96e26691aa14d8822fac7d9d27d5dc00b4ca2826dd03", 76),
    _whisper("small", "9ecf779972d90ba49c06d968637d720dd632c55bbf19d441fb42bf17a411e794", 484),
    _whisper("small.en", "f953ad0fd29cacd07d5a9eda5624af0f6bcf2258be67c92b79389873d91e0872", 484),
    _whisper("medium", "345ae4da62f9b3d59415adc60127b97c714f32e89e936602e85993674d08dcb1", 1_528),
    _whisper("large-v3", "e5b1a55b89c1367dacf97e3e19bfd829a01529dbfdeefa8caeb59b3f1b81dadb", 3_087),
    _whisper(
        "large-v3-turbo",
        "aff26ae408abcba5fbf8813c21e62b0941638c5f6eebfb145be0c9839262a19a",
        1_617,
    ),
)


def _mlx_whisper(title: str, weights: str, megabytes: int) -> Model:
    return on_hub(
        f"mlx-whisper/{title}",
        f"mlx-community/{title}",
        f"config.json {weights}",
        licence="MIT",
        megabytes=megabytes,
    )


MLX_WHISPER = (
    _mlx_whisper("whisper-base-mlx", "weights.npz", 144),
    _mlx_whisper("whisper-small-mlx", "weights.npz", 481),
    _mlx_whisper("whisper-large-v3-turbo", "weights.safetensors", 1_614),
)


SMART_TURN = (
    on_hub(
        "smart-turn/smart-turn-v3.2-cpu",
        "pipecat-ai/smart-turn-v3",
        "smart-turn-v3.2-cpu.onnx",
        licence="BSD-2-Clause",
        megabytes=9,
    ),
)
