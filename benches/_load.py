"""Keeps the machine busy."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def busy_cores() -> Iterator[int]:
    """Keep every core busy while the context is open; yields how many there are."""
    cores = os.cpu_count() or 1
    working = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(cores)]
    try:
        yield cores
    finally:
        for process in working:
            process.kill()
        for process in working:
            process.wait()
