"""A language model in PyTorch, token by token: reading ahead, writing on, stopping at any token.

Everything here blocks and belongs in a thread. What a model has read for one caller is a
`Reading`: the tokens, and what the network made of them. Whoever asks next with the same beginning
pays only for what is new.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any

from repartee.engines.local.stopping import Abandoned, look_up_between_layers, while_wanted
from repartee.engines.local.torch_device import choose_device, precision, use_threads
from repartee.engines.protocols import Message

READ_AT_ONCE = 128
"""What was read is kept in portions of this many tokens; reading can be stopped at any layer."""

HandOut = Callable[[str], bool]
"""Takes a piece of the text; whether more is wanted. The piece may be empty."""


class Reading:
    """Not to be used by two threads at once."""

    def __init__(self, cache: Any) -> None:
        self.cache = cache
        self.tokens: list[int] = []


class TokenModel:
    def __init__(self, folder: Path, device: str, threads: int | None) -> None:
        """Loads the model. Raises what the library raises."""
        from transformers import AutoModelForCausalLM, AutoTokenizer

        use_threads(threads)
        self.device = choose_device(device)
        self._tokenizer: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        model: Any = AutoModelForCausalLM.from_pretrained(
            folder, local_files_only=True, dtype=precision(self.device)
        )
        self._model = model.to(self.device).eval()
        look_up_between_layers(self._model)

    @property
    def can_chat(self) -> bool:
        return bool(self._tokenizer.chat_template)

    def begin(self) -> Reading:
        from transformers import DynamicCache

        return Reading(DynamicCache(config=self._model.config))

    def tokens(self, messages: Sequence[Message], *, to_answer: bool) -> list[int]:
        """The conversation as the model reads it; `to_answer`: up to where its answer begins."""
        text = self._tokenizer.apply_chat_template(
            [{"role": one.role, "content": one.content} for one in messages],
            tokenize=False,
            add_generation_prompt=to_answer,
        )
        found: list[int] = self._tokenizer(text, add_special_tokens=False)["input_ids"]
        return found

    def read(self, reading: Reading, tokens: Sequence[int], go_on: Callable[[], bool]) -> bool:
        """Read these, but for the last one, which is read when writing begins. False: stopped."""
        import torch

        reading.tokens = self._shared(reading, tokens)
        while (begin := len(reading.tokens)) < len(tokens) - 1:
            if not go_on():
                return False
            portion = tokens[begin : min(begin + READ_AT_ONCE, len(tokens) - 1)]
            try:
                with torch.no_grad(), while_wanted(go_on):
                    self._model(
                        input_ids=torch.tensor([portion], device=self.device),
                        past_key_values=reading.cache,
                        use_cache=True,
                        logits_to_keep=1,
                    )
            except Abandoned:  # some of its layers have read it
                self._unread(reading, begin)
                return False
            reading.tokens += portion
        return True

    def write(
        self,
        reading: Reading,
        tokens: Sequence[int],
        options: Mapping[str, Any],
        hand_out: HandOut,
    ) -> bool:
        """Go on after these tokens; whether the model came to an end by itself."""
        import torch
        from transformers import StoppingCriteriaList

        def go_on() -> bool:
            return hand_out("")

        if not self.read(reading, tokens, go_on):
            return False
        pieces = Pieces(self._tokenizer, hand_out)
        prompt = torch.tensor([list(tokens)], device=self.device)
        try:
            written = self._model.generate(
                prompt,
                attention_mask=torch.ones_like(prompt),
                past_key_values=reading.cache,
                streamer=pieces,
                stopping_criteria=StoppingCriteriaList([pieces.enough]),
                pad_token_id=self._tokenizer.eos_token_id,
                **options,
            )[0].tolist()
        except BaseException:
            reading.cache, reading.tokens = self.begin().cache, []
            raise
        # The last token was written and not read.
        reading.tokens = written[: reading.cache.get_seq_length()]
        return not pieces.stopped and len(written) - len(tokens) < options["max_new_tokens"]

    def _shared(self, reading: Reading, tokens: Sequence[int]) -> list[int]:
        """Forget what was read beyond what these tokens begin with."""
        both = zip(reading.tokens, tokens[:-1], strict=False)
        shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], both))
        if shared < len(reading.tokens):
            self._unread(reading, shared)
        return reading.tokens

    def _unread(self, reading: Reading, keep: int) -> None:
        """Forget all but this many tokens."""
        try:
            for layer in reading.cache.layers:  # not all of them may have read the same
                if (surplus := layer.get_seq_length() - keep) > 0:
                    layer.crop(-surplus)
            reading.tokens = reading.tokens[:keep]
        except (RuntimeError, ValueError, NotImplementedError):  # some networks can't unread
            reading.cache, reading.tokens = self.begin().cache, []


class Pieces:
    """Takes tokens as they are written, and hands out their text as soon as it is certain."""

    def __init__(self, tokenizer: Any, hand_out: HandOut) -> None:
        self._tokenizer = tokenizer
        self._hand_out = hand_out
        self._tokens: list[int] = []
        self._told = 0
        self._is_prompt = True
        self.stopped = False

    def put(self, tokens: Any) -> None:
        if self._is_prompt:
            self._is_prompt = False
            return
        self._tokens += tokens.tolist()
        text = self._text()
        # Half of a character, or of a letter with its accents, is not shown.
        self._tell("" if text.endswith("\ufffd") else text[self._told :])

    def end(self) -> None:
        self._tell(self._text().rstrip("\ufffd")[self._told :])

    def enough(self, tokens: Any, scores: Any, **_: Any) -> Any:
        """Asked after every token."""
        import torch

        return torch.full((len(tokens),), self.stopped, device=tokens.device)

    def _text(self) -> str:
        text: str = self._tokenizer.decode(
            self._tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return text

    def _tell(self, piece: str) -> None:
        self._told += len(piece)
        self.stopped = not self._hand_out(piece) or self.stopped
