"""What can go wrong in a worker, made to happen on purpose."""

from __future__ import annotations

import os
import signal
import time
from enum import StrEnum

from app_backend.errors import TransientFailure


class Mishap(StrEnum):
    """Something that goes wrong in a worker in the place of its work; only armed faults ever ask for one."""

    FAIL = "fail"
    """The work fails, for a reason that may be gone at the next attempt."""

    HANG = "hang"
    """The work never ends."""

    KILL = "kill"
    """The worker is killed in the middle of its work, as by the system when memory runs out."""

    CRASH = "crash"
    """The worker crashes, as by a fault in a decoder."""

    TOIL = "toil"
    """The work keeps the processor busy, and never ends."""

    def happen(self) -> None:
        """Let it happen, in the process that calls this."""
        if self is Mishap.KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        if self is Mishap.CRASH:
            os.kill(os.getpid(), signal.SIGSEGV)
        while self is Mishap.TOIL:
            pass
        while self is Mishap.HANG:
            time.sleep(3600)
        raise TransientFailure("picture processing failed on purpose")
