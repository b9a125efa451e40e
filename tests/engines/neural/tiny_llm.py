"""A Qwen of a few thousand random weights, with letters for tokens and a chat template."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def qwen(folder: Path, *, template: str | None = TEMPLATE) -> None:
    import torch
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
    from transformers import Qwen2Config, Qwen2ForCausalLM

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={c: i for i, c in enumerate(letters)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = ("<|im_start|>", "<|im_end|>")
    tokenizer.add_special_tokens([AddedToken(name, special=True) for name in special])
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    described: dict[str, Any] = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "eos_token": "<|im_end|>",
    }
    if template:
        described["chat_template"] = template
    (folder / "tokenizer_config.json").write_text(json.dumps(described))
    torch.manual_seed(11)
    model = Qwen2ForCausalLM(
        Qwen2Config(
            vocab_size=tokenizer.get_vocab_size(),
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=4_096,
            eos_token_id=tokenizer.token_to_id("<|im_end|>"),
        )
    )
    # Random weights of the usual size say next to nothing for sure; larger ones make up their mind.
    for weight in model.parameters():
        weight.data.mul_(4)
    # It writes plain letters only, so that its answers can be read again as they were written.
    odd = [number for number, letter in enumerate(letters) if not " " < letter <= "~"]
    model.lm_head.weight.data[[*odd, tokenizer.token_to_id("<|im_start|>")]] = 0
    model.save_pretrained(folder)
