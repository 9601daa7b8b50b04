"""`journeys farm report`: write the nightly report of a night again."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from journeys.cli.exits import PASSED
from journeys.cli.farm_run import OUTPUT, REPORT, report_written
from journeys.cli.farm_store import add_store, opened_store


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what `journeys farm report` takes."""
    parser.add_argument(
        "folder", nargs="?", metavar="DIR", type=Path, default=OUTPUT, help=f"the night (default: {OUTPUT})"
    )
    parser.add_argument("--output", metavar="DIR", type=Path, help="where it goes (default: report in DIR)")
    add_store(parser)


def call(arguments: argparse.Namespace) -> int:
    """Write the report and say where it is."""
    return asyncio.run(_report(arguments))


async def _report(arguments: argparse.Namespace) -> int:
    from journeys.nightly.merge import read_shard  # noqa: PLC0415 - a wrong command line needs none of it

    folder: Path = arguments.folder
    night = read_shard(folder)
    async with opened_store(arguments) as store:
        trends = await store.trends(night["name"], branch=night["branch"])
    print(report_written(night, trends, arguments.output or folder / REPORT, evidence=folder))
    return PASSED
