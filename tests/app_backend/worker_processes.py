"""The worker processes of a process, told from its others."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil  # type: ignore[import-untyped]  # it ships no types

if TYPE_CHECKING:
    pass

MEMORY = 512 * 1024 * 1024
DEADLINE_S = 20.0


def is_worker(process: psutil.Process) -> bool:
    """Whether a process is a worker, and has not just ended: such a one has no command line any more."""
    with suppress(psutil.NoSuchProcess):
        return "multiprocessing.spawn" in " ".join(process.cmdline())
    return False


def workers_of(process: psutil.Process | None = None) -> set[psutil.Process]:
    """The worker processes of a process, by default of this one."""
    return {child for child in (process or psutil.Process()).children() if is_worker(child)}


async def wait_until_gone(processes: set[psutil.Process]) -> None:
    """Wait until processes have ended."""
    async with asyncio.timeout(DEADLINE_S):
        while any(map(runs, processes)):  # noqa: ASYNC110 - other processes'
            await asyncio.sleep(0.01)


def runs(process: psutil.Process) -> bool:
    """Whether a process has not ended, waited for or not."""
    with suppress(psutil.NoSuchProcess):
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    return False
