"""`journeys farm trends`: what changed, and since which night."""

from __future__ import annotations

import argparse
import asyncio

from rich.console import Console

from journeys.cli.exits import PASSED
from journeys.cli.farm_store import add_store, store_of
from journeys.errors import UsageError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what `journeys farm trends` takes."""
    parser.add_argument("--name", metavar="NAME", default="", help="nights of this name (default: of any)")
    parser.add_argument(
        "--branch", metavar="NAME", default="", help="nights of this branch (default: of any)"
    )
    parser.add_argument(
        "--nights", metavar="N", type=int, default=30, help="how many, the newest (default: 30)"
    )
    parser.add_argument("--json", action="store_true", help="for a program to read")
    add_store(parser)


def call(arguments: argparse.Namespace) -> int:
    """Print the trends."""
    from journeys.nightly.commands import show_trends  # noqa: PLC0415 - a wrong command line needs none of it

    if arguments.nights < 1:
        raise UsageError(f"--nights {arguments.nights}: at least 1 is needed")
    address, folder = store_of(arguments)
    asyncio.run(
        show_trends(
            address,
            folder,
            Console(),
            name=arguments.name,
            branch=arguments.branch,
            nights=arguments.nights,
            as_json=arguments.json,
        )
    )
    return PASSED
