"""MMS, SpeechT5 and Glow-TTS of a few thousand random weights: noise, as long as speech."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

LETTERS = "abcdefghijklmnopqrstuvwxyz' "


def mms(folder: Path, *, is_uroman: bool = False) -> None:
    import torch
    from transformers import VitsConfig, VitsModel

    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = {letter: number for number, letter in enumerate(LETTERS)}
    (folder / "vocab.json").write_text(json.dumps(vocabulary))
    described = {
        "tokenizer_class": "VitsTokenizer",
        "pad_token": " ",
        "unk_token": " ",
        "add_blank": True,
        "normalize": True,
        "phonemize": False,
        "is_uroman": is_uroman,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(described))
    torch.manual_seed(3)
    model = VitsModel(
        VitsConfig(
            vocab_size=len(LETTERS),
            hidden_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            ffn_dim=16,
            flow_size=16,
            spectrogram_bins=9,
            prior_encoder_num_flows=2,
            prior_encoder_num_wavenet_layers=1,
            posterior_encoder_num_wavenet_layers=1,
            duration_predictor_num_flows=2,
            duration_predictor_flow_bins=4,
            depth_separable_num_layers=1,
            upsample_initial_channel=16,
            noise_scale_duration=0.0,
        )
    )
    model.save_pretrained(folder)


def speecht5(folder: Path, vocoder: Path, speaker: Path) -> None:
    import sentencepiece
    import torch
    from transformers import (
        SpeechT5Config,
        SpeechT5ForTextToSpeech,
        SpeechT5HifiGan,
        SpeechT5HifiGanConfig,
        SpeechT5Tokenizer,
    )

    folder.mkdir(parents=True, exist_ok=True)
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["the quick brown fox jumps over the lazy dog, again."] * 4),
        model_prefix=str(folder / "spm_char"),
        model_type="char",
        vocab_size=36,
        hard_vocab_limit=False,
        pad_id=1,
        bos_id=0,
        eos_id=2,
        unk_id=3,
        minloglevel=2,
    )
    tokenizer = SpeechT5Tokenizer(str(folder / "spm_char.model"))
    tokenizer.save_pretrained(folder)
    torch.manual_seed(3)
    model = SpeechT5ForTextToSpeech(
        SpeechT5Config(
            vocab_size=len(tokenizer),
            hidden_size=16,
            encoder_layers=1,
            decoder_layers=1,
            encoder_attention_heads=2,
            decoder_attention_heads=2,
            encoder_ffn_dim=16,
            decoder_ffn_dim=16,
            speech_decoder_prenet_units=16,
            speech_decoder_postnet_units=16,
            speech_decoder_postnet_layers=2,
            num_mel_bins=8,
            speaker_embedding_dim=512,
        )
    )
    # It would stop at a moment of its own; this one speaks as long as it may for its text.
    model.speech_decoder_postnet.prob_out.bias.data.fill_(-20.0)
    model.save_pretrained(folder)
    SpeechT5HifiGan(
        SpeechT5HifiGanConfig(model_in_dim=8, upsample_initial_channel=16)
    ).save_pretrained(vocoder)
    np.save(speaker, np.random.default_rng(2).normal(size=512).astype(np.float32))


def glow_tts(folder: Path) -> None:
    import torch
    from TTS.config.shared_configs import BaseAudioConfig
    from TTS.tts.configs.glow_tts_config import GlowTTSConfig
    from TTS.tts.models.glow_tts import GlowTTS

    folder.mkdir(parents=True, exist_ok=True)
    config = GlowTTSConfig(
        use_phonemes=False,
        text_cleaner="basic_cleaners",
        audio=BaseAudioConfig(griffin_lim_iters=10),
        hidden_channels_enc=8,
        hidden_channels_dec=8,
        hidden_channels_dp=8,
        num_flow_blocks_dec=2,
        num_block_layers=1,
        encoder_type="gated_conv",
        encoder_params={"kernel_size": 5, "dropout_p": 0.1, "num_layers": 1},
    )
    torch.manual_seed(3)
    model = GlowTTS.init_from_config(config)
    # Three frames for each letter; otherwise its letters last for seconds.
    model.encoder.duration_predictor.proj.weight.data.zero_()
    model.encoder.duration_predictor.proj.bias.data.fill_(1.0)
    model.config.save_json(str(folder / "config.json"))
    torch.save({"model": model.state_dict()}, folder / "model_file.pth")
