"""`journeys farm devices`: who has which device."""

from __future__ import annotations

import argparse
import asyncio

from rich.console import Console

from journeys.cli.exits import PASSED
from journeys.cli.farm_store import add_store, store_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what `journeys farm devices` takes."""
    parser.add_argument("--json", action="store_true", help="for a program to read")
    add_store(parser)


def call(arguments: argparse.Namespace) -> int:
    """Print the leases there are."""
    from journeys.nightly.commands import show_devices  # noqa: PLC0415 - a wrong command line needs none of it

    address, folder = store_of(arguments)
    asyncio.run(show_devices(address, folder, Console(), as_json=arguments.json))
    return PASSED
