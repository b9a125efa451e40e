"""Hugging Face, as all engines know it that ask it: chats have an address of their own."""

from __future__ import annotations

from repartee.engines.remote.address import Address

CHAT_URL = "https://router.huggingface.co/v1"
INFERENCE_URL = "https://router.huggingface.co/hf-inference"


def chat_address(base_url: str, api_key: str) -> Address:
    return _address(base_url, "HF_BASE_URL", api_key)


def inference_address(base_url: str, api_key: str) -> Address:
    return _address(base_url, "HF_INFERENCE_URL", api_key)


def _address(base_url: str, url_setting: str, api_key: str) -> Address:
    return Address(
        base_url, url_setting=url_setting, key=api_key, key_setting="HF_TOKEN", key_needed=True
    )
