"""`journeys measure`: run a journey many times and report how its latencies are distributed."""

from __future__ import annotations

import argparse
from pathlib import Path

from journeys.cli.run_verb import add_surroundings, play
from journeys.configuration import read_configuration
from journeys.errors import UsageError
from journeys.run import DEFAULT_OBSERVERS, RunOptions, check_numbers, load_journeys

# The fewest whose 95th percentile is not just the slowest of them.
_DEFAULT_REPEAT = 20
# What is measured where nothing is named: a change with as many observers as are asked for.
_DEFAULT_JOURNEY = "many_people_see_a_new_avatar"

_EPILOG = f"""\
Without JOURNEY it measures {_DEFAULT_JOURNEY}.

examples:
  journeys measure --repeat 50                      p50 and p95 of a new avatar's way to every surface
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
    return play(arguments, arguments.what or [_default_journey()], [])


def _default_journey() -> str:
    known = {journey.id for journey in load_journeys(read_configuration(Path.cwd()))}
    if _DEFAULT_JOURNEY not in known:
        raise UsageError("which journey is to be measured? journeys list shows what there is")
    return _DEFAULT_JOURNEY
