"""A language model through Hugging Face's router, which passes requests on to many providers.

The provider may stand behind the name of the model: `HuggingFaceH4/zephyr-7b-beta:featherless-ai`.
The wire is that of OpenAI.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

from repartee.engines.llm.chat import Chat
from repartee.engines.protocols import Caller, Message, Sampling
from repartee.engines.remote.huggingface import CHAT_URL, chat_address
from repartee.engines.remote.patience import USUAL, Patience
from repartee.engines.remote.service import Service

MODEL = "HuggingFaceH4/zephyr-7b-beta:featherless-ai"


class HuggingFaceResponder:
    name = "huggingface"

    def __init__(
        self,
        *,
        api_key: str = "",
        model: str = MODEL,
        provider: str = "",
        base_url: str = CHAT_URL,
        patience: Patience = USUAL,
    ) -> None:
        """`provider` is for a model whose name has none in it; empty leaves the choice to them."""
        self._service = Service(chat_address(base_url, api_key), patience)
        self._chat = Chat(self._service, _routed(model, provider), {})

    def __repr__(self) -> str:
        return f"<HuggingFaceResponder {self._service!r}>"

    async def open(self) -> None:
        await self._service.open()

    async def prime(self, caller: Caller, messages: Sequence[Message]) -> None:
        """Nothing can be read ahead over this wire, but the connection can be there."""
        await self._service.connected()

    def respond(
        self, caller: Caller, messages: Sequence[Message], sampling: Sampling
    ) -> AsyncGenerator[str]:
        return self._chat.reply(messages, sampling)

    def release(self, caller: Caller) -> None:
        """Nothing is kept for anybody."""

    async def close(self) -> None:
        await self._service.close()


def _routed(model: str, provider: str) -> str:
    return f"{model}:{provider}" if provider and ":" not in model else model
