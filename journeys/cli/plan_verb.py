"""`journeys plan`: run a test plan seam by seam, see how far it is, find what breaks which test.

What its commands take is here; what they do is in `plan_commands`, imported once a command line is right.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

from journeys.cli.conventions import add_command
from journeys.errors import UsageError
from journeys.plan import MUST_BE_TESTED, PRIORITIES, UnsoundPlan

SCENARIOS = Path("docs/scenarios.md")

_MOST_SEED = 2**32 - 1
_PASSING_ON = ("run", "bisect")
_EPILOG = """\
examples:
  journeys plan status --markdown                 how far the plan is, for a page or a pull request
  journeys plan run --priority P0 --batch 2       the P0 seams, two at a time, then in random order
  journeys plan bisect --seed 4711 tests/shop     which test before breaks which test after
  journeys plan scenarios --check                 whether docs/scenarios.md is what the journeys say

Words after -- go to pytest as they are.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what `journeys plan` takes."""
    parser.epilog = _EPILOG
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for command, (summary, add_command_arguments) in COMMANDS.items():
        added = add_command(commands, command, summary)
        add_command_arguments(added)
        # Where it was said before the command, that holds.
        added.add_argument("--debug", action="store_true", default=argparse.SUPPRESS, help="show tracebacks")


def call(arguments: argparse.Namespace) -> int:
    """Do what was asked for and return the exit code."""
    if arguments.command is None:
        raise UsageError(f"which one? journeys plan {', '.join(COMMANDS)} (see journeys plan --help)")
    if arguments.more and arguments.command not in _PASSING_ON:
        raise UsageError(f"only run and bisect take words after --, not {arguments.command}")
    try:
        code: int = import_module("journeys.cli.plan_commands").COMMANDS[arguments.command](arguments)
    except UnsoundPlan as error:
        for problem in error.problems[:-1]:
            print(f"journeys: error: {problem}", file=sys.stderr)
        # The last line is said, and the exit code given, as for every other error.
        raise UsageError(error.problems[-1]) from error
    return code


def _add_status_arguments(parser: argparse.ArgumentParser) -> None:
    _add_plan(parser)
    parser.add_argument(
        "--junit", metavar="FILE", type=Path, help="what ran, by pytest's --junitxml (default: the last run)"
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--markdown", action="store_true", help="a table in Markdown, and nothing else")
    form.add_argument("--json", action="store_true", help="for a program to read")


def _add_run_arguments(parser: argparse.ArgumentParser) -> None:
    _add_plan(parser)
    parser.add_argument(
        "--priority",
        metavar="P0,P1",
        type=_priorities,
        default=MUST_BE_TESTED,
        help="the seams of these (default: P0,P1)",
    )
    parser.add_argument(
        "--batch", metavar="N", type=_batch, default=3, help="how many seams at a time (default: 3)"
    )
    parser.add_argument(
        "--seed", metavar="N", type=_seed, help="the seed of the random order (default: another each time)"
    )
    parser.add_argument(
        "--coverage", metavar="PACKAGE", help="how much of a package the whole suite runs through"
    )
    parser.add_argument("--junit", metavar="FILE", type=Path, help="write the whole suite's JUnit file there")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write what came of it there, as JSON")


def _add_bisect_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="files and folders (default: the plan's P0 and P1 seams)"
    )
    _add_plan(parser)
    parser.add_argument(
        "--seed", metavar="N", type=_seed, help="the random order they fail in (default: the files' order)"
    )
    parser.add_argument(
        "--victim", metavar="TEST", help="the test that fails, by pytest's id (default: those that do)"
    )
    parser.add_argument("--json", action="store_true", help="for a program to read")


def _add_scenarios_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "path", nargs="*", metavar="PATH", help="files and folders of journeys (default: the configured)"
    )
    _add_plan(parser)
    parser.add_argument(
        "--output", metavar="FILE", type=Path, default=SCENARIOS, help=f"the page (default: {SCENARIOS})"
    )
    parser.add_argument("--check", action="store_true", help="write nothing, say what differs")


def _add_plan(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--plan", metavar="FILE", type=Path, help="the test plan (default: the configured)")


def _priorities(text: str) -> tuple[str, ...]:
    chosen = tuple(dict.fromkeys(word.strip().upper() for word in text.split(",")))
    for word in chosen:
        if word not in PRIORITIES:
            raise argparse.ArgumentTypeError(f"{word!r} is no priority: write P0, P1 or P2, with commas")
    return chosen


def _batch(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 64:
        raise argparse.ArgumentTypeError(f"{text!r}: a number from 1 to 64")
    return int(text)


def _seed(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 10 and int(text) <= _MOST_SEED):
        raise argparse.ArgumentTypeError(f"{text!r} is no seed: a number from 0 to {_MOST_SEED}")
    return int(text)


COMMANDS: Mapping[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "status": ("show how far the plan is, and what is missing", _add_status_arguments),
    "run": ("run the seams in batches, then together, in order and in random order", _add_run_arguments),
    "bisect": ("find which test before breaks which test after", _add_bisect_arguments),
    "scenarios": ("write a page of what the journeys do, from their code", _add_scenarios_arguments),
}
"""What can be done: in a few words, and with which options."""
