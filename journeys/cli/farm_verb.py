"""`journeys farm`: play journeys on many devices in a night, join shards, look at what changed since when."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from importlib import import_module

from journeys.errors import UsageError

COMMANDS: Mapping[str, tuple[str, str]] = {
    "run": ("farm_run", "play a nightly job, or one shard of it"),
    "merge": ("farm_merge", "join the shards of a night, keep it and write its report"),
    "report": ("farm_report", "write the nightly report of a night"),
    "trends": ("farm_trends", "show what changed, and since which night"),
    "forget": ("farm_forget", "remove all but the newest nights from the store"),
    "devices": ("farm_devices", "show who has which device"),
    "release": ("farm_release", "take devices from whoever has them"),
    "test-spec": ("farm_test_spec", "print what AWS Device Farm's test host has to do"),
}
"""What can be done, and the module of this package that does it."""

_EPILOG = """\
examples:
  journeys farm run --targets nightly.toml --dry-run        the matrix, the packing, the expected time
  journeys farm run --targets nightly.toml --shard 2/5      the second of five machines
  journeys farm merge shard-* --output night-results        all five together
  journeys farm trends                                      since when, and how much slower
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what `journeys farm` takes."""
    parser.epilog = _EPILOG
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for command, (module, summary) in COMMANDS.items():
        added = commands.add_parser(
            command,
            help=summary,
            description=summary[0].upper() + summary[1:] + ".",
            allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        import_module(f"journeys.cli.{module}").add_arguments(added)
        # Where it was said before the command, that holds.
        added.add_argument("--debug", action="store_true", default=argparse.SUPPRESS, help="show tracebacks")


def call(arguments: argparse.Namespace) -> int:
    """Do what was asked for and return the exit code."""
    if arguments.command is None:
        raise UsageError(f"which one? journeys farm {', '.join(COMMANDS)} (see journeys farm --help)")
    if arguments.more and arguments.command != "run":
        raise UsageError(f"only run takes words after --, not {arguments.command}")
    module, _ = COMMANDS[arguments.command]
    code: int = import_module(f"journeys.cli.{module}").call(arguments)
    return code
