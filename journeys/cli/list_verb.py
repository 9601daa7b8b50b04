"""`journeys list`: show the journeys there are."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from journeys.cli.collected import collect_journeys
from journeys.cli.conventions import PASSED
from journeys.configuration import read_configuration
from journeys.timeline import format_count


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what `journeys list` takes."""
    parser.add_argument("path", nargs="*", metavar="PATH", help="files and folders (default: the configured)")
    parser.add_argument("--json", action="store_true", help="for a program to read")


def call(arguments: argparse.Namespace) -> int:
    """Print the journeys, the most important first."""
    journeys = collect_journeys(read_configuration(Path.cwd()), arguments.path)
    keys = ("id", "name", "priority", "phase", "kind", "seams", "module", "description")
    if arguments.json:
        print(json.dumps([{key: getattr(each, key) for key in keys} for each in journeys], indent=2))
        return PASSED
    for each in journeys:
        print(f"{each.priority}  {each.id}")
        print(f"    {each.name}")
        for line in each.description.splitlines():
            print(f"    {line}".rstrip())
        print()
    count = format_count(len(journeys), "journey")
    print(f"{count}; run one with: journeys run NAME" if journeys else "no journeys yet")
    return PASSED
