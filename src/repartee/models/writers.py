"""Known language models: as they are published, and as GGUF files for llama.cpp."""

from __future__ import annotations

from repartee.models.model import Model, on_hub

_RESEARCH = "Qwen Research: not for commercial use"


def _gguf(repository: str, file: str, megabytes: int, licence: str = "Apache-2.0") -> Model:
    title = file.removesuffix(".gguf")
    return on_hub(f"llamacpp/{title}", repository, file, licence=licence, megabytes=megabytes)


LLAMACPP = (
    _gguf("Qwen/Qwen2.5-0.5B-Instruct-GGUF", "qwen2.5-0.5b-instruct-q4_k_m.gguf", 491),
    _gguf("Qwen/Qwen2.5-1.5B-Instruct-GGUF", "qwen2.5-1.5b-instruct-q4_k_m.gguf", 1_117),
    _gguf("Qwen/Qwen2.5-3B-Instruct-GGUF", "qwen2.5-3b-instruct-q4_k_m.gguf", 2_105, _RESEARCH),
    _gguf("bartowski/Qwen2.5-7B-Instruct-GGUF", "Qwen2.5-7B-Instruct-Q4_K_M.gguf", 4_683),
    _gguf("HuggingFaceTB/SmolLM2-1.7B-Instruct-GGUF", "smollm2-1.7b-instruct-q4_k_m.gguf", 1_056),
)


def _published(
    repository: str, megabytes: int, *, shards: int = 1, licence: str = "Apache-2.0"
) -> Model:
    weights = (
        "model.safetensors"
        if shards == 1
        else " ".join(
            [
                "model.safetensors.index.json",
                *(f"model-{n:05}-of-{shards:05}.safetensors" for n in range(1, shards + 1)),
            ]
        )
    )
    return on_hub(
        f"transformers/{repository.partition('/')[2]}",
        repository,
        f"{weights} config.json tokenizer.json tokenizer_config.json",
        optional="generation_config.json merges.txt vocab.json special_tokens_map.json",
        licence=licence,
        megabytes=megabytes,
    )


TRANSFORMERS = (
    _published("Qwen/Qwen2.5-0.5B-Instruct", 999),
    _published("Qwen/Qwen2.5-1.5B-Instruct", 3_099),
    _published("Qwen/Qwen2.5-3B-Instruct", 6_183, shards=2, licence=_RESEARCH),
    _published("Qwen/Qwen2.5-7B-Instruct", 15_242, shards=4),
    _published("HuggingFaceTB/SmolLM2-135M-Instruct", 273),
)
