"""The command that serves an app's pages, as far as it is the same for each app."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable
from socket import socket
from typing import Any

from starlette.types import ASGIApp

from local_server.access import AccessGuard, allow_own_pages
from local_server.ports import listen, url_of
from local_server.serving import run_server, server_config, stop_event


def add_server_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where an app is served, and until when."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", default=0, type=int, help="port to listen on (default: any free one)")
    parser.add_argument("--until-stdin-closes", action="store_true", help="stop when standard input ends")


def serve_app(
    name: str, make_app: Callable[[], ASGIApp], options: argparse.Namespace, *, largest_body: int, **more: Any
) -> int:
    """Serve an app's pages until told to stop; returns the exit code.

    `options` are those of `add_server_options`, `largest_body` is how many bytes a request may bring, and
    `more` is for `server_config`.
    """
    try:
        listening = listen(options.port, options.host)
    except OSError as error:
        sys.stderr.write(
            f"{name}: can't listen on {options.host}:{options.port} ({error.strerror}); "
            "choose another port with --port, or 0 for any free one\n"
        )
        return 2

    async def serve(listening: socket) -> None:
        app = AccessGuard(make_app(), allow_own_pages(listening.getsockname()[0]), largest_body=largest_body)
        config = server_config(
            app,
            ws="auto",
            lifespan="on",
            log_level="warning",
            # Tabs stay connected for as long as they are open: stopping doesn't wait for them.
            timeout_graceful_shutdown=1,
            **more,
        )
        stop = stop_event(at_end_of_stdin=options.until_stdin_closes)
        async with run_server(config, [listening]):
            sys.stdout.write(f"{name}: serving on {url_of(listening)}\n")
            sys.stdout.flush()
            await stop.wait()

    with listening:
        asyncio.run(serve(listening))
    return 0
