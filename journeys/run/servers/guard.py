"""Sees to it that no server outlives a run that is killed, whatever the server does by itself.

The guard is a process beside the run: this file as a script, with the standard library only. On its standard
input it reads which process groups there are: `+ID` for one that was started, `-ID` for one that has ended;
and the path of a folder that they keep their data in.
Where the input ends, the run has: whoever is still there is asked to end, and then made to. The folder goes.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

GRACE_S = 10.0
"""Seconds a server has to end by itself."""


class Guard:
    """The run's end of the guard; without the guard servers run as well as with it."""

    def __init__(self) -> None:
        # In a session of its own: neither Ctrl-C nor the end of our process group gets to it.
        self._popen = subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, "-I", "-S", __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            text=True,
        )

    def add(self, group: int) -> None:
        """Guard a process group."""
        self._write(f"+{group}")

    def remove(self, group: int) -> None:
        """Forget a group that has ended: its number may be somebody else's later."""
        self._write(f"-{group}")

    def remove_at_end(self, folder: Path) -> None:
        """Have a folder removed once no server is there any more."""
        self._write(str(folder))

    def close(self) -> None:
        """End the guard, which ends and removes whatever it still knows of."""
        # Closing writes what was not written; whoever was to read it may be gone.
        with suppress(OSError):
            assert self._popen.stdin is not None  # noqa: S101 - it is a pipe
            self._popen.stdin.close()
        self._popen.wait()

    def _write(self, line: str) -> None:
        with suppress(OSError, ValueError):
            assert self._popen.stdin is not None  # noqa: S101 - it is a pipe
            self._popen.stdin.write(line + "\n")
            self._popen.stdin.flush()


def end_groups_after(lines: Iterable[str]) -> None:
    """Read until there is no more to read, then end what is left, and remove what it kept."""
    groups, folders = set[int](), list[str]()
    for line in lines:
        if line[0] == "/":
            folders.append(line.rstrip("\n"))
            continue
        number = int(line[1:])
        if line[0] == "+":
            groups.add(number)
        else:
            groups.discard(number)
    for group in groups:
        send_signal(group, signal.SIGTERM)
    deadline = time.monotonic() + GRACE_S
    # Nothing can be waited on: these are no children of ours.
    while any(send_signal(group, 0) for group in groups) and time.monotonic() < deadline:
        time.sleep(0.05)
    for group in groups:
        send_signal(group, signal.SIGKILL)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def send_signal(group: int, number: int) -> bool:
    """Send a signal to a process group; return whether somebody was there."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):  # nobody is left; macOS: only zombies are left
        return False
    return True


if __name__ == "__main__":
    end_groups_after(sys.stdin)
