"""Smart Turn: a small network that hears in a voice whether its speaker has finished.

It looks at the last eight seconds and knows many languages. It is right more often than not, and
no more: that is why it is asked beside the words, and only after a voice was heard (of silence it
thinks that somebody has finished). Its file is fetched by you, never during a call.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from repartee.engines.blocking import Crew
from repartee.engines.local.models import MODELS_DIR, Shelf
from repartee.engines.protocols import LISTENING_RATE_HZ, Samples
from repartee.engines.turn.mel import log_mel
from repartee.errors import EngineFailed, EngineMissing

MODEL = "smart-turn-v3.2-cpu"
SECONDS = 8
MOST_WAITING = 8
_SAMPLES = SECONDS * LISTENING_RATE_HZ
_NEARLY_NOTHING = 1e-7


class SmartTurn:
    name = "smart-turn"
    seconds = float(SECONDS)

    def __init__(self, *, model: str = MODEL, models_dir: str = MODELS_DIR) -> None:
        self._model = model
        self._shelf = Shelf(self.name, "TURN_MODEL", models_dir)
        self._crew: Crew | None = None
        self._session: Any = None
        self._asked = 0

    def __repr__(self) -> str:
        return f"<SmartTurn {self._model}>"

    async def open(self) -> None:
        if self._crew is not None:
            return
        crew = Crew(self.name, 1)
        try:
            self._session = await crew.run(self._load)
        except BaseException:
            await crew.close()
            raise
        self._crew = crew

    async def finished(self, sound: Samples) -> float:
        """How sure it is, 0..1, that who was speaking has finished."""
        crew = self._crew
        if crew is None:
            raise EngineFailed("The turn model is closed.")
        if self._asked >= MOST_WAITING:
            raise EngineFailed("The turn model has too much to do.")
        self._asked += 1
        try:
            return await crew.run(lambda: self._judge(sound))
        finally:
            self._asked -= 1

    async def close(self) -> None:
        crew, self._crew, self._session = self._crew, None, None
        if crew is not None:
            await crew.close()

    def _load(self) -> Any:
        import onnxruntime

        file = self._shelf.file(self._model, ".onnx")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        try:
            session = onnxruntime.InferenceSession(
                str(file), options, providers=["CPUExecutionProvider"]
            )
            _probability(session, np.zeros(_SAMPLES, np.int16))
        except Exception as failure:  # onnxruntime has an exception of its own for each fault
            raise self._shelf.broken(self._model, failure) from failure
        return session

    def _judge(self, sound: Samples) -> float:
        try:
            return _probability(self._session, sound)
        except Exception as failure:
            raise EngineFailed("The turn model failed.") from failure


def _probability(session: Any, sound: Samples) -> float:
    """What the network calls logits has been through its sigmoid already."""
    (said,) = session.run(None, {"input_features": log_mel(_latest(sound))[None]})
    probability = float(np.asarray(said).reshape(-1)[0])
    if not 0.0 <= probability <= 1.0:
        raise EngineMissing("This is no turn model: what it says is no probability.")
    return probability


def _latest(sound: Samples) -> np.ndarray[Any, np.dtype[np.float32]]:
    """The last eight seconds, after silence where there are fewer, at a level of its own."""
    latest = sound[-_SAMPLES:].astype(np.float32) / 32768.0
    padded = np.concatenate([np.zeros(_SAMPLES - len(latest), np.float32), latest])
    spread = np.sqrt(padded.var() + _NEARLY_NOTHING)
    level: np.ndarray[Any, np.dtype[np.float32]] = (padded - padded.mean()) / spread
    return level
