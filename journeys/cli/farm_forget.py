"""`journeys farm forget`: remove all but the newest nights from the store."""

from __future__ import annotations

import argparse
import asyncio

from rich.console import Console

from journeys.cli.exits import PASSED
from journeys.cli.farm_store import add_store, store_of
from journeys.errors import UsageError

_MOST_NIGHTS = 1_000_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what `journeys farm forget` takes."""
    parser.add_argument(
        "--keep", metavar="N", type=int, required=True, help="how many nights of each name and branch stay"
    )
    parser.add_argument("--name", metavar="NAME", default="", help="only nights of this name")
    parser.add_argument("--branch", metavar="NAME", default="", help="only nights of this branch")
    parser.add_argument("--dry-run", action="store_true", help="say what would go, and remove nothing")
    add_store(parser)


def call(arguments: argparse.Namespace) -> int:
    """Forget what is older."""
    from journeys.nightly.commands import forget_nights  # noqa: PLC0415 - a wrong command line needs none of it

    if not 1 <= arguments.keep <= _MOST_NIGHTS:
        raise UsageError(f"--keep {arguments.keep}: 1 to {_MOST_NIGHTS:,}")
    address, folder = store_of(arguments)
    asyncio.run(
        forget_nights(
            address,
            folder,
            Console(),
            arguments.keep,
            name=arguments.name,
            branch=arguments.branch,
            only_look=arguments.dry_run,
        )
    )
    return PASSED
