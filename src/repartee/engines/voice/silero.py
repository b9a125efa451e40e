"""Silero: a small network that tells speech from every other sound.

It looks at 32 ms at a time and remembers what came before, so each stream carries its own state.
One run over several streams costs far less than as many runs, therefore the windows of all calls
that arrive together, or while a run is under way, share the next one. Nothing ever waits for
company: there is no timer, and a lone window is judged at once.

A run over one or two windows is done where it stands, for handing it to a thread costs more than
it saves; a larger one goes to a thread, so that the event loop is never held for long.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib import resources

import numpy as np
import numpy.typing as npt

from repartee.engines.protocols import LISTENING_RATE_HZ, Samples
from repartee.engines.voice.gate import FLOOR_DBFS, Gate
from repartee.errors import EngineFailed, EngineMissing

WINDOW = 512
CONTEXT = 64
"""The network wants the end of the window before; without it, it hears no speech at all."""
STATE = (2, 1, 128)
LARGEST_RUN = 64
LARGEST_RUN_ON_LOOP = 2
_FULL_SCALE = np.float32(1 / 32768)

Floats = npt.NDArray[np.float32]


class Silero:
    """The detector, shared by every call; each call asks through a stream of its own."""

    name = "silero"
    window_samples = WINDOW

    def __init__(self, *, floor_dbfs: float = FLOOR_DBFS) -> None:
        self.floor_dbfs = floor_dbfs
        self._network: Network | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._waiting: deque[_Asked] = deque()
        self._busy = False

    async def open(self) -> None:
        if self._network is not None:
            return
        self._waiting.clear()
        self._busy = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="silero")
        loop = asyncio.get_running_loop()
        self._network = await loop.run_in_executor(self._thread, Network)

    def stream(self) -> SileroStream:
        return SileroStream(self, Gate(self.floor_dbfs))

    async def close(self) -> None:
        thread, self._thread, self._network = self._thread, None, None
        if thread is not None:
            await asyncio.to_thread(thread.shutdown)

    def judge(self, stream: SileroStream) -> asyncio.Future[float]:
        """What the network will say of the window that this stream now holds."""
        loop = asyncio.get_running_loop()
        asked = _Asked(stream, loop.create_future())
        self._waiting.append(asked)
        if not self._busy:
            self._busy = True
            loop.call_soon(self._run)
        return asked.answer

    def _run(self) -> None:
        """Judge everything that waits at this moment, in one run."""
        batch = self._take()
        if not batch:
            self._busy = False
            return
        network, thread = self._network, self._thread
        if network is None or thread is None:
            self._fail(batch, EngineFailed("The voice detector is closed."))
            return
        rows = np.stack([asked.stream.row for asked in batch])
        states = np.concatenate([asked.stream.state for asked in batch], axis=1)
        if len(batch) > LARGEST_RUN_ON_LOOP:
            run = asyncio.get_running_loop().run_in_executor(thread, network.run, rows, states)
            run.add_done_callback(partial(self._ran, batch))
            return
        try:
            self._answer(batch, *network.run(rows, states))
        except EngineFailed as error:
            self._fail(batch, error)

    def _take(self) -> list[_Asked]:
        batch: list[_Asked] = []
        while self._waiting and len(batch) < LARGEST_RUN:
            asked = self._waiting.popleft()
            if not asked.answer.done():
                batch.append(asked)
        return batch

    def _ran(self, batch: list[_Asked], run: asyncio.Future[tuple[list[float], Floats]]) -> None:
        error = run.exception()
        if error is None:
            self._answer(batch, *run.result())
        else:
            self._fail(batch, error)

    def _answer(self, batch: list[_Asked], probabilities: Sequence[float], states: Floats) -> None:
        for at, asked in enumerate(batch):
            asked.stream.state = states[:, at : at + 1]
            if not asked.answer.done():
                asked.answer.set_result(probabilities[at])
        self._go_on()

    def _fail(self, batch: list[_Asked], error: BaseException) -> None:
        for asked in batch:
            if not asked.answer.done():
                asked.answer.set_exception(error)
        self._go_on()

    def _go_on(self) -> None:
        # Through the loop, so that others have their turn between two runs.
        asyncio.get_running_loop().call_soon(self._run)


class SileroStream:
    """One caller's ear: the sound and the state that the network needs for the next window."""

    __slots__ = ("_detector", "_gate", "_last", "row", "state")

    def __init__(self, detector: Silero, gate: Gate) -> None:
        self._detector = detector
        self._gate = gate
        self._last: Floats = np.zeros(WINDOW, np.float32)
        self.row: Floats = np.zeros(CONTEXT + WINDOW, np.float32)
        self.state: Floats = np.zeros(STATE, np.float32)

    async def probability(self, window: Samples) -> float:
        if window.size != WINDOW:
            raise ValueError(f"The voice detector takes windows of {WINDOW} samples.")
        before, fresh = self._last, window * _FULL_SCALE
        self._last = fresh
        power = float(np.dot(fresh, fresh)) / WINDOW
        if not self._gate.passes(power):
            return 0.0
        self.row = np.concatenate((before[-CONTEXT:], fresh))
        probability = await self._detector.judge(self)
        self._gate.judged(probability, power)
        return probability


class Network:
    """The weights, and one run of them over any number of streams."""

    def __init__(self) -> None:
        try:
            import onnxruntime
        except ImportError as error:
            raise EngineMissing(
                "The voice detector needs the onnxruntime package.",
                hint="Install it with: pip install onnxruntime",
            ) from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        weights = resources.files(__package__).joinpath("models", "silero_vad_16k.onnx")
        self._session = onnxruntime.InferenceSession(
            weights.read_bytes(), options, providers=["CPUExecutionProvider"]
        )
        self._rate = np.array(LISTENING_RATE_HZ, np.int64)

    def run(self, rows: Floats, states: Floats) -> tuple[list[float], Floats]:
        """The probability for each row, and the states to bring next time."""
        try:
            said, after = self._session.run(
                None, {"input": rows, "state": states, "sr": self._rate}
            )
        except Exception as error:
            raise EngineFailed("The voice detector's network failed.") from error
        return said[:, 0].tolist(), after


class _Asked:
    """A stream that waits for the network's word on its window."""

    __slots__ = ("answer", "stream")

    def __init__(self, stream: SileroStream, answer: asyncio.Future[float]) -> None:
        self.stream = stream
        self.answer = answer
