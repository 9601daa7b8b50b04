"""Serve the app: `python -m flutter_app --backend-url http://127.0.0.1:8000`."""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import sys

import httpx

from flutter_app.server import create_app
from local_server import AccessGuard, allow_own_pages, listen, run_server, server_config, stop_event, url_of

BACKEND_URL = "FLUTTER_APP_BACKEND_URL"
"""The environment variable that says where the backend serves, where no option does."""

MAX_BODY_BYTES = 1024 * 1024
"""The app takes no body by HTTP: pictures go to the backend, all else comes by the tab's own connection."""


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to stop; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        listening = listen(options.port, options.host)
    except OSError as error:
        sys.stderr.write(
            f"flutter_app: can't listen on {options.host}:{options.port} ({error.strerror}); "
            "choose another port with --port, or 0 for any free one\n"
        )
        return 2
    with listening:
        asyncio.run(_serve(listening, options))
    return 0


async def _serve(listening: socket.socket, options: argparse.Namespace) -> None:
    app = AccessGuard(
        create_app(options.backend_url, renderer=options.renderer),
        allow_own_pages(listening.getsockname()[0]),
        largest_body=MAX_BODY_BYTES,
    )
    config = server_config(
        app,
        ws="auto",
        lifespan="on",
        limit_concurrency=None,
        log_level="warning",
        # Tabs stay connected for as long as they are open: stopping doesn't wait for them.
        timeout_graceful_shutdown=1,
    )
    stop = stop_event(at_end_of_stdin=options.until_stdin_closes)
    async with run_server(config, [listening]):
        sys.stdout.write(f"flutter_app: serving on {url_of(listening)}\n")
        sys.stdout.flush()
        await stop.wait()


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
