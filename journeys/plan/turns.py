"""Lets what measures run by itself while sessions run side by side."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Turns:
    """Turns on a machine, kept by locks on files in a folder that several processes share.

    The system takes the locks of a process that dies.
    """

    def __init__(self, folder: Path) -> None:
        self._queue = folder / "queue.lock"
        self._machine = folder / "machine.lock"

    @contextmanager
    def take(self, *, alone: bool) -> Iterator[None]:
        """Wait for a turn and have it while the context is open: beside others, or alone."""
        with self._queue.open("w") as queue, self._machine.open("w") as machine:
            # Who waits to be alone keeps those who come later waiting: else the turn never comes.
            fcntl.flock(queue, fcntl.LOCK_EX)
            fcntl.flock(machine, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
            fcntl.flock(queue, fcntl.LOCK_UN)
            yield
