"""A language model inside this process, through llama.cpp.

One model in memory serves every call. Each call keeps a slot of its memory, so a turn costs only
what is new in it; `prime` has it read the user's words while they are still being spoken.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
from collections.abc import AsyncGenerator, Sequence
from functools import partial

from repartee.engines.blocking import Crew, Line
from repartee.engines.llm.llama_server import LlamaServer, PromptTooLong
from repartee.engines.llm.manner import Manner, Straight
from repartee.engines.llm.slots import Seat, Slot, Slots
from repartee.engines.llm.small_model import SYSTEM, Small
from repartee.engines.llm.weights import find_model, names_a_file
from repartee.engines.llm.window import halved
from repartee.engines.local.models import MODELS_DIR
from repartee.engines.protocols import Caller, Message, Sampling
from repartee.errors import EngineError, EngineFailed, RequestRefused
from repartee.machine import usable_cores

log = logging.getLogger(__name__)

MOST_PIECES_AHEAD = 256
_FIRST_WORDS = Message("user", "Hello")


class LlamaCpp:
    name = "llamacpp"

    def __init__(
        self,
        *,
        model: str = "",
        models_dir: str = MODELS_DIR,
        slots: int = 4,
        context_tokens: int = 2048,
        threads: int | None = None,
        max_tokens: int | None = None,
        system: str = SYSTEM,
    ) -> None:
        """`model` is a .gguf file, or its name in the folder of models; empty stands for the small
        one that comes as a package.

        `system` is how the system message of most calls begins: it is read before the first call.
        """
        if model and not names_a_file(model):
            log.warning("LLM_MODEL names no .gguf file, so the model that is built in answers.")
            model = ""
        self._model = model
        self._models_dir = models_dir
        self._context_tokens = context_tokens
        self._threads = threads or max(1, int(usable_cores()) - 1)
        self._system = system
        self._manner: Manner = Straight(context_tokens, max_tokens) if model else Small(max_tokens)
        self._slots = Slots(slots)
        self.at_once = slots
        self._crew: Crew | None = None
        self._server: LlamaServer | None = None

    def __repr__(self) -> str:
        return f"<LlamaCpp {'open' if self._server else 'closed'} {self._slots}>"

    @property
    def ready(self) -> bool:
        return self._server is not None

    async def open(self) -> None:
        # Every slot can write while another one is being tidied up.
        crew = Crew(self.name, self.at_once + 1)
        try:
            self._server = await crew.run(self._load)
        except EngineError:
            await crew.close()
            raise
        self._crew = crew
        atexit.register(self._server.close)

    async def prime(self, caller: Caller, messages: Sequence[Message]) -> None:
        """Read these messages ahead, if nothing waits."""
        seat = self._seat(caller)
        await self._read(seat, seat.window.over(_own(messages)))

    async def respond(
        self, caller: Caller, messages: Sequence[Message], sampling: Sampling
    ) -> AsyncGenerator[str, None]:
        server, crew = self._opened()
        seat = self._seat(caller)
        said = seat.window.over(_own(messages))
        slot = await self._slots.take(seat)
        seat.read = f"{_flat(said)}\n"
        pieces = crew.stream(
            partial(self._write, server, slot, said, sampling),
            room=MOST_PIECES_AHEAD,
            at_end=partial(self._is_done, slot),
        )
        async with contextlib.aclosing(pieces):
            async for piece in pieces:
                seat.read += piece
                yield piece

    def release(self, caller: Caller) -> None:
        seat = caller.notes.pop(self.name, None)
        if seat:
            self._slots.leave(seat)
            self._tidy_up()

    async def close(self) -> None:
        crew, self._crew = self._crew, None
        server, self._server = self._server, None
        if crew and server:
            await crew.close()
            atexit.unregister(server.close)
            server.close()

    def _opened(self) -> tuple[LlamaServer, Crew]:
        if not self._server or not self._crew:
            raise EngineFailed("The llamacpp engine is not open.")
        return self._server, self._crew

    def _seat(self, caller: Caller) -> Seat:
        seat = caller.notes.get(self.name)
        if not isinstance(seat, Seat):
            seat = caller.notes[self.name] = Seat(self._manner.window())
        return seat

    async def _read(self, seat: Seat, messages: list[Message]) -> None:
        server, crew = self._opened()
        text = _flat(messages)
        if not _has_new_words(seat.read, text):
            return
        slot = self._slots.take_idle(seat)
        if not slot:
            return
        seat.read = text
        reading = crew.stream(
            partial(self._read_ahead, server, slot, messages),
            room=1,
            at_end=partial(self._is_done, slot),
        )
        async with contextlib.aclosing(reading):
            async for _ in reading:
                pass

    def _is_done(self, slot: Slot) -> None:
        self._slots.give_back(slot)
        self._tidy_up()

    def _tidy_up(self) -> None:
        """Take what a caller who has gone has left out of the slots that are idle."""
        while self._server and self._crew and (slot := self._slots.take_untidy()):
            self._crew.start(
                partial(_tidy, self._server, slot), at_end=partial(self._slots.give_back, slot)
            )

    # ------------------------------------------------------------ in a thread

    def _load(self) -> LlamaServer:
        server = LlamaServer(
            find_model(self._model, self._models_dir),
            slots=self.at_once,
            context_tokens=self._context_tokens,
            threads=self._threads,
        )
        try:
            before, _ = self._manner.prompt([Message("system", self._system)])
            # Up to how somebody's first words begin: of what follows, each token takes its time.
            server.read(0, [*before, _FIRST_WORDS])
            server.keep_as_prefix(0)
            for slot in range(1, self.at_once):
                server.tidy(slot)
        except (EngineFailed, PromptTooLong) as failure:
            log.info("Calls will begin a little slower. %s", failure)
        return server

    def _read_ahead(
        self, server: LlamaServer, slot: Slot, messages: list[Message], _: Line[str]
    ) -> None:
        _tidy(server, slot)
        before, turns = self._manner.prompt(messages)
        with contextlib.suppress(EngineFailed, PromptTooLong):  # the reply will say what is wrong
            server.read(slot.index, before + turns)

    def _write(
        self,
        server: LlamaServer,
        slot: Slot,
        messages: list[Message],
        sampling: Sampling,
        line: Line[str],
    ) -> None:
        _tidy(server, slot)
        before, turns = self._manner.prompt(messages)
        options = self._manner.options(sampling)
        shape = self._manner.shape()

        def hand_out(piece: str) -> bool:
            text = shape.take(piece)
            if text:
                line.put(text)
            return not (line.left or shape.enough)

        complete: bool | None = None
        while complete is None:
            try:
                complete = server.write(slot.index, before + turns, options, hand_out)
            except PromptTooLong:
                if not (turns := halved(turns)):
                    raise RequestRefused("What was said is too long for the model.") from None
        if rest := shape.rest(complete=complete):
            line.put(rest)


def _tidy(server: LlamaServer, slot: Slot) -> None:
    """Take what a former holder has left out of the slot."""
    if not slot.tidy:
        slot.tidy = True
        try:
            server.tidy(slot.index)
        except EngineFailed as failure:
            # No harm: the model goes on only from what the next messages begin with.
            log.info("%s", failure)


def _own(messages: Sequence[Message]) -> list[Message]:
    return [Message(message.role, message.content) for message in messages]


def _flat(messages: Sequence[Message]) -> str:
    return "\n".join(message.content for message in messages)


def _has_new_words(read: str, text: str) -> bool:
    """Whether the text goes on beyond what of it was read."""
    words, known = text.split(), read.split()
    return known[: len(words)] != words
