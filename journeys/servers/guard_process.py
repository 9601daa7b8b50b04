"""Ends the process groups of a run that was killed: a script, standard library only.

It is told on its standard input which groups there are: `+ID` for one that was started, `-ID` for one that
has ended. Where the input ends, the run has: whoever is still there is asked to end, and then made to.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterable

GRACE_S = 10.0
"""Seconds a server has to end by itself."""


def guard(lines: Iterable[str]) -> None:
    """Read until there is no more to read, then end what is left."""
    groups = set[int]()
    for line in lines:
        number = int(line[1:])
        if line[0] == "+":
            groups.add(number)
        else:
            groups.discard(number)
    for group in groups:
        send(group, signal.SIGTERM)
    deadline = time.monotonic() + GRACE_S
    # Nothing can be waited on: these are no children of ours.
    while any(send(group, 0) for group in groups) and time.monotonic() < deadline:
        time.sleep(0.05)
    for group in groups:
        send(group, signal.SIGKILL)


def send(group: int, number: int) -> bool:
    """Send a signal to a group; return whether somebody was there."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    guard(sys.stdin)
