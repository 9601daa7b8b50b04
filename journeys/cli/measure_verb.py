"""`journeys measure`: run a journey many times and report how its latencies are distributed."""

from __future__ import annotations

import argparse
from inspect import signature
from pathlib import Path

from journeys.cli.collected import collect_journeys
from journeys.cli.run_verb import add_surroundings, play
from journeys.configuration import read_configuration
from journeys.errors import UsageError
from journeys.run import DEFAULT_OBSERVERS, RunOptions, check_numbers

# The fewest whose 95th percentile is not just the slowest of them.
_DEFAULT_REPEAT = 20

_EPILOG = """\
Without JOURNEY it measures those that take `observers`: as many as are asked for look on.

examples:
  journeys measure --repeat 50                      p50 and p95 of what people see
  journeys measure --observers 8                    the same with eight people looking on
  journeys measure new_name_reaches_every_surface   another journey (see journeys list)

Words after -- go to pytest as they are.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what `journeys measure` takes."""
    parser.epilog = _EPILOG
    parser.add_argument("what", nargs="*", metavar="JOURNEY", help="journeys by name, or files and folders")
    parser.add_argument(
        "--repeat",
        type=int,
        default=_DEFAULT_REPEAT,
        metavar="N",
        help=f"how often each journey is run (default: {_DEFAULT_REPEAT})",
    )
    parser.add_argument(
        "--observers",
        type=int,
        metavar="N",
        help=f"how many people look on, in journeys that take observers (default: {DEFAULT_OBSERVERS})",
    )
    parser.add_argument("--workers", help=argparse.SUPPRESS)
    add_surroundings(parser)


def call(arguments: argparse.Namespace) -> int:
    """Measure what was asked for and return the exit code."""
    check_numbers(RunOptions(repeat=arguments.repeat, observers=arguments.observers), prefix="--")
    if arguments.workers is not None:
        raise UsageError("measure takes no --workers: journeys side by side slow what they measure")
    return play(arguments, arguments.what or _journeys_with_observers(), [])


def _journeys_with_observers() -> list[str]:
    known = collect_journeys(read_configuration(Path.cwd()), [])
    measured = [each.id for each in known if "observers" in signature(each.script).parameters]
    if not measured:
        raise UsageError("which journey is to be measured? journeys list shows what there is")
    return measured
