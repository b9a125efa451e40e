"""A Whisper of a few thousand weights that always says the same, whatever it hears.

It is a whole Whisper: encoder, decoder, cross attention. Its weights are random but for two
tables: the embedding of each place is that of the token to be said there, so much louder than all
else that the decoder recites. Written down in each of the forms that libraries load.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from repartee.engines.stt.whisper_answer import LANGUAGES

WIDTH, HEADS, MELS = 64, 2, 80
PLACES, SOUND_PLACES = 448, 1500
SPECIAL = (
    "<|endoftext|>",
    "<|startoftranscript|>",
    *(f"<|{code}|>" for code in LANGUAGES[:-1]),
    "<|translate|>",
    "<|transcribe|>",
    "<|startoflm|>",
    "<|startofprev|>",
    "<|nospeech|>",
    "<|notimestamps|>",
    *(f"<|{number * 0.02:.2f}|>" for number in range(1501)),
)
PROMPT_TOKENS = 4
"""The beginning of a transcript, its language, its task, and that no times are wanted."""
LOUD, SURE = 50.0, 0.3


def recited(tokens: list[int], words: Any) -> Any:
    """The embeddings of the decoder's places, such that it says these tokens."""
    places = np.zeros((PLACES, WIDTH), np.float32)
    for number, token in enumerate(tokens):
        places[PROMPT_TOKENS - 1 + number] = LOUD * words[token]
    return places


def weights(vocabulary: int, tokens: list[int]) -> dict[str, Any]:
    """All tensors, named as openai-whisper names them."""
    random = np.random.default_rng(5)

    def some(*shape: int) -> Any:
        return random.normal(0, 0.02, shape).astype(np.float32)

    def norm(name: str) -> dict[str, Any]:
        ones, zeros = np.ones(WIDTH, np.float32), np.zeros(WIDTH, np.float32)
        return {f"{name}.weight": ones, f"{name}.bias": zeros}

    def linear(name: str, wide: int, narrow: int, *, bias: bool = True) -> dict[str, Any]:
        made = {f"{name}.weight": some(wide, narrow)}
        return {**made, f"{name}.bias": some(wide)} if bias else made

    def attention(name: str) -> dict[str, Any]:
        made = norm(f"{name}_ln")
        for part in ("query", "key", "value", "out"):
            made |= linear(f"{name}.{part}", WIDTH, WIDTH, bias=part != "key")
        return made

    def block(name: str) -> dict[str, Any]:
        made = attention(f"{name}.attn") | norm(f"{name}.mlp_ln")
        return (
            made
            | linear(f"{name}.mlp.0", 4 * WIDTH, WIDTH)
            | linear(f"{name}.mlp.2", WIDTH, 4 * WIDTH)
        )

    words = random.normal(0, 1, (vocabulary, WIDTH)).astype(np.float32)
    return {
        "encoder.positional_embedding": some(SOUND_PLACES, WIDTH),
        "encoder.conv1.weight": some(WIDTH, MELS, 3),
        "encoder.conv1.bias": some(WIDTH),
        "encoder.conv2.weight": some(WIDTH, WIDTH, 3),
        "encoder.conv2.bias": some(WIDTH),
        **block("encoder.blocks.0"),
        **norm("encoder.ln_post"),
        "decoder.token_embedding.weight": words * SURE,
        "decoder.positional_embedding": recited(tokens, words),
        **block("decoder.blocks.0"),
        **attention("decoder.blocks.0.cross_attn"),
        **norm("decoder.ln"),
    }


def dimensions(vocabulary: int) -> dict[str, int]:
    return {
        "n_mels": MELS,
        "n_audio_ctx": SOUND_PLACES,
        "n_audio_state": WIDTH,
        "n_audio_head": HEADS,
        "n_audio_layer": 1,
        "n_vocab": vocabulary,
        "n_text_ctx": PLACES,
        "n_text_state": WIDTH,
        "n_text_head": HEADS,
        "n_text_layer": 1,
    }


def for_openai(file: Path, text: str) -> None:
    """A checkpoint of openai-whisper, whose vocabulary is inside the package."""
    import torch
    from whisper.tokenizer import get_tokenizer

    tokenizer = get_tokenizer(multilingual=True)
    vocabulary = tokenizer.encoding.n_vocab
    tensors = weights(vocabulary, [*tokenizer.encode(f" {text}"), tokenizer.eot])
    state = {name: torch.from_numpy(value) for name, value in tensors.items()}
    torch.save({"dims": dimensions(vocabulary), "model_state_dict": state}, file)


def for_mlx(folder: Path, text: str) -> None:
    """A folder as the MLX community publishes them: convolutions have their channels last."""
    from mlx_whisper.tokenizer import get_tokenizer
    from safetensors.numpy import save_file

    tokenizer = get_tokenizer(multilingual=True)
    vocabulary = tokenizer.encoding.n_vocab
    tensors = weights(vocabulary, [*tokenizer.encode(f" {text}"), tokenizer.eot])
    del tensors["encoder.positional_embedding"]  # it is worked out, not loaded
    renamed = {}
    for name, value in tensors.items():
        is_conv = name.startswith("encoder.conv") and name.endswith("weight")
        turned = value.transpose(0, 2, 1) if is_conv else value
        kept = np.ascontiguousarray(turned, np.float16)
        renamed[name.replace("mlp.0", "mlp1").replace("mlp.2", "mlp2")] = kept
    folder.mkdir(parents=True, exist_ok=True)
    save_file(renamed, folder / "weights.safetensors")
    described = {**dimensions(vocabulary), "model_type": "whisper"}
    (folder / "config.json").write_text(json.dumps(described))


def for_ctranslate2(folder: Path, text: str) -> None:
    """A folder that faster-whisper loads, converted by CTranslate2 from a Transformers model."""
    from ctranslate2.converters import TransformersConverter
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
    from transformers import GenerationConfig, WhisperConfig, WhisperForConditionalGeneration

    spoken = [f"Ġ{word}" for word in text.split()]
    letters = [*sorted(pre_tokenizers.ByteLevel.alphabet()), *spoken]
    tokenizer = Tokenizer(models.BPE(vocab={c: i for i, c in enumerate(letters)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(name, special=True) for name in SPECIAL])
    end = tokenizer.token_to_id("<|endoftext|>")
    tokens = [*map(tokenizer.token_to_id, spoken), end]
    vocabulary = tokenizer.get_vocab_size()

    model = WhisperForConditionalGeneration(
        WhisperConfig(
            vocab_size=vocabulary,
            d_model=WIDTH,
            encoder_layers=1,
            decoder_layers=1,
            encoder_attention_heads=HEADS,
            decoder_attention_heads=HEADS,
            encoder_ffn_dim=4 * WIDTH,
            decoder_ffn_dim=4 * WIDTH,
            num_mel_bins=MELS,
            eos_token_id=end,
            bos_token_id=end,
            pad_token_id=end,
            decoder_start_token_id=tokenizer.token_to_id("<|startoftranscript|>"),
            suppress_tokens=[],
            begin_suppress_tokens=[],
        )
    )
    words = model.model.decoder.embed_tokens.weight.data
    words.normal_(0, 1)
    places = recited(tokens, words.numpy())
    model.model.decoder.embed_positions.weight.data.copy_(words.new_tensor(places))
    model.generation_config = GenerationConfig(
        eos_token_id=end,
        lang_to_id={f"<|{code}|>": tokenizer.token_to_id(f"<|{code}|>") for code in LANGUAGES[:-1]},
        no_timestamps_token_id=tokenizer.token_to_id("<|notimestamps|>"),
    )
    origin = folder.with_name(f"{folder.name}-origin")
    model.save_pretrained(origin)
    tokenizer.save(str(origin / "tokenizer.json"))
    described = {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|endoftext|>"}
    (origin / "tokenizer_config.json").write_text(json.dumps(described))
    TransformersConverter(str(origin), copy_files=["tokenizer.json"]).convert(str(folder))
