"""`journeys farm merge`: join the shards of a night, keep it, write its report."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from journeys.cli.exits import INFRASTRUCTURE, PASSED
from journeys.cli.farm_run import OUTPUT, keep_and_report, show_outcome
from journeys.cli.farm_store import add_store, opened_store, store_of
from journeys.errors import SetupError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what `journeys farm merge` takes."""
    parser.add_argument(
        "folders",
        nargs="+",
        metavar="DIR",
        type=Path,
        help="what the shards have written, each with its night.json",
    )
    parser.add_argument(
        "--output", metavar="DIR", type=Path, default=OUTPUT, help=f"where the night goes (default: {OUTPUT})"
    )
    add_store(parser)


def call(arguments: argparse.Namespace) -> int:
    """Join the shards and return the exit code of the whole night."""
    return asyncio.run(_merge(arguments))


async def _merge(arguments: argparse.Namespace) -> int:
    from journeys.nightly.merge import merge  # noqa: PLC0415 - a wrong command line needs none of it
    from journeys.nightly.record import exit_code, write_night_file  # noqa: PLC0415 - likewise

    try:
        _, store_folder = store_of(arguments)
        keep = (Path.cwd(), Path.home(), store_folder)
        night = merge(arguments.folders, arguments.output, keep=keep)
        write_night_file(arguments.output, night)
    except OSError as error:
        raise SetupError(f"the night can't be written to {arguments.output}: {error}") from error
    async with opened_store(arguments) as store:
        kept = await keep_and_report(night, store, arguments.output)
    show_outcome(night, arguments.output)
    # Also where its cells say nothing of it: a shard that is missing, or can't be read.
    spoiled = INFRASTRUCTURE if night["status"] == "error" else PASSED
    return exit_code(night) or spoiled or kept
