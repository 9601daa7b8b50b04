"""Serve the app: `python -m flutter_app --backend-url http://127.0.0.1:8000`."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import uvicorn

from flutter_app.guard import Guard
from flutter_app.server import create_app

BACKEND_URL = "FLUTTER_APP_BACKEND_URL"
"""The environment variable that says where the backend serves, where no option does."""


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to stop; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        listening = _listen(options.host, options.port)
    except OSError as error:
        sys.stderr.write(
            f"flutter_app: can't listen on {options.host}:{options.port} ({error.strerror}); "
            "choose another port with --port, or 0 for any free one\n"
        )
        return 2
    with listening:
        asyncio.run(_serve(listening, options))
    return 0


def _listen(host: str, port: int) -> socket.socket:
    # With the protocol named, the loop switches Nagle off for what is accepted: else an answer in two parts
    # waits up to 40 ms for the first one's acknowledgement.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(128)
    except OSError:
        listening.close()
        raise
    return listening


async def _serve(listening: socket.socket, options: argparse.Namespace) -> None:
    app = Guard(
        create_app(options.backend_url, renderer=options.renderer), listening_on=listening.getsockname()[0]
    )
    # Tabs stay connected for as long as they are open: stopping doesn't wait for them.
    config = uvicorn.Config(
        app,
        # Unlike the other implementation, this one bounds a request's head.
        http="h11",
        log_level="warning",
        access_log=False,
        # Nobody stands between us and the browser.
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )
    server = _Server(config, listening)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, server.stop)
    if options.until_stdin_closes:
        threading.Thread(target=_wait_for_end, args=(loop, server), daemon=True).start()
    await server.serve(sockets=[listening])


class _Server(uvicorn.Server):
    """Uvicorn that says where it serves, and for which a signal is an orderly end."""

    def __init__(self, config: uvicorn.Config, listening: socket.socket) -> None:
        super().__init__(config)
        self._listening = listening

    def stop(self) -> None:
        """Stop serving soon."""
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and tell whoever waits for it."""
        await super().startup(sockets)
        if self.started:
            host, port = self._listening.getsockname()[:2]
            sys.stdout.write(f"flutter_app: serving on http://{host}:{port}\n")
            sys.stdout.flush()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to our own handlers: uvicorn's would have the process die of them."""
        yield


def _wait_for_end(loop: asyncio.AbstractEventLoop, server: _Server) -> None:
    # Read from the descriptor itself: a thread inside sys.stdin would hold its lock while Python ends.
    while os.read(0, 4096):
        pass
    loop.call_soon_threadsafe(server.stop)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m flutter_app", description="Serve the reference Flutter app."
    )
    parser.add_argument(
        "--backend-url",
        default=os.environ.get(BACKEND_URL),
        required=BACKEND_URL not in os.environ,
        type=_http_url,
        help=f"where the backend serves (default: {BACKEND_URL}, which no list of processes shows)",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", default=0, type=int, help="port to listen on (default: any free one)")
    parser.add_argument(
        "--renderer", default="skwasm", choices=["skwasm", "canvaskit"], help="Flutter's renderer"
    )
    parser.add_argument("--until-stdin-closes", action="store_true", help="stop when standard input ends")
    return parser


def _http_url(text: str) -> str:
    # A password in it is repeated to nobody.
    shown = "".join(text.partition("://")[:2]) + "…@" + text.rpartition("@")[2] if "@" in text else text
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise argparse.ArgumentTypeError(f"{shown!r} is no address: {error}") from error
    if url.scheme not in {"http", "https"} or not url.host:
        raise argparse.ArgumentTypeError(f"{shown!r} is no http address such as http://127.0.0.1:8000")
    return text.rstrip("/")


if __name__ == "__main__":
    sys.exit(main())
