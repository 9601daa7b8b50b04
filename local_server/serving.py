"""How our servers are served, and how they end."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from socket import socket
from typing import Any, Final

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_S: Final = 10.0
"""Seconds in which a request's head has to be there; it has at most the 64 KiB that h11 takes."""

CONNECTIONS: Final = 512
"""Connections at a time; who comes next is answered 503."""


def stop_event(*, at_end_of_stdin: bool = False) -> asyncio.Event:
    """Return an event that is set when this process is to stop: by SIGINT, SIGTERM or the end of its input.

    Whoever holds the other end of standard input so ends us by its own end, however that comes.
    """
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stop.set)

    def follow_stdin() -> None:
        # From the descriptor itself: a thread inside sys.stdin would hold its lock while Python ends.
        with suppress(OSError):
            while os.read(0, 4096):
                pass
        with suppress(RuntimeError):  # the loop has ended by itself
            loop.call_soon_threadsafe(stop.set)

    if at_end_of_stdin:
        # A thread, as not everything that can be standard input works with the loop; it ends with us.
        threading.Thread(target=follow_stdin, daemon=True).start()
    return stop


class BoundedHttp(H11Protocol):
    """HTTP that waits for a request's head for some time only; h11 takes 64 KiB of it at most."""

    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn
        """Wait for the first head."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Wait on for a head that is there in part."""
        super().data_received(data)
        if self.conn.their_state is h11.IDLE and self.conn.trailing_data[0]:
            self._wait()
        else:
            self._wait_no_more()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing."""
        self._wait_no_more()
        super().connection_lost(exc)

    def _wait(self) -> None:
        if self._late is None:
            self._late = self.loop.call_later(HEAD_S, self.transport.abort)

    def _wait_no_more(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None


def server_config(app: ASGIApp, **more: Any) -> uvicorn.Config:
    """Return how uvicorn serves one of our servers."""
    options: dict[str, Any] = {
        "http": BoundedHttp,
        "ws": "none",
        "lifespan": "off",
        "access_log": False,
        "server_header": False,
        # Nobody stands between us and who asks.
        "proxy_headers": False,
        "limit_concurrency": CONNECTIONS,
        **more,
    }
    return uvicorn.Config(app, **options)


class LocalServer(uvicorn.Server):
    """Uvicorn that leaves signals to whoever runs the loop, and says when it serves."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Start, and tell whoever waits for it."""
        await super().startup(sockets)
        self.up.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none: a Ctrl-C ends the block that serves, and the block ends the server."""
        yield


@asynccontextmanager
async def run_server(config: uvicorn.Config, sockets: Sequence[socket]) -> AsyncIterator[None]:
    """Serve on sockets as long as the block runs, which begins when requests are answered."""
    server = LocalServer(config)
    task = asyncio.create_task(server.serve(sockets=list(sockets)))
    try:
        await server.up.wait()
        yield
    finally:
        server.should_exit = True
        await task
