"""OpenAI, and servers that speak as it does, as all engines know them that ask one."""

from __future__ import annotations

from repartee.engines.remote.address import Address

BASE_URL = "https://api.openai.com/v1"


def openai_address(base_url: str, api_key: str) -> Address:
    """OpenAI itself lets nobody in without a key; of other servers that is not known."""
    return Address(
        base_url,
        url_setting="OPENAI_BASE_URL",
        key=api_key,
        key_setting="OPENAI_API_KEY",
        key_needed=base_url == BASE_URL,
    )
