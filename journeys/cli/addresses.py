"""The two options that name an app and a backend running elsewhere."""

from __future__ import annotations

import argparse


def add_addresses(parser: argparse.ArgumentParser) -> None:
    """Add `--app-url` and `--backend-url`."""
    group = parser.add_argument_group("what runs elsewhere (started from [tool.journeys.servers] otherwise)")
    group.add_argument("--app-url", metavar="URL", help="the Flutter web build to use")
    group.add_argument("--backend-url", metavar="URL", help="the backend that app talks to")
