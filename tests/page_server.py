"""Serves pages to tests, each at an address of its own."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager


@asynccontextmanager
async def page_server() -> AsyncIterator[Callable[..., Awaitable[str]]]:
    """Serve pages while the context is open, each by a function that returns its address."""
    servers: list[asyncio.Server] = []

    async def serve(html: str, login: tuple[str, str] | None = None) -> str:
        wanted = base64.b64encode(":".join(login).encode()) if login else b""

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            head = await reader.readuntil(b"\r\n\r\n")
            admitted = wanted in head
            body = html.encode() if admitted else b""
            writer.write(
                (b"HTTP/1.1 200 OK" if admitted else b"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=app")
                + b"\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n"
                + f"Content-Length: {len(body)}\r\n\r\n".encode()
                + body
            )
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        servers.append(server)
        return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    try:
        yield serve
    finally:
        for server in servers:
            server.close()
            await server.wait_closed()
