"""A model in ONNX, loaded so that it computes quickly and does not spin while it waits.

What it computes is given up, between two nodes of its graph, when nobody waits for it any more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import onnxruntime

from repartee.engines.local.stopping import look_up, told_to_stop
from repartee.machine import usable_cores

_CUDA, _CPU = "CUDAExecutionProvider", "CPUExecutionProvider"


class Session:
    """Stands before a session of ONNX Runtime, as libraries take them."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def run(self, outputs: Sequence[str] | None, inputs: Mapping[str, Any]) -> Any:
        options = onnxruntime.RunOptions()
        look_up()
        try:
            with told_to_stop(lambda: setattr(options, "terminate", True)):
                return self._session.run(outputs, inputs, options)
        except Exception:
            look_up()  # it was told to stop, and calls that an error
            raise


def onnx_session(file: Path, *, device: str = "auto", threads: int | None = None) -> Session:
    """`auto` takes CUDA if this build of onnxruntime has it. `threads` are for one run."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or max(1, int(usable_cores()))
    options.inter_op_num_threads = 1
    # A thread that spins takes the core from the one that it is waiting for.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    has_cuda = _CUDA in onnxruntime.get_available_providers()
    on_cuda = device.startswith("cuda") or (device == "auto" and has_cuda)
    providers = [_CUDA, _CPU] if on_cuda else [_CPU]
    return Session(
        onnxruntime.InferenceSession(str(file), sess_options=options, providers=providers)
    )
