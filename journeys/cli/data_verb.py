"""`journeys data`: check, load, migrate and compare scenarios of test data."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from flutter_bridge import is_loopback, is_server_address
from journeys.cli.conventions import FAILED, PASSED, add_command
from journeys.configuration import Configuration, read_configuration
from journeys.data import (
    DataFormat,
    InvalidScenario,
    describe_differences,
    find_scenarios,
    migrate,
    read_format,
    read_scenario,
    read_source,
    write_schema,
)
from journeys.documents import write_atomically
from journeys.errors import UsageError
from journeys.timeline import format_count

_FOLDER = "e2e/data"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what `journeys data` takes."""
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command, (summary, add_command_arguments) in COMMANDS.items():
        added = add_command(commands, command, summary)
        add_command_arguments(added)
        # Where it was said before the command, that holds.
        added.add_argument("--debug", action="store_true", default=argparse.SUPPRESS, help="show tracebacks")


def call(arguments: argparse.Namespace) -> int:
    """Do what was asked for, by the format that the project names, and return the exit code."""
    configuration = read_configuration(Path.cwd())
    form = read_format(configuration.data, configuration.root)
    match arguments.command:
        case "check":
            return _check(_files(arguments.paths, configuration), form)
        case "load":
            return _load(arguments, configuration, form)
        case "migrate":
            return _migrate(arguments, configuration, form)
        case "diff":
            return _compare(arguments, form)
        case _:
            return _print_schema(arguments, form)


def _add_paths(parser: argparse.ArgumentParser) -> None:
    what = f"files and folders (default: {_FOLDER} of the project)"
    parser.add_argument("paths", nargs="*", metavar="PATH", type=Path, help=what)


def _add_load(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("scenario", metavar="SCENARIO", type=Path, help=f"a file, or a name in {_FOLDER}")
    parser.add_argument("--url", required=True, metavar="BACKEND", help="such as http://127.0.0.1:8000")
    parser.add_argument("--elsewhere", action="store_true", help="the backend may be on another machine")


def _add_migrate(parser: argparse.ArgumentParser) -> None:
    _add_paths(parser)
    parser.add_argument("--to", type=int, metavar="N", help="the version (default: the newest)")
    parser.add_argument("--dry-run", action="store_true", help="only say which files would be rewritten")


def _add_diff(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("old", metavar="A", type=Path, help="a scenario, of any version")
    parser.add_argument("new", metavar="B", type=Path, help="another one")


def _add_schema(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--output", metavar="FILE", type=Path, help="write it into this file")


def _check(files: list[Path], form: DataFormat) -> int:
    problems: list[str] = []
    for file in files:
        try:
            scenario = read_scenario(file, form)
        except InvalidScenario as error:
            problems += error.problems
        else:
            older = (
                "" if scenario.version == form.version else " (journeys data migrate brings it up to date)"
            )
            print(f"{file}: sound, version {scenario.version}{older}")
    for problem in problems:
        print(problem, file=sys.stderr)
    return FAILED if problems else PASSED


def _load(arguments: argparse.Namespace, configuration: Configuration, form: DataFormat) -> int:
    url: str = arguments.url
    if not is_server_address(url):
        raise UsageError(f"--url {url!r:.80} is no address: write it like http://127.0.0.1:8000")
    if not is_loopback(url) and not arguments.elsewhere:
        raise UsageError(f"--url {url:.80} is another machine's: add --elsewhere if test data may go there")
    file: Path = arguments.scenario
    if not file.is_file() and not file.suffix:
        file = configuration.root / _FOLDER / f"{file}.toml"
    (file,) = find_scenarios([file])
    scenario = read_scenario(file, form)
    drawn = sys.stdout.isatty()

    def progress(done: int, of: int) -> None:
        if drawn:
            print(f"\r{scenario.name}: {done} of {of}", end="\r" if done == of else "", flush=True)

    counts = asyncio.run(form.load(scenario, url.rstrip("/"), progress))
    said = ", ".join(f"{what}: {number:,}" for what, number in counts.items()) or "nothing to do"
    print(f"{scenario.name}: {said}")
    return PASSED


def _migrate(arguments: argparse.Namespace, configuration: Configuration, form: DataFormat) -> int:
    to = form.version if arguments.to is None else arguments.to
    if not 1 <= to <= form.version:
        raise UsageError(f"--to {to}: versions are 1 to {form.version}")
    rewritten = {}
    for file in _files(arguments.paths, configuration):
        # None is written unless all can be.
        read_scenario(file, form)
        source = read_source(file, form.version)
        if source.version != to:
            rewritten[file] = migrate(source, form, to)
    for file, text in rewritten.items():
        if not arguments.dry_run:
            write_atomically(file, text)
        print(f"{file}: {'would be' if arguments.dry_run else 'is'} version {to} now")
    if not rewritten:
        print(f"all are version {to} already")
    return PASSED


def _compare(arguments: argparse.Namespace, form: DataFormat) -> int:
    old, new = (read_scenario(file, form) for file in (arguments.old, arguments.new))
    lines = list(describe_differences(old.content, new.content))
    for line in lines:
        print(line)
    print(format_count(len(lines), "difference") if lines else "no difference")
    return FAILED if lines else PASSED


def _print_schema(arguments: argparse.Namespace, form: DataFormat) -> int:
    if arguments.output is None:
        print(write_schema(form), end="")
    else:
        write_atomically(arguments.output, write_schema(form))
    return PASSED


def _files(paths: list[Path], configuration: Configuration) -> list[Path]:
    folder = configuration.root / _FOLDER
    here = Path.cwd()
    return find_scenarios(paths or [folder.relative_to(here) if folder.is_relative_to(here) else folder])


COMMANDS: Mapping[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "check": ("say what is wrong in scenarios, line by line", _add_paths),
    "load": ("put a scenario into a backend that runs; twice is the same as once", _add_load),
    "migrate": ("rewrite scenarios as another version has them", _add_migrate),
    "diff": ("say which records of two scenarios differ", _add_diff),
    "schema": ("print the JSON Schema, by which editors complete scenarios", _add_schema),
}
"""What each is for, and takes."""
