"""A client that costs little: one kept connection at a time, no more of HTTP than the backend speaks.

What a full client costs per request is more than what the backend does in it: it would measure itself.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import numpy as np

HEAD_BYTES = 64 * 1024


@dataclass(frozen=True)
class Answer:
    """An answer, and how long it took from the first byte sent to the last one received, in seconds."""

    status: int
    body: bytes
    took: float


class Connection:
    """One kept connection to the backend; one request after the other."""

    def __init__(self, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._host = f"127.0.0.1:{port}"
        self._reader = reader
        self._writer = writer

    async def request(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Answer:
        """Send one request and read its answer."""
        fields = {"Host": self._host, "Content-Length": str(len(body)), **(headers or {})}
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        began = time.perf_counter()
        self._writer.write(f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body)
        await self._writer.drain()
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        length = next((int(line[15:]) for line in head if line.lower().startswith("content-length:")), 0)
        content = await self._reader.readexactly(length)
        return Answer(int(head[0].split(" ")[1]), content, time.perf_counter() - began)


@asynccontextmanager
async def connection(port: int) -> AsyncIterator[Connection]:
    """Open one connection; it is closed with the block."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=HEAD_BYTES)
    try:
        yield Connection(port, reader, writer)
    finally:
        writer.close()


async def side_by_side(port: int, at_once: int, work: Callable[[Connection], Awaitable[None]]) -> float:
    """Do some work over so many connections at once; return the seconds until all of it was done."""

    async def one() -> None:
        async with connection(port) as opened:
            await work(opened)

    began = time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for _ in range(at_once):
            tasks.create_task(one())
    return time.perf_counter() - began


def milliseconds(seconds: list[float], part: float) -> float:
    """Return a percentile of times, in milliseconds."""
    return round(float(np.percentile(seconds, part)) * 1000, 1)
