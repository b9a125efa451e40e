"""A language model behind a server that speaks as OpenAI's does.

There are many: OpenAI itself, Groq, Ollama, vLLM, LM Studio, llama.cpp's server. The base address
ends where `/chat/completions` begins, mostly with `/v1`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

from repartee.engines.llm.chat import Chat
from repartee.engines.protocols import Caller, Message, Sampling
from repartee.engines.remote.openai import BASE_URL, openai_address
from repartee.engines.remote.patience import USUAL, Patience
from repartee.engines.remote.service import Service

MODEL = "gpt-4.1-mini"


class OpenAIResponder:
    name = "openai"

    def __init__(
        self,
        *,
        base_url: str = BASE_URL,
        api_key: str = "",
        model: str = MODEL,
        reasoning_effort: str | None = None,
        patience: Patience = USUAL,
    ) -> None:
        """`reasoning_effort` is for models that think first, such as "minimal" or "low"."""
        self._service = Service(openai_address(base_url, api_key), patience)
        self._chat = Chat(self._service, model, {"reasoning_effort": reasoning_effort})

    def __repr__(self) -> str:
        return f"<OpenAIResponder {self._service!r}>"

    async def open(self) -> None:
        await self._service.open()

    async def reach(self) -> None:
        """Raises if nobody is there, or nobody lets us in; asks for nothing else."""
        await self._service.reach()

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
