"""A language model inside this process, through Hugging Face's Transformers.

For those who have a GPU, or a model that exists in no other form; on a CPU the llamacpp engine is
several times as quick. One model in memory serves every call. What it has read for a call is kept
for the next turn, and `prime` has it read ahead. Who leaves stops it at the next layer while it
reads, and at the next token while it writes.
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from functools import partial
from typing import Any

from repartee.engines.blocking import Crew, Line
from repartee.engines.llm.manner import Manner, Straight
from repartee.engines.llm.small_model import Small
from repartee.engines.llm.thoughts import ThoughtFilter
from repartee.engines.llm.token_model import Reading, TokenModel
from repartee.engines.llm.turns import alternating, system_text
from repartee.engines.llm.window import Window, halved
from repartee.engines.local.library import library, loaded
from repartee.engines.local.models import MODELS_DIR, Shelf
from repartee.engines.protocols import Caller, Message, Sampling
from repartee.errors import EngineError, EngineFailed, EngineMissing, Refused, RequestRefused

MODEL = "Qwen/Qwen2.5-0.5B-Instruct"
MOST_PIECES_AHEAD = 256
MOST_WAITING = 16
MOST_READINGS = 16
"""What was read for a call takes up to a hundred megabytes; older ones are forgotten."""
_SMALL = "smollm2-135m"
_TOO_LONG = "What was said is too long for the model."


class Seat:
    """One caller's place before the model, and what the model has read of this caller."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.reading: Reading | None = None
        self.in_use = threading.Lock()
        """Held by the thread that reads or writes."""
        self.replies = 0
        """Wanted or being written: nothing is read ahead meanwhile."""

    def take(self, model: TokenModel) -> Reading:
        """What was read; to be called by the thread that holds the lock."""
        self.reading = self.reading or model.begin()
        return self.reading


class Transformers:
    name = "transformers"

    def __init__(
        self,
        *,
        model: str = MODEL,
        models_dir: str = MODELS_DIR,
        device: str = "auto",
        at_once: int = 2,
        context_tokens: int = 2048,
        max_tokens: int | None = None,
        threads: int | None = None,
    ) -> None:
        """`at_once` replies are written at the same time, each at the cost of the others."""
        self._shelf = Shelf(self.name, "LLM_MODEL", models_dir)
        self._model = model
        self._device = device
        self._at_once = at_once
        self._context_tokens = context_tokens
        self._threads = threads
        is_small = _SMALL in model.lower()
        self._manner: Manner = (
            Small(max_tokens) if is_small else Straight(context_tokens, max_tokens)
        )
        self._working = 0
        self._seats: deque[Seat] = deque()
        self._crew: Crew | None = None
        self._opened: TokenModel | None = None

    def __repr__(self) -> str:
        where = f"on {self._opened.device}" if self._opened else "closed"
        return f"<Transformers {where}: {self._working} at work>"

    async def open(self) -> None:
        if self._crew is not None:
            return
        self._crew = Crew(self.name, self._at_once)
        try:
            self._opened = await self._crew.run(partial(loaded, self.name, self._load))
        except BaseException:
            await self.close()
            raise

    async def prime(self, caller: Caller, messages: Sequence[Message]) -> None:
        """Read these messages ahead, if a thread is idle."""
        seat = self._seat(caller)
        if self._working >= self._at_once or seat.in_use.locked():
            return
        said = seat.window.over(messages)
        reading = self._stream(partial(self._read, seat, said))
        with contextlib.suppress(EngineFailed):  # the reply will say what is wrong
            async with contextlib.aclosing(reading):
                async for _ in reading:
                    pass

    async def respond(
        self, caller: Caller, messages: Sequence[Message], sampling: Sampling
    ) -> AsyncGenerator[str]:
        if self._working >= self._at_once + MOST_WAITING:
            raise Refused("The language model is busy; try again in a moment.")
        seat = self._seat(caller)
        work = partial(self._write, seat, seat.window.over(messages), sampling)
        seat.replies += 1
        try:
            async with contextlib.aclosing(self._stream(work)) as pieces:
                async for piece in pieces:
                    yield piece
        finally:
            seat.replies -= 1

    def release(self, caller: Caller) -> None:
        seat = caller.notes.pop(self.name, None)
        if seat in self._seats:
            self._seats.remove(seat)

    async def close(self) -> None:
        crew, self._crew, self._opened = self._crew, None, None
        self._seats.clear()
        if crew is not None:
            await crew.close()

    def _seat(self, caller: Caller) -> Seat:
        seat = caller.notes.get(self.name)
        if not isinstance(seat, Seat):
            seat = caller.notes[self.name] = Seat(self._manner.window())
        if seat in self._seats:
            self._seats.remove(seat)
        self._seats.append(seat)
        if len(self._seats) > MOST_READINGS:
            self._seats.popleft().reading = None
        return seat

    def _stream(self, work: Any) -> AsyncGenerator[str]:
        if self._crew is None or self._opened is None:
            raise EngineFailed("The transformers engine is not open.")
        self._working += 1
        return self._crew.stream(
            partial(work, self._opened), room=MOST_PIECES_AHEAD, at_end=self._is_done
        )

    def _is_done(self) -> None:
        self._working -= 1

    # ------------------------------------------------------------ in a thread

    def _load(self) -> TokenModel:
        folder = self._shelf.folder(self._model, ("config.json", "tokenizer_config.json"))
        try:
            model = TokenModel(folder, self._device, self._threads)
        except EngineError:
            raise
        except Exception as failure:  # files that are no model fail in many ways
            raise self._shelf.broken(self._model, failure) from failure
        if not model.can_chat:
            raise EngineMissing(
                "The model that LLM_MODEL names has not learned to converse.",
                hint="Take one whose name ends in Instruct or Chat.",
            )
        return model

    def _read(self, seat: Seat, said: list[Message], model: TokenModel, line: Line[str]) -> None:
        with library(self.name, "reading"), seat.in_use:
            if line.left:
                return
            tokens = self._tokens(model, said, to_answer=False)
            model.read(seat.take(model), tokens, lambda: not (line.left or seat.replies))

    def _write(
        self,
        seat: Seat,
        said: list[Message],
        sampling: Sampling,
        model: TokenModel,
        line: Line[str],
    ) -> None:
        thoughts, shape = ThoughtFilter(), self._manner.shape()

        def hand_out(piece: str) -> bool:
            if text := shape.take(thoughts.take(piece)):
                line.put(text)
            return not (line.left or shape.enough)

        options = _options(self._manner.options(sampling))
        with library(self.name, "writing"), seat.in_use:
            if line.left:
                return
            tokens = self._tokens(model, said, to_answer=True)
            complete = model.write(seat.take(model), tokens, options, hand_out)
        if rest := shape.take(thoughts.rest()) + shape.rest(complete=complete):
            line.put(rest)

    def _tokens(self, model: TokenModel, said: list[Message], *, to_answer: bool) -> list[int]:
        """The conversation, less its older turns if it is too long."""
        before, turns = self._manner.prompt(said)
        system = system_text(before)
        before = [Message("system", system), *alternating(before)] if system else before
        turns = alternating(turns)
        while len(found := model.tokens([*before, *turns], to_answer=to_answer)) > (
            self._context_tokens * 3 // 4
        ):
            if not (turns := halved(turns)):
                raise RequestRefused(_TOO_LONG)
        return found


def _options(chosen: dict[str, float]) -> dict[str, Any]:
    """What the library calls them. What nobody chose is as the model's makers advise."""
    names = {"max_tokens": "max_new_tokens", "repeat_penalty": "repetition_penalty"}
    options: dict[str, Any] = {names.get(name, name): value for name, value in chosen.items()}
    if "temperature" not in options:
        return options
    if options["temperature"] > 0:
        return {**options, "do_sample": True}
    return {**options, "do_sample": False, "temperature": None, "top_p": None, "top_k": None}
