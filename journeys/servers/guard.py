"""Sees to it that no server outlives a run that is killed, whatever the server does by itself."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

PROGRAM = Path(__file__).with_name("guard_process.py")


class Guard:
    """A process beside the run that learns of its end by its input's, and ends the groups that are left."""

    def __init__(self) -> None:
        # In a session of its own: neither Ctrl-C nor the end of our process group gets to it.
        self._popen = subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, "-I", "-S", str(PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            text=True,
        )

    def add(self, group: int) -> None:
        """Guard a process group."""
        self._tell(f"+{group}")

    def remove(self, group: int) -> None:
        """Forget a group that has ended: its number may be somebody else's later."""
        self._tell(f"-{group}")

    def close(self) -> None:
        """End the guard, which ends whatever it still knows of."""
        # Closing writes what was not written; whoever was to read it may be gone.
        with suppress(OSError):
            assert self._popen.stdin is not None  # noqa: S101 - it is a pipe
            self._popen.stdin.close()
        self._popen.wait()

    def _tell(self, line: str) -> None:
        # Without the guard servers run as well as with it.
        with suppress(OSError, ValueError):
            assert self._popen.stdin is not None  # noqa: S101 - it is a pipe
            self._popen.stdin.write(line + "\n")
            self._popen.stdin.flush()
