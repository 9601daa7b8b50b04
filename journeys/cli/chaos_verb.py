"""`journeys chaos`: run the journeys in which things go wrong on purpose, and say what people saw of it."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

import msgspec

from journeys.chaos import LEFTOVERS, Leftovers
from journeys.cli.run_verb import add_surroundings, play
from journeys.configuration import read_configuration
from journeys.documents import UnreadableDocument, decode_json, read_document
from journeys.errors import UsageError
from journeys.report import CHAOS_HEADER, ChaosRecord, chaos_rows
from journeys.run import DEFAULT_OUTPUT

_EPILOG = """\
examples:
  journeys chaos                            all that is configured as chaos, on the web
  journeys chaos the_storage_is_full        one journey by its name
  journeys chaos --report                   with a table in Markdown beside the run's report

Words after -- go to pytest as they are.
"""


class _Journey(msgspec.Struct):
    status: str
    chaos: ChaosRecord | None = None


class _Run(msgspec.Struct):
    journeys: list[_Journey]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what `journeys chaos` takes."""
    parser.epilog = _EPILOG
    parser.add_argument("what", nargs="*", metavar="WHAT", help="journeys by name, or files and folders")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--web", action="store_true", help="on the web build, as --target web")
    where.add_argument("--android", action="store_true", help="on a device, as --target android")
    parser.add_argument("--report", action="store_true", help="write the table as chaos.md, too")
    add_surroundings(parser)


def call(arguments: argparse.Namespace) -> int:
    """Run what was asked for, print what came of it, and return the exit code."""
    configuration = read_configuration(Path.cwd())
    if not configuration.chaos and not arguments.what:
        raise UsageError(
            'nothing is configured as chaos: name journeys, or set chaos = ["…"] in [tool.journeys]'
        )
    for line in asyncio.run(Leftovers(configuration.root / LEFTOVERS).clear()):
        print(f"journeys: {line}", file=sys.stderr)
    named = [name for name in ("web", "android") if getattr(arguments, name)]
    arguments.target = [*(arguments.target or ()), *named] or None
    arguments.chaos = True
    folders = [str(configuration.root / path) for path in configuration.chaos]
    code = play(arguments, arguments.what, [], collected=folders or None)
    _print_table(Path(arguments.output or DEFAULT_OUTPUT), is_written=arguments.report)
    return code


def _print_table(results: Path, *, is_written: bool) -> None:
    try:
        run = decode_json(read_document(results / "journeys.json"), _Run)
    except (OSError, UnreadableDocument):
        return  # the run ended before it had one, and has said why
    rows = chaos_rows([(each.status, each.chaos) for each in run.journeys if each.chaos is not None])
    lines = [f"| {' | '.join(CHAOS_HEADER)} |", f"|{' --- |' * len(CHAOS_HEADER)}"]
    lines += [f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows]
    print("\n".join(lines))
    if is_written:
        file = results / "chaos.md"
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        print(f"written: {file}")
