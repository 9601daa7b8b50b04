"""Serve the chat: `python -m chat_app --port 8550`."""

from __future__ import annotations

import argparse
import asyncio
import socket
import sys

from chat_app.server import create_app
from local_server import AccessGuard, allow_own_pages, listen, run_server, server_config, stop_event, url_of

MAX_BODY_BYTES = 64 * 1024
"""The chat takes no body by HTTP: everything comes by the tab's own connection."""


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to stop; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        listening = listen(options.port, options.host)
    except OSError as error:
        sys.stderr.write(
            f"chat_app: can't listen on {options.host}:{options.port} ({error.strerror}); "
            "choose another port with --port, or 0 for any free one\n"
        )
        return 2
    with listening:
        asyncio.run(_serve(listening, until_stdin_closes=options.until_stdin_closes))
    return 0


async def _serve(listening: socket.socket, *, until_stdin_closes: bool) -> None:
    guarded = AccessGuard(
        create_app(), allow_own_pages(listening.getsockname()[0]), largest_body=MAX_BODY_BYTES
    )
    config = server_config(
        guarded,
        ws="auto",
        lifespan="on",
        log_level="warning",
        # Tabs and listeners stay connected for as long as they like: stopping doesn't wait for them.
        timeout_graceful_shutdown=1,
    )
    stop = stop_event(at_end_of_stdin=until_stdin_closes)
    async with run_server(config, [listening]):
        sys.stdout.write(f"chat_app: serving on {url_of(listening)}\n")
        sys.stdout.flush()
        await stop.wait()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m chat_app", description="Serve a small chat.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", default=0, type=int, help="port to listen on (default: any free one)")
    parser.add_argument("--until-stdin-closes", action="store_true", help="stop when standard input ends")
    return parser


if __name__ == "__main__":
    sys.exit(main())
