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

    def happen(self) -> None:
        """Let it happen, in the process that calls this."""
        if self is Mishap.KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        while self is Mishap.HANG:
            time.sleep(3600)
        raise TransientFailure("picture processing failed on purpose")
