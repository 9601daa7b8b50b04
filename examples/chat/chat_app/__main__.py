"""Serve the chat: `python -m chat_app --port 8550`."""

from __future__ import annotations

import argparse
import sys

from chat_app.server import create_app
from local_server import add_server_options, serve_app

MAX_BODY_BYTES = 64 * 1024
"""The chat takes no body by HTTP: everything comes by the tab's own connection."""


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to stop; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m chat_app", description="Serve a small chat.")
    add_server_options(parser)
    return serve_app("chat_app", create_app, parser.parse_args(arguments), largest_body=MAX_BODY_BYTES)


if __name__ == "__main__":
    sys.exit(main())
