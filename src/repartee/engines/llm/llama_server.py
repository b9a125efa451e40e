"""The model itself: the server of llama.cpp inside this process. Everything here blocks.

The library opens a listener of its own and can't be told not to. It gets a Unix socket in a
folder that only this user can enter, and a key that nobody knows. That door has one use: the
state of a slot can be saved and put back through it. So the beginning that all calls share is
read once and copied to every slot, and a slot whose caller has gone gets it back instead of
what was said.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import secrets
import shutil
import socket
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from repartee.engines.protocols import Message
from repartee.errors import EngineFailed, EngineMissing
from repartee.installing import command, extra

ALIAS = "repartee"
PREFIX_FILE = "prefix"
DOOR_TIMEOUT_S = 10.0

BATCH_TOKENS = 128
"""How much of a new prompt is read in one step, while the other slots wait for their next word."""


class PromptTooLong(Exception):
    """The messages do not fit into a slot."""


class LlamaServer:
    def __init__(self, model: Path, *, slots: int, context_tokens: int, threads: int) -> None:
        try:
            import xllamacpp
        except ImportError:
            raise EngineMissing(
                "The llamacpp engine needs the package xllamacpp.",
                hint=command(extra("embedded")),
            ) from None
        self._folder = Path(tempfile.mkdtemp(prefix="repartee-"))
        self._door = self._folder / "llm.sock"
        self._key = secrets.token_hex()
        params = xllamacpp.CommonParams()
        params.model.path = str(model)
        params.model_alias = {ALIAS}
        params.n_parallel = slots
        params.n_ctx = slots * context_tokens
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
        params.n_batch = params.n_ubatch = BATCH_TOKENS
        if not _has_accelerator(xllamacpp):
            # A processor writes a fifth more slowly with it, and reads hardly any faster.
            params.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
        params.cache_ram_mib = 0  # no copies of what was said outside the slots
        params.verbosity = -1
        params.ui = params.endpoint_slots = False
        params.api_keys = [self._key]
        params.hostnames = [str(self._door)]
        params.n_threads_http = 1
        params.slot_save_path = f"{self._folder}/"
        try:
            self._server: Any = xllamacpp.Server(params)
        except RuntimeError:
            self.close()
            raise EngineFailed(
                f"The language model file {model.name} can't be loaded.",
                hint="It may be damaged, too big for this machine, or too new for xllamacpp.",
            ) from None

    def write(
        self,
        slot: int,
        messages: Sequence[Message],
        options: Mapping[str, float],
        emit: Callable[[str], bool],
    ) -> bool:
        """Emit the answer piece by piece until it ends or `emit` returns False.

        True if the model came to an end by itself, False if it was stopped.
        """
        answer = _Answer(emit)
        request = {
            "messages": [{"role": m.role, "content": harmless(m.content)} for m in messages],
            "id_slot": slot,
            "stream": True,
            **options,
        }
        try:
            refusal = self._server.handle_chat_completions(request, answer.take)
        except (RuntimeError, ValueError) as fault:
            raise EngineFailed("The language model failed while it was answering.") from fault
        if isinstance(refusal, dict):
            answer.take(refusal)
        if answer.fault:
            raise answer.fault
        return answer.complete

    def read(self, slot: int, messages: Sequence[Message]) -> None:
        """Read these messages, so that an answer to something that begins so starts sooner."""
        self.write(slot, messages, {"max_tokens": 0}, lambda _: False)

    def keep_as_prefix(self, slot: int) -> None:
        """What this slot has read is what every slot may begin with."""
        self._ask(slot, "save")

    def tidy(self, slot: int) -> None:
        """Forget what this slot has read, back to the prefix if there is one."""
        kept = (self._folder / PREFIX_FILE).exists()
        self._ask(slot, "restore" if kept else "erase")

    def close(self) -> None:
        self._server = None
        shutil.rmtree(self._folder, ignore_errors=True)

    def _ask(self, slot: int, action: str) -> None:
        door = _Door(self._door)
        with contextlib.closing(door):
            try:
                door.request(
                    "POST",
                    f"/slots/{slot}?action={action}",
                    json.dumps({"filename": PREFIX_FILE}),
                    {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"},
                )
                status = door.getresponse().status
            except (OSError, http.client.HTTPException) as fault:
                raise EngineFailed("The language model's memory can't be reached.") from fault
        if status != http.HTTPStatus.OK:
            raise EngineFailed(f"The language model's memory refused to {action} a slot.")


class _Answer:
    """What the model sends while it writes. An exception must not get back into the library."""

    def __init__(self, emit: Callable[[str], bool]) -> None:
        self._emit = emit
        self.complete = False
        self.fault: Exception | None = None

    def take(self, chunk: dict[str, Any]) -> bool:
        """Handle one piece of the stream; True stops the model."""
        try:
            return not self._wants_more_after(chunk)
        except Exception as fault:
            self.fault = fault
            return True

    def _wants_more_after(self, chunk: dict[str, Any]) -> bool:
        if error := chunk.get("error"):
            if error.get("type") == "exceed_context_size_error":
                raise PromptTooLong
            raise EngineFailed("The language model could not answer.")
        for choice in chunk.get("choices") or ():
            if choice.get("finish_reason") == "stop":
                self.complete = True
            text = choice["delta"].get("content")
            if text and not self._emit(text):
                return False
        return True


class _Door(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=DOOR_TIMEOUT_S)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(DOOR_TIMEOUT_S)
        self.sock.connect(str(self._path))


def _has_accelerator(library: Any) -> bool:
    processor = library.ggml_backend_dev_type.GGML_BACKEND_DEVICE_TYPE_CPU
    return any(device["type"] != processor for device in library.get_device_info())


def harmless(text: str) -> str:
    """The text without what would look like the end of its message, or isn't text at all."""
    return text.replace("<|", "< |").encode("utf-8", "replace").decode()
