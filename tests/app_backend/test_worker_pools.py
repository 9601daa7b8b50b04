"""A pool of worker processes: one that is stuck is replaced, and none outlives its parent."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import psutil  # type: ignore[import-untyped]  # it ships no types
import pytest

from app_backend.errors import TransientFailure
from app_backend.rendering.pool import WorkerPool, usable_cores
from app_backend.rendering.workers import prepare
from tests.app_backend.worker_processes import (
    DEADLINE_S,
    MEMORY,
    wait_until_gone,
    workers_of,
)

if TYPE_CHECKING:
    pass


async def test_a_pool_that_is_stuck_is_replaced() -> None:
    pool = WorkerPool(
        size=1, queue_size=1, tasks_per_worker=0, stuck_s=0.2, prepare=prepare, arguments=(MEMORY,)
    )
    others = workers_of()
    try:
        await pool.run(abs, -1, deadline_s=DEADLINE_S)
        (stuck,) = workers_of() - others
        stuck.suspend()

        with pytest.raises(TransientFailure, match="never answered"):
            await pool.run(abs, -1, deadline_s=0.1)
        stuck.resume()

        assert await pool.run(abs, -1, deadline_s=DEADLINE_S) == 1
        await wait_until_gone({stuck})
    finally:
        await pool.close()


async def test_a_pool_that_is_stuck_is_replaced_though_nobody_waits_for_it() -> None:
    pool = WorkerPool(
        size=1, queue_size=1, tasks_per_worker=0, stuck_s=0.2, prepare=prepare, arguments=(MEMORY,)
    )
    others = workers_of()
    try:
        await pool.run(abs, -1, deadline_s=DEADLINE_S)
        (stuck,) = workers_of() - others
        stuck.suspend()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await pool.run(abs, -1, deadline_s=0.1)

        async with asyncio.timeout(DEADLINE_S):
            while not workers_of() - others - {stuck}:
                with suppress(TransientFailure):
                    await pool.run(abs, -1, deadline_s=DEADLINE_S)

        stuck.resume()
        await wait_until_gone({stuck})
    finally:
        await pool.close()


def test_there_are_as_many_workers_as_cores_to_use() -> None:
    assert usable_cores() == len(psutil.Process().cpu_affinity())


PROGRAM = """
import asyncio, signal, sys
from app_backend.rendering import workers
from app_backend.rendering.pool import WorkerPool
from app_backend.rendering.workers import prepare

async def main():
    pool = WorkerPool(size=2, queue_size=1, tasks_per_worker=0, prepare=prepare, arguments=(512 * 2**20,))
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, stop.set)
    await pool.start()
    if sys.argv[1:]:
        await pool.run(exec, sys.argv[1], deadline_s=60)
    print("started", flush=True)
    await stop.wait()
    await pool.close()

asyncio.run(main())
"""
HANG = "import os, time; os.write(1, b'started\\n'); time.sleep(3600)"


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("busy", [False, True])
async def test_workers_end_with_their_parent_however_it_ends(busy: bool) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, *([HANG] if busy else []), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert await asyncio.wait_for(process.stdout.readline(), DEADLINE_S) == b"started\n"
    children = set(psutil.Process(process.pid).children(recursive=True))
    assert len(workers_of(psutil.Process(process.pid))) == 2

    process.kill()

    try:
        await wait_until_gone(children)
    finally:
        for each in children:
            with suppress(psutil.NoSuchProcess):
                each.kill()
        await process.wait()


@asynccontextmanager
async def started(program: str, **options: Any) -> AsyncIterator[asyncio.subprocess.Process]:
    """Start a program of Python, which doesn't outlive the test, however that ends."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdout=pipe, stderr=pipe, **options
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_ctrl_c_is_for_the_parent_alone() -> None:
    """To the whole group, at once: while the workers start, and can't have asked yet to be left alone."""
    async with started(PROGRAM, process_group=0) as process:
        assert process.stdout is not None
        await asyncio.wait_for(process.stdout.readline(), DEADLINE_S)
        workers = workers_of(psutil.Process(process.pid))

        os.killpg(process.pid, signal.SIGINT)

        _, errors = await asyncio.wait_for(process.communicate(), DEADLINE_S)
        assert len(workers) == 2
        assert (process.returncode, errors) == (0, b"")
        await wait_until_gone(workers)


CLOSED_WHILE_ONE_STARTS = """
import asyncio, time
from multiprocessing import active_children
from multiprocessing.util import Finalize
from app_backend.rendering.pool import WorkerPool

async def main():
    take_long_to_end = None, time.sleep, (1,), None, 1
    pool = WorkerPool(size=2, queue_size=9, tasks_per_worker=1, prepare=Finalize, arguments=take_long_to_end)
    await pool.start()
    first = set(active_children())
    asyncio.ensure_future(pool.run(time.sleep, 60, deadline_s=60))
    await pool.run(abs, -1, deadline_s=60)
    while not set(active_children()) - first:
        await asyncio.sleep(0)
    await pool.close()

asyncio.run(main())
"""


async def test_a_worker_that_starts_while_the_pool_closes_says_nothing() -> None:
    async with started(CLOSED_WHILE_ONE_STARTS) as process:
        assert await asyncio.wait_for(process.communicate(), DEADLINE_S) == (b"", b"")
        assert process.returncode == 0
