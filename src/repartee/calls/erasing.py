"""Recordings that are forgotten, together with the sessions that they are of.

Only what has the name of a recording and is a file is deleted, in the folder itself and nowhere
else: a link is not followed, and is left as something that others have put there. What can't be
deleted is told to the log, and to whoever asked for it.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from repartee.calls.recording import FILE_NAME, plain_id
from repartee.errors import ReparteeError

log = logging.getLogger(__name__)

_MOST_NAMES = 3


class RecordingsLeft(ReparteeError):
    code = "recordings_left"

    def __init__(self, names: Sequence[str]) -> None:
        more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
        some = ", ".join(names[:_MOST_NAMES])
        super().__init__(
            f"What was said is deleted, but not these files of its recording: {some}{more}.",
            hint="Delete them by hand in RECORD_DIR. The log says why they are left.",
        )


async def erase_recordings_of(folder: Path, session_ids: Iterable[str]) -> list[str]:
    """Delete what was recorded of these sessions; gives the names of the files that are left."""
    unwanted = {plain_id(session_id) for session_id in session_ids}
    if not unwanted:
        return []
    return await asyncio.to_thread(
        _erase, folder, lambda entry: _session_in(entry.name) in unwanted
    )


async def erase_recordings_before(folder: Path, moment: float) -> list[str]:
    """The same with those that were last written before this moment, whosever they are."""
    return await asyncio.to_thread(
        _erase, folder, lambda entry: entry.stat(follow_symlinks=False).st_mtime < moment
    )


def _erase(folder: Path, is_unwanted: Callable[[os.DirEntry[str]], bool]) -> list[str]:
    left: list[str] = []
    try:
        with os.scandir(folder) as entries:
            recordings = [entry for entry in entries if _session_in(entry.name)]
    except FileNotFoundError:
        return left  # nothing was ever recorded
    except OSError as problem:
        log.warning("The recordings in %s can't be deleted: %s.", folder, problem.strerror)
        return [folder.name]
    for entry in recordings:
        try:
            if is_unwanted(entry):
                _delete(entry)
        except FileNotFoundError:
            continue  # somebody else was faster
        except OSError as problem:
            log.warning("The recording %s can't be deleted: %s.", entry.path, problem.strerror)
            left.append(entry.name)
    return left


def _delete(entry: os.DirEntry[str]) -> None:
    if not entry.is_file(follow_symlinks=False):
        raise OSError(None, "it is no file, but a link or a folder")
    os.unlink(entry.path)


def _session_in(name: str) -> str | None:
    """Of which session this is a recording, if it is one."""
    found = FILE_NAME.fullmatch(name)
    return found["session"] if found else None
