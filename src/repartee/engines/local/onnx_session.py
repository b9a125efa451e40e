"""A model in ONNX, loaded so that it computes quickly and does not spin while it waits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import onnxruntime

from repartee.machine import usable_cores

_CUDA, _CPU = "CUDAExecutionProvider", "CPUExecutionProvider"


def onnx_session(file: Path, *, device: str = "auto", threads: int | None = None) -> Any:
    """`auto` takes CUDA if this build of onnxruntime has it. `threads` are for one run."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or max(1, int(usable_cores()))
    options.inter_op_num_threads = 1
    # A thread that spins takes the core from the one that it is waiting for.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    has_cuda = _CUDA in onnxruntime.get_available_providers()
    on_cuda = device.startswith("cuda") or (device == "auto" and has_cuda)
    providers = [_CUDA, _CPU] if on_cuda else [_CPU]
    return onnxruntime.InferenceSession(str(file), sess_options=options, providers=providers)
