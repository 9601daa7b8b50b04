"""How long something had to wait for this machine while a change was watched.

What runs on one machine, an app, its backend and their observer, is late by its own doing or by that of the
machine, which has more to do than it has processors. The kernel counts the second: the time during which at
least one task that could have run had to wait (`some` of Linux's pressure stall information), and the time a
hypervisor gave to others (`steal`). Nothing here can have come later through the machine than by both
together, so what is left of a latency without them is the app's for certain.

Where nothing counts it (macOS, Windows) the lateness of our own event loop is all that is known. It counts
everywhere: an observer that did not come to look is no witness.
"""

from __future__ import annotations

import asyncio
import os
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import sleep
from typing import Final

from flutter_bridge import now

_PRESSURE: Final = (Path("/sys/fs/cgroup/cpu.pressure"), Path("/proc/pressure/cpu"))
"""Of this container alone where there is one, else of the whole machine."""
_STATISTICS: Final = Path("/proc/stat")
_STEAL: Final = 8
"""Where in the line of all processors what was stolen is."""
_BEAT_S: Final = 0.02
_PUNCTUAL_S: Final = 0.005
"""How late an event loop that has nothing else to do may be."""
_MICROSECONDS: Final = 1e6
_QUIET_SHARE: Final = 0.2
_QUIET_FOR_S: Final = 1.0
_QUIET_WITHIN_S: Final = 30.0


class Machine:
    """Counts, while `follow` runs, for how long something had to wait for this machine."""

    def __init__(self, *, pressure: tuple[Path, ...] = _PRESSURE, statistics: Path = _STATISTICS) -> None:
        self._pressure = next((path for path in pressure if _read_pressure(path) is not None), None)
        self._statistics = statistics
        self._moments: list[float] = []
        self._waited: list[float] = []
        self._late: list[float] = []

    async def follow(self) -> None:
        """Take a reading fifty times a second until cancelled."""
        late = 0.0
        self._read(late)
        while True:
            await asyncio.sleep(_BEAT_S)  # how late this ends is what is read
            late += max(0.0, now() - self._moments[-1] - _BEAT_S - _PUNCTUAL_S)
            self._read(late)

    def waited_s(self, since: float, until: float) -> float:
        """Return for how many seconds between two moments something may have waited; at most all of them."""
        if not self._moments or until <= since:
            return 0.0
        first = max(0, bisect_right(self._moments, since) - 1)
        last = min(len(self._moments) - 1, bisect_left(self._moments, until))
        counted = max(readings[last] - readings[first] for readings in (self._waited, self._late))
        return max(0.0, min(counted, until - since))

    def _read(self, late: float) -> None:
        waited = (self._pressure and _read_pressure(self._pressure)) or 0.0
        self._moments.append(now())
        self._waited.append(waited + _read_steal(self._statistics))
        self._late.append(late)


def wait_for_quiet(
    *,
    within: float = _QUIET_WITHIN_S,
    pressure: tuple[Path, ...] = _PRESSURE,
    pause: Callable[[float], None] = sleep,
) -> None:
    """Wait until nothing has to wait for this machine for most of a second, so many seconds at most."""
    until = now() + within
    path = next((path for path in pressure if _read_pressure(path) is not None), None)
    while path is not None and now() < until:
        before, began = _read_pressure(path) or 0.0, now()
        pause(_QUIET_FOR_S)
        if (_read_pressure(path) or 0.0) - before < _QUIET_SHARE * (now() - began):
            return


def _read_pressure(path: Path) -> float | None:
    """Return the seconds during which something waited for a processor, since the start; None if unknown."""
    with suppress(OSError, ValueError, IndexError):
        for line in path.read_text(encoding="ascii").splitlines():
            kind, *fields = line.split()
            if kind == "some":
                return int(fields[-1].removeprefix("total=")) / _MICROSECONDS
    return None


def _read_steal(path: Path) -> float:
    """Return the seconds that a hypervisor gave to others, of all processors together; 0 where unknown."""
    with suppress(OSError, ValueError, IndexError), path.open(encoding="ascii") as statistics:
        return int(statistics.readline().split()[_STEAL]) / os.sysconf("SC_CLK_TCK")
    return 0.0
