"""Where PyTorch computes: on Apple's graphics, with CUDA, or on the CPU, in that order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from repartee.errors import EngineMissing
from repartee.machine import usable_cores

DEVICES = ("mps", "cuda", "cpu")


def choose_device(wished: str, possible: Sequence[str] = DEVICES) -> str:
    """The first of these that this machine has, or the wished one: cpu, mps, cuda, cuda:1."""
    kind = wished.partition(":")[0]
    if kind == "auto":
        return next(device for device in possible if _is_there(device))
    if kind not in possible or not _is_there(kind):
        has = [device for device in possible if _is_there(device)]
        raise EngineMissing(
            f"The device “{wished[:40]}” can't be used here.",
            hint=f"There is: {', '.join(has)}; auto takes the best of them.",
        )
    return wished


def precision(device: str) -> Any:
    """Half precision where it is quicker, and of the kind that models are trained in there."""
    import torch

    if device.startswith("cuda"):
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    return torch.float16 if device == "mps" else torch.float32


def use_threads(threads: int | None) -> None:
    """How many threads one computation on the CPU may use; one core is left to the rest."""
    import torch

    torch.set_num_threads(threads or max(1, int(usable_cores()) - 1))


def _is_there(device: str) -> bool:
    import torch

    if device == "cuda":
        return bool(torch.cuda.is_available())
    return device == "cpu" or bool(device == "mps" and torch.backends.mps.is_available())
