"""`journeys farm release`: take devices from whoever has them."""

from __future__ import annotations

import argparse
import asyncio

from rich.console import Console

from journeys.cli.exits import PASSED
from journeys.cli.farm_store import add_store, store_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what `journeys farm release` takes."""
    parser.add_argument("devices", nargs="*", metavar="DEVICE", help="as `devices` shows it, or POOL/DEVICE")
    parser.add_argument("--expired", action="store_true", help="those whose holder is heard of no more")
    parser.add_argument("--all", action="store_true", help="all of them: who plays on one is cut short")
    add_store(parser)


def call(arguments: argparse.Namespace) -> int:
    """Release the devices and say whose they were."""
    from journeys.nightly.commands import release_devices  # noqa: PLC0415 - a wrong command line needs none of it

    address, folder = store_of(arguments)
    asyncio.run(
        release_devices(
            address,
            folder,
            Console(),
            arguments.devices,
            expired=arguments.expired,
            everything=arguments.all,
        )
    )
    return PASSED
