"""The turn model's part in a call: it hears the end of what was said, and judges each pause."""

from __future__ import annotations

import logging
import math
from collections import deque
from collections.abc import Callable

import anyio
import numpy as np

from repartee.conversation import events as ev
from repartee.engines.protocols import LISTENING_RATE_HZ, Samples, TurnDetector

log = logging.getLogger(__name__)

_USEFUL_SECONDS = 2.0
"""After so long a pause the turn is answered, whatever the model thinks of it."""


class TurnJudge:
    """Keeps as much of the latest sound as the model looks at. Without a model it keeps nothing."""

    def __init__(self, model: TurnDetector | None, happened: Callable[[ev.Event], None]) -> None:
        self._model = model
        self._happened = happened
        self._kept: deque[Samples] = deque()
        self._samples = 0
        self._most = 0 if model is None else int(model.seconds * LISTENING_RATE_HZ)

    def begin(self) -> None:
        """Another turn: what was said before does not belong to it."""
        self._kept.clear()
        self._samples = 0

    def feed(self, samples: Samples) -> None:
        if self._model is None:
            return
        self._kept.append(samples)
        self._samples += len(samples)
        while self._samples - len(self._kept[0]) >= self._most:
            self._samples -= len(self._kept.popleft())

    async def judge(self, turn: int, attempt: int) -> None:
        """A model that fails is no failure of the call: then the words decide alone."""
        if self._model is None or not self._kept:
            return
        sound = np.concatenate(self._kept)
        try:
            with anyio.fail_after(_USEFUL_SECONDS):
                finished = await self._model.finished(sound)
        except Exception:
            log.warning("The %s model could not judge a pause.", self._model.name, exc_info=True)
            return
        if math.isfinite(finished):
            self._happened(ev.TurnJudged(turn, attempt, min(max(finished, 0.0), 1.0)))
