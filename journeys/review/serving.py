"""Serves one review on loopback until Ctrl-C."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from flutter_bridge.serving import LocalServer, server_config
from journeys.errors import SetupError
from journeys.review.access import Access
from journeys.review.review import Review
from journeys.review.server import review_app

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Served:
    """A review that is served: the address to open, and one that is good once."""

    address: str
    access: Access

    @property
    def with_token(self) -> str:
        """The address that lets its holder in."""
        return f"{self.address}/?token={self.access.token}"

    def for_a_browser(self) -> str:
        """Return an address that is good once, as other people here may read a browser's command line."""
        return f"{self.address}/?token={self.access.code()}"


async def serve(review: Review, *, port: int = 0, ready: Callable[[Served], None] = lambda _: None) -> None:
    """Serve a review until this is cancelled; raises `SetupError` where the port is taken."""
    async with serving(review, port=port) as served:
        ready(served)
        await asyncio.Event().wait()


@asynccontextmanager
async def serving(review: Review, *, port: int = 0) -> AsyncIterator[Served]:
    """Serve a review as long as the block runs, on a free port by default."""
    listener = _listener(port)
    port = listener.getsockname()[1]
    access = Access(port)
    config = server_config(review_app(review, access), log_level="critical", timeout_graceful_shutdown=2)
    server = LocalServer(config)
    with listener:
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield Served(f"http://{HOST}:{port}", access)
        finally:
            server.should_exit = True
            await task


def _listener(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
    except OSError as error:
        listener.close()
        raise SetupError(f"port {port} can't be used ({error.strerror}): name another with --port") from error
    listener.listen(128)
    return listener
