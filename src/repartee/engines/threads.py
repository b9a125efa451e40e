"""How the numeric libraries use their threads: few of them, and none that spins while it waits.

They read these variables once, when they are loaded, so the program's entry point calls
`quiet_threads` before anything imports numpy or a model runtime.
"""

from __future__ import annotations

import os

QUIET = {
    # A thread that waits by spinning takes the core from the one it is waiting for: with a busy
    # neighbour that costs a model most of its speed.
    "OMP_WAIT_POLICY": "PASSIVE",
    # The work comes in pieces of a few milliseconds, from many calls: a core each is best.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}


def quiet_threads() -> None:
    """Set what the user has not set."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
