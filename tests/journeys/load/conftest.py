"""A server to put load on."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest_asyncio


@dataclass
class Site:
    """A server that counts who asks for what; `/refuse` is answered with 503, `/events` never ends.

    Once more than `most` have entered, `/look` is answered with 503, too.
    """

    url: str = ""
    asked: Counter[str] = field(default_factory=Counter)
    streams: list[asyncio.StreamWriter] = field(default_factory=list)
    most: int = 1000

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                path = head.split(b" ")[1].decode()
                self.asked[path] += 1
                if path == "/events":
                    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
                    self.streams.append(writer)
                    continue
                is_refused = path == "/refuse" or (path == "/look" and self.asked["/enter"] > self.most)
                status = b"503 No" if is_refused else b"200 OK"
                body = json.dumps({"path": path}).encode()
                timing = b"Server-Timing: total;dur=4.0, db;dur=3.0\r\n"
                writer.write(
                    b"HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n%s" % (status, timing, len(body), body)
                )
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@pytest_asyncio.fixture
async def site() -> AsyncIterator[Site]:
    site = Site()
    server = await asyncio.start_server(site.answer, "127.0.0.1", 0)
    site.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield site
    finally:
        server.close()
