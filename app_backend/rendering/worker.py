"""What runs in a worker process: its preparation, and its work."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
import threading
import warnings
from multiprocessing import connection, parent_process

from app_backend.rendering.mishap import Mishap
from app_backend.rendering.picture import Limits, renditions

PR_SET_PDEATHSIG = 1


def prepare(memory_bytes: int, niceness: int = 0) -> None:
    """Make a new process fit for pictures nobody can trust: it has `memory_bytes`, and never outlives us.

    `niceness` is the system's: from 0 to 19, where it works only while nobody else wants to.
    """
    # At once, even in the middle of a decoder that never comes back to Python.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _end_with_parent()
    os.nice(niceness)
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard != resource.RLIM_INFINITY:
        memory_bytes = min(memory_bytes, hard)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, hard))
    # A crash is told by its exit code; a core file of a stranger's picture helps nobody.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Pillow warns of odd pictures: whoever sent one can't read it here, and could fill the log.
    warnings.simplefilter("ignore")


def work(data: bytes, limits: Limits, processor_s: float, mishap: Mishap | None) -> dict[int, bytes]:
    """Return a picture's renditions; raises `Problem`, or what an armed mishap does.

    After `processor_s` seconds of processor time the process ends by SIGPROF, wherever it is: unlike a
    deadline, that tells a picture that is too much work from a machine that is too busy.
    """
    signal.setitimer(signal.ITIMER_PROF, processor_s)
    try:
        if mishap is not None:
            mishap.happen()
        return renditions(data, limits)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _end_with_parent() -> None:
    """See to it that this process is gone when its parent is, however busy it may be."""
    parent = parent_process()
    if parent is None:  # called in the main process: nothing to end with
        return
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent.pid:  # it died before we asked
            os._exit(1)
    else:
        threading.Thread(target=_follow, args=(parent.sentinel,), daemon=True).start()


def _follow(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)
