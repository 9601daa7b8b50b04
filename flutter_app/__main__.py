"""Serve the app: `python -m flutter_app --backend-url http://127.0.0.1:8000`."""

from __future__ import annotations

import argparse
import os
import sys

import httpx

from flutter_app.server import create_app
from local_server import add_server_options, serve_app

BACKEND_URL = "FLUTTER_APP_BACKEND_URL"
"""The environment variable that says where the backend serves, where no option does."""

MAX_BODY_BYTES = 1024 * 1024
"""The app takes no body by HTTP: pictures go to the backend, all else comes by the tab's own connection."""


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to stop; returns the exit code."""
    options = _parser().parse_args(arguments)
    return serve_app(
        "flutter_app",
        lambda: create_app(options.backend_url, renderer=options.renderer),
        options,
        largest_body=MAX_BODY_BYTES,
        limit_concurrency=None,
    )


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
    parser.add_argument(
        "--renderer", default="skwasm", choices=["skwasm", "canvaskit"], help="Flutter's renderer"
    )
    add_server_options(parser)
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
