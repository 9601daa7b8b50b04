"""`journeys run`: run journeys through pytest, the one runner underneath."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import pytest

from journeys.cli.collected import ALREADY_IMPORTED, collect_journeys, configured_paths, require_paths
from journeys.cli.conventions import add_addresses, exit_code_from_pytest
from journeys.configuration import Configuration, read_configuration
from journeys.errors import UsageError, name_nearest
from journeys.nightly import read_night
from journeys.pytest_plugin import Handover
from journeys.run import RunOptions, resolve

_EPILOG = """\
examples:
  journeys run                                      every journey on the web build
  journeys run new_avatar_reaches_every_surface     one journey by its name (see journeys list)
  journeys run -m p0 --headed                       those of priority P0, in a window to watch
  journeys run e2e -k removed                       those whose names match
  journeys run --target android --app app.apk       on an emulator or a phone that adb knows
  journeys run --cast alice=android,bob=web         Alice on Android, Bob in a browser, one journey
  journeys run --app-url https://app.example --backend-url https://api.example

Words after -- go to pytest as they are.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what `journeys run` takes."""
    parser.epilog = _EPILOG
    parser.add_argument("what", nargs="*", metavar="WHAT", help="journeys by name, or files and folders")
    parser.add_argument("-k", dest="expression", metavar="EXPR", help="only what matches, as in pytest")
    parser.add_argument("-m", dest="markers", metavar="MARK", help="only what is marked so: p0, p1, p2 ...")
    parser.add_argument(
        "--strict", action="store_true", help="a change that is late fails, however busy the machine was"
    )
    parser.add_argument("--baselines", metavar="DIR", help="where baselines of screens are kept")
    parser.add_argument(
        "--update-snapshots",
        action="store_true",
        help="write the baselines of screens that are new or differ",
    )
    parser.add_argument(
        "--snapshot-mode",
        choices=("local", "ci"),
        help="ci: a screen without a baseline fails (default: where CI is set)",
    )
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="run N at a time (default: 1)")
    add_surroundings(parser)


def add_surroundings(parser: argparse.ArgumentParser) -> None:
    """Say where journeys can be run, and where their results go."""
    parser.add_argument(
        "--target",
        action="append",
        metavar="NAME",
        help="where to run, may be repeated: web, android, ios or a name of targets.toml "
        "(default: the configuration's first)",
    )
    parser.add_argument(
        "--cast",
        action="append",
        metavar="CAST",
        help="who is played where: alice=android,bob=web, or a cast of targets.toml; may be repeated",
    )
    parser.add_argument(
        "--targets-file",
        metavar="FILE",
        type=Path,
        help="a nightly.toml: its targets and casts, too",
    )
    parser.add_argument("--app", metavar="FILE", help="the app to install on the device: an .apk or .ipa")
    parser.add_argument(
        "--device",
        action="append",
        metavar="ID",
        help="a device to use, as adb or Xcode names it; may be repeated (default: all that are found)",
    )
    parser.add_argument("--appium-url", metavar="URL", help="an Appium server that runs already")
    parser.add_argument("--headed", action="store_true", help="show the browser")
    parser.add_argument("--output", metavar="DIR", help="where results go (default: test-results)")
    add_addresses(parser)


def call(arguments: argparse.Namespace) -> int:
    """Run what was asked for and return the exit code."""
    if arguments.workers < 1:
        raise UsageError(f"--workers {arguments.workers}: at least 1 is needed")
    words = ["-n", str(arguments.workers)] if arguments.workers > 1 else []
    return play(arguments, arguments.what, words)


def play(
    arguments: argparse.Namespace, what: list[str], words: list[str], *, collected: list[str] | None = None
) -> int:
    """Run journeys through pytest and return the exit code.

    `arguments` are those of `add_surroundings` and some of `add_arguments`, `what` names of journeys and
    paths; `words` are for pytest. `collected` are files and folders in the place of the configured ones.
    """
    configuration = read_configuration(Path.cwd())
    # For pathlib, a word that is too long to be a file's name is an error.
    paths = [word for word in what if os.path.exists(word.partition("::")[0])]  # noqa: PTH110 - see above
    file = arguments.targets_file
    collected = collected or configured_paths(
        configuration, () if file is None else read_night(file, configuration).journeys
    )
    spec = resolve(
        _options(arguments, [word for word in what if word not in paths]),
        Path.cwd(),
        sources=map(Path, collected),
        prefix="--",
    )
    if not paths:
        require_paths(collected)
    markers, expression = getattr(arguments, "markers", None), getattr(arguments, "expression", None)
    for option, value in (("-m", markers), ("-k", expression)):
        words += [] if value is None else [option, value]
    # In one word: a value may begin with a dash.
    words += [] if arguments.output is None else [f"--output={arguments.output}"]
    words += ["--headed"] * arguments.headed
    handover = Handover(spec)
    # Where pytest-playwright is installed besides, for older tests, the two editions refuse each other.
    command = [
        ALREADY_IMPORTED,
        "-p",
        "no:playwright",
        *words,
        *arguments.more,
        *(paths or collected),
    ]
    code = int(pytest.main(command, plugins=[handover]))
    if handover.problem:
        raise UsageError(handover.problem)
    if code == pytest.ExitCode.NO_TESTS_COLLECTED:
        raise UsageError(_describe_no_match(what, expression, markers, configuration))
    return exit_code_from_pytest(code, interrupted=handover.is_interrupted)


def _options(arguments: argparse.Namespace, journeys: list[str]) -> RunOptions:
    file = arguments.targets_file
    return RunOptions(
        journeys=tuple(journeys),
        targets=tuple(arguments.target or ()),
        casts=tuple(arguments.cast or ()),
        targets_file=None if file is None else str(file),
        app=arguments.app,
        devices=tuple(arguments.device or ()),
        appium_url=arguments.appium_url,
        app_url=arguments.app_url,
        backend_url=arguments.backend_url,
        repeat=getattr(arguments, "repeat", None),
        observers=getattr(arguments, "observers", None),
        output=arguments.output,
        baselines=getattr(arguments, "baselines", None),
        update_snapshots=getattr(arguments, "update_snapshots", False),
        snapshot_mode=getattr(arguments, "snapshot_mode", None),
        console=True,
        chaos=getattr(arguments, "chaos", False),
        strict=getattr(arguments, "strict", False),
        debug=arguments.debug,
    )


def _describe_no_match(
    what: list[str], expression: str | None, markers: str | None, configuration: Configuration
) -> str:
    asked = [*what]
    asked += [f"-k {expression!r}"] if expression else []
    asked += [f"-m {markers!r}"] if markers else []
    hint = "journeys list shows what there is"
    if expression:
        hint = name_nearest(expression, [each.id for each in collect_journeys(configuration, [])])
    return f"nothing to run: no journey matches {' '.join(asked) or 'at all'}: {hint}"
