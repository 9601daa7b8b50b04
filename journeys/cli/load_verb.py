"""`journeys load`: put a crowd on a backend, and see what people see meanwhile."""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path

from journeys.errors import UsageError

_MOST_PEOPLE = 10_000
_MOST_MINUTES = 24 * 60.0
_EPILOG = """\
examples:
  journeys load --scenario journeys.profile.load --people 100 --minutes 2
  journeys load --scenario kit/load.py --url http://127.0.0.1:8000 --people 50
  journeys load --scenario kit/load.py --people 400 --steps 8 --minutes 1      step up until it breaks
  journeys load --scenario kit/load.py --people 50 --minutes 60 --soak         what grows in an hour

exit codes: 0 held, and no worse than the baseline; 1 not held, inconclusive, worse than the baseline, or
something grows; 2 and 3 as for every verb.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what `journeys load` takes."""
    parser.epilog = _EPILOG
    parser.add_argument(
        "--scenario",
        metavar="FILE_OR_MODULE",
        required=True,
        help="the workload: a Python file or a module, with :NAME where it isn't called workload",
    )
    parser.add_argument("--people", type=int, default=50, metavar="N", help="how many people (default: 50)")
    parser.add_argument(
        "--minutes", type=float, default=2.0, metavar="M", help="how long each step is held (default: 2)"
    )
    parser.add_argument(
        "--steps", type=int, default=1, metavar="N", help="step up to all people in N steps (default: 1)"
    )
    parser.add_argument(
        "--joining", type=float, default=5.0, metavar="N", help="how many people join a second (default: 5)"
    )
    parser.add_argument(
        "--url",
        metavar="URL",
        help="the backend: on this machine, or in allow_hosts (default: start it)",
    )
    parser.add_argument("--app-url", metavar="URL", help="the Flutter web build that talks to it")
    parser.add_argument(
        "--watch", metavar="JOURNEY", help="the journey that is measured (default: the workload's)"
    )
    parser.add_argument(
        "--watchers", type=int, metavar="N", help="how many people look on in browsers; 0 for none"
    )
    parser.add_argument(
        "--soak", action="store_true", help="follow memory, connections and files; what grows fails"
    )
    parser.add_argument("--baseline", metavar="FILE", type=Path, help="fail where it is worse than this")
    parser.add_argument(
        "--update-baseline", action="store_true", help="write the baseline instead of comparing with it"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of what people choose (default: 0)")
    parser.add_argument(
        "--output", metavar="DIR", default="load-results", help="where results go (default: load-results)"
    )


def call(arguments: argparse.Namespace) -> int:
    """Put the load on and return the exit code."""
    for option, value, least, most in (
        ("--people", arguments.people, 1, _MOST_PEOPLE),
        ("--minutes", arguments.minutes, 0.05, _MOST_MINUTES),
        ("--steps", arguments.steps, 1, 100),
        ("--joining", arguments.joining, 0.1, 1000),
        ("--watchers", 0 if arguments.watchers is None else arguments.watchers, 0, 32),
    ):
        if not least <= value <= most:
            raise UsageError(f"{option} {value:g}: from {least:g} to {most:g}")
    if arguments.steps > arguments.people:
        raise UsageError(f"--steps {arguments.steps}: no more than people ({arguments.people})")
    if arguments.soak and arguments.steps > 1:
        raise UsageError("--soak holds one number of people: leave out --steps")
    if arguments.update_baseline and arguments.baseline is None:
        raise UsageError("--update-baseline needs --baseline FILE: where is it to go?")
    code: int = import_module("journeys.cli.load_command").run(arguments)
    return code
