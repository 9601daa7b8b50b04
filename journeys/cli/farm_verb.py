"""`journeys farm`: play journeys on many devices in a night, join shards, look at what changed since when.

What its commands take is here; what they do is in `farm_commands`, imported once a command line is right.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

from journeys.cli.conventions import STORE_VARIABLE, add_addresses, add_command
from journeys.errors import UsageError
from journeys.nightly import MAX_SHARDS

OUTPUT = Path("night-results")

_SHARD = re.compile(r"([1-9][0-9]{0,8})/([1-9][0-9]{0,8})")
_NAME = re.compile(r"[\w.-]+")
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
    for command, (summary, add_command_arguments) in COMMANDS.items():
        added = add_command(commands, command, summary)
        add_command_arguments(added)
        # Where it was said before the command, that holds.
        added.add_argument("--debug", action="store_true", default=argparse.SUPPRESS, help="show tracebacks")


def call(arguments: argparse.Namespace) -> int:
    """Do what was asked for and return the exit code."""
    if arguments.command is None:
        raise UsageError(f"which one? journeys farm {', '.join(COMMANDS)} (see journeys farm --help)")
    if arguments.more and arguments.command != "run":
        raise UsageError(f"only run takes words after --, not {arguments.command}")
    code: int = import_module("journeys.cli.farm_commands").COMMANDS[arguments.command](arguments)
    return code


def _add_run_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--targets", metavar="FILE", type=Path, default=Path("nightly.toml"), help="(default: nightly.toml)"
    )
    parser.add_argument("--shard", metavar="I/N", type=_shard, default=(1, 1), help="the I-th of N machines")
    parser.add_argument(
        "--workers",
        metavar="N",
        type=_workers,
        help="how many journeys at a time (default: the file's, else auto: one for two processors, or one "
        "for each device where all are elsewhere)",
    )
    parser.add_argument(
        "--retries", metavar="N", type=int, help="how often infrastructure errors are tried again"
    )
    parser.add_argument("--max-minutes", metavar="M", type=float, help="stop then; the rest is not run")
    parser.add_argument("--max-sessions", metavar="N", type=int, help="play no more than N, the P0 first")
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="show the matrix, the packing and the expected time; play nothing",
    )
    parser.add_argument(
        "--output", metavar="DIR", type=Path, default=OUTPUT, help=f"where results go (default: {OUTPUT})"
    )
    add_addresses(parser)


def _add_merge_arguments(parser: argparse.ArgumentParser) -> None:
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
    _add_store(parser)


def _add_report_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folder", nargs="?", metavar="DIR", type=Path, default=OUTPUT, help=f"the night (default: {OUTPUT})"
    )
    parser.add_argument("--output", metavar="DIR", type=Path, help="where it goes (default: report in DIR)")
    _add_store(parser)


def _add_trends_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--name", metavar="NAME", default="", help="nights of this name (default: of any)")
    parser.add_argument(
        "--branch", metavar="NAME", default="", help="nights of this branch (default: of any)"
    )
    parser.add_argument(
        "--nights", metavar="N", type=int, default=30, help="how many, the newest (default: 30)"
    )
    parser.add_argument("--json", action="store_true", help="for a program to read")
    _add_store(parser)


def _add_forget_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--keep", metavar="N", type=int, required=True, help="how many nights of each name and branch stay"
    )
    parser.add_argument("--name", metavar="NAME", default="", help="only nights of this name")
    parser.add_argument("--branch", metavar="NAME", default="", help="only nights of this branch")
    parser.add_argument("--dry-run", action="store_true", help="say what would go, and remove nothing")
    _add_store(parser)


def _add_devices_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="for a program to read")
    _add_store(parser)


def _add_release_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("devices", nargs="*", metavar="DEVICE", help="as `devices` shows it, or POOL/DEVICE")
    parser.add_argument("--expired", action="store_true", help="those whose holder is heard of no more")
    parser.add_argument("--all", action="store_true", help="all of them: who plays on one is cut short")
    _add_store(parser)


def _add_test_spec_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--target", metavar="NAME", type=_name, default="aws", help="the target to play on (default: aws)"
    )


def _add_store(parser: argparse.ArgumentParser) -> None:
    """Let the store be named."""
    parser.add_argument(
        "--store",
        metavar="FOLDER",
        type=Path,
        help=f"an embedded PostgreSQL's folder (default: the server at ${STORE_VARIABLE}, "
        "else .journeys/store)",
    )


def _shard(text: str) -> tuple[int, int]:
    found = _SHARD.fullmatch(text)
    shard, shards = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 1 <= shard <= shards <= MAX_SHARDS:
        raise argparse.ArgumentTypeError(f"{text!r} is no shard: write it like 2/5")
    return shard, shards


def _workers(text: str) -> int | None:
    if text == "auto":
        return 0
    if not text.isdecimal() or not 1 <= int(text) <= 256:
        raise argparse.ArgumentTypeError(f"{text!r}: auto, or a number from 1 to 256")
    return int(text)


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r}: letters, digits, dots and dashes only")
    return text


COMMANDS: Mapping[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "run": ("play a nightly job, or one shard of it", _add_run_arguments),
    "merge": ("join the shards of a night, keep it and write its report", _add_merge_arguments),
    "report": ("write the nightly report of a night", _add_report_arguments),
    "trends": ("show what changed, and since which night", _add_trends_arguments),
    "forget": ("remove all but the newest nights from the store", _add_forget_arguments),
    "devices": ("show who has which device", _add_devices_arguments),
    "release": ("take devices from whoever has them", _add_release_arguments),
    "test-spec": ("print what AWS Device Farm's test host has to do", _add_test_spec_arguments),
}
"""What can be done: in a few words, and with which options."""
