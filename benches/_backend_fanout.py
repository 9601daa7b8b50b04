"""From a commit to every reader of the event stream: how long, with thousands of them."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import numpy as np

from benches._backend_process import Backend, raise_file_limit, running_backend
from benches._results import print_table

STREAMS = (1000, 5000)
SPACED = 20
SPACING_S = 0.5
BURST = 10
"""Events at once: everybody posts in the same moment."""

SPARE_FILES = 200
ALL_FROM_HERE = {"APP_BACKEND_EVENT_STREAMS_PER_ADDRESS": "1000000"}
LONGEST_LINE = 64 * 1024 * 1024


@dataclass(frozen=True)
class Readers:
    """The process that holds the streams open."""

    process: asyncio.subprocess.Process

    async def read(self, events: int) -> asyncio.Task[dict[str, list[float] | int]]:
        """Have every stream read so many events; the task ends when all have."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{events}\n".encode())
        await self.process.stdin.drain()
        return asyncio.create_task(self._answer())

    async def _answer(self) -> dict[str, list[float] | int]:
        assert self.process.stdout is not None
        line = await self.process.stdout.readline()
        if not line:
            raise SystemExit("the readers ended before they had read everything")
        answer: dict[str, list[float] | int] = json.loads(line)
        return answer


async def fanout(sizes: tuple[int, ...] = STREAMS) -> dict[str, object]:
    """Measure with each number of open streams; return figures by key."""
    figures: dict[str, object] = {}
    rows = []
    for streams in sizes:
        allowed = raise_file_limit(streams + SPARE_FILES)
        if allowed < streams + SPARE_FILES:
            print(
                f"fan-out: only {allowed} files may be open here (ulimit -n): {streams} streams are left out"
            )
            figures[f"fanout_{streams}_p99_ms"] = None
            continue
        measured = await _measured(streams)
        for kind, result in measured.items():
            prefix = f"fanout_{streams}" if kind == "spaced" else f"fanout_{streams}_{kind}"
            figures |= {f"{prefix}_{name}": value for name, value in result.items()}
            rows.append(
                [
                    f"{streams} streams, {result['events']} events {kind}",
                    *(f"{result[name]:.0f}" for name in ("p50_ms", "p99_ms", "max_ms")),
                    f"{result['server_us_each']:.1f}",
                    str(result["missing"]),
                ]
            )
    print_table(
        ["commit -> received by every reader", "p50, ms", "p99, ms", "max, ms", "server us each", "missing"],
        rows,
    )
    return figures


async def _measured(streams: int) -> dict[str, dict[str, float]]:
    async with (
        running_backend(ALL_FROM_HERE) as backend,
        backend.client() as http,
        _open(backend, streams) as readers,
    ):
        author = await backend.member(http, "author")
        # Its own coming is an event too, and brings everything into the caches.
        warming = await readers.read(2)
        await _post(http, author, "warming up")
        await warming
        return {
            "spaced": await _run(backend, http, author, readers, SPACED, SPACING_S),
            "burst": await _run(backend, http, author, readers, BURST, 0.0),
        }


async def _run(
    backend: Backend,
    http: httpx.AsyncClient,
    author: dict[str, str],
    readers: Readers,
    events: int,
    spacing: float,
) -> dict[str, float]:
    before = backend.processor_s()
    reading = await readers.read(events)
    began = time.monotonic()
    async with asyncio.TaskGroup() as tasks:
        for number in range(events):
            await asyncio.sleep(max(0.0, began + number * spacing - time.monotonic()))
            tasks.create_task(_post(http, author, f"event {number}"))
    answer = await reading
    latencies = np.array(answer["latencies_ms"])
    spent = backend.processor_s() - before
    return {
        "p50_ms": round(float(np.percentile(latencies, 50)), 1),
        "p99_ms": round(float(np.percentile(latencies, 99)), 1),
        "max_ms": round(float(latencies.max()), 1),
        "events": events,
        "deliveries": len(latencies),
        "missing": int(np.sum(answer["missing"])),
        "twice": int(np.sum(answer["twice"])),
        "server_us_each": round(spent / len(latencies) * 1e6, 1),
    }


async def _post(http: httpx.AsyncClient, author: dict[str, str], text: str) -> None:
    (await http.post("/posts", json={"text": text}, headers=author)).raise_for_status()


@asynccontextmanager
async def _open(backend: Backend, streams: int) -> AsyncIterator[Readers]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benches._backend_readers", str(backend.port), str(streams)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=LONGEST_LINE,
    )
    try:
        assert process.stdout is not None
        if (await process.stdout.readline()).strip() != b"open":
            raise SystemExit(f"{streams} streams couldn't be opened")
        yield Readers(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
