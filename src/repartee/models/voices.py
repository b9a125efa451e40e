"""Known models of synthesisers.

Piper and MMS have a voice for hundreds of languages each, all laid out in the same way: those that
are not listed here are known by their names.
"""

from __future__ import annotations

import re

from repartee.models.model import HUB, File, Model, on_hub

_KOKORO = "https://github.com/thewh1teagle/kokoro-onnx/releases/download/model-files-v1.1"
_KOKORO_LANGUAGES = ("en", "es", "fr", "hi", "it", "ja", "pt", "zh")


def _kokoro(title: str, network: str, megabytes: int) -> Model:
    return Model(
        f"kokoro/{title}",
        "Apache-2.0",
        "https://github.com/thewh1teagle/kokoro-onnx",
        (
            File(f"{_KOKORO}/{network}", network),
            File(f"{_KOKORO}/voices-v1.0.bin", "voices-v1.0.bin"),
        ),
        megabytes,
        languages=_KOKORO_LANGUAGES,
    )


KOKORO = (
    _kokoro("kokoro", "kokoro-v1.0.onnx", 354),
    _kokoro("kokoro-fp16", "kokoro-v1.0.fp16.onnx", 192),
    _kokoro("kokoro-int8", "kokoro-v1.0.int8.onnx", 142),
)

_PIPER = re.compile(r"([a-z]{2,3})_([A-Z]{2})-([a-z0-9_]+)-(x_low|low|medium|high)")
_PIPER_MEGABYTES = {"x_low": 21, "low": 63, "medium": 63, "high": 114}


def piper(title: str) -> Model | None:
    """A voice of Piper by its name, such as `de_DE-thorsten-medium`."""
    if (part := _PIPER.fullmatch(title)) is None:
        return None
    language, country, speaker, quality = part.groups()
    return on_hub(
        f"piper/{title}",
        "rhasspy/piper-voices",
        f"{title}.onnx {title}.onnx.json",
        optional="MODEL_CARD",
        licence="each voice has its own: see its MODEL_CARD",
        megabytes=_PIPER_MEGABYTES[quality],
        languages=(language,),
        folder=f"{language}/{language}_{country}/{speaker}/{quality}/",
    )


_MMS = re.compile(r"mms-tts-([a-z]{3})(-script_[a-z]+)?")
_SHORT_CODES = {
    "eng": "en", "deu": "de", "fra": "fr", "spa": "es", "por": "pt", "nld": "nl", "pol": "pl",
    "tur": "tr", "swe": "sv", "fin": "fi", "hun": "hu", "ron": "ro", "vie": "vi", "ind": "id",
    "rus": "ru", "ukr": "uk", "hin": "hi", "ara": "ar",
}  # fmt: skip


def mms(title: str) -> Model | None:
    """The voice of MMS for a language by its three letters, such as `mms-tts-deu`."""
    if (part := _MMS.fullmatch(title)) is None:
        return None
    return on_hub(
        f"mms/{title}",
        f"facebook/{title}",
        "model.safetensors config.json vocab.json tokenizer_config.json",
        optional="special_tokens_map.json added_tokens.json",
        licence="CC BY-NC 4.0: not for commercial use",
        megabytes=145,
        languages=(_SHORT_CODES.get(part[1], part[1]),),
    )


PIPER = tuple(
    voice
    for title in (
        "en_US-lessac-medium",
        "en_GB-alan-medium",
        "de_DE-thorsten-medium",
        "es_ES-davefx-medium",
        "fr_FR-siwis-medium",
        "it_IT-paola-medium",
        "nl_NL-mls-medium",
        "pt_BR-faber-medium",
    )
    if (voice := piper(title))
)
MMS = tuple(voice for code in ("eng", "deu", "fra", "spa") if (voice := mms(f"mms-tts-{code}")))

_SPEAKERS = "datasets/Matthijs/cmu-arctic-xvectors"

SPEECHT5 = (
    on_hub(
        "speecht5/speecht5_tts",
        "microsoft/speecht5_tts",
        "pytorch_model.bin config.json spm_char.model tokenizer_config.json",
        optional="special_tokens_map.json added_tokens.json preprocessor_config.json",
        licence="MIT",
        megabytes=586,
        languages=("en",),
        beside=("speecht5/speecht5_hifigan", "speecht5/speaker"),
    ),
    on_hub(
        "speecht5/speecht5_hifigan",
        "microsoft/speecht5_hifigan",
        "pytorch_model.bin config.json",
        licence="MIT",
        megabytes=51,
    ),
    Model(
        "speecht5/speaker",
        "MIT",
        f"{HUB}/{_SPEAKERS}",
        (
            File(
                f"{HUB}/{_SPEAKERS}/resolve/main/spkrec-xvect.zip",
                "spkrec-xvect.zip",
                unpack=(("*cmu_us_slt_arctic-wav-arctic_a0508.npy", "speaker.npy"),),
            ),
        ),
        18,
    ),
)

_COQUI = "https://github.com/coqui-ai/TTS/releases/download/v0.6.1_models"


def _coqui(title: str, *, beside: tuple[str, ...] = ()) -> Model:
    return Model(
        f"coqui/{title}",
        "MPL",
        "https://github.com/idiap/coqui-ai-TTS",
        (
            File(
                f"{_COQUI}/{title}.zip",
                f"{title}.zip",
                unpack=(("*config.json", "config.json"), ("*model_file.pth", "model_file.pth")),
                unpack_if_there=(("*scale_stats.npy", "scale_stats.npy"),),
            ),
        ),
        languages=("en",),
        beside=beside,
    )


COQUI = (
    _coqui(
        "tts_models--en--ljspeech--glow-tts",
        beside=("coqui/vocoder_models--en--ljspeech--multiband-melgan",),
    ),
    _coqui("vocoder_models--en--ljspeech--multiband-melgan"),
)
