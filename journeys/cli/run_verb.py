"""`journeys run`: run journeys through pytest, the one runner underneath."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from journeys.cli.addresses import add_addresses
from journeys.cli.catalogue import catalogue, check_journey
from journeys.cli.exits import from_pytest
from journeys.configuration import Configuration, read_configuration
from journeys.errors import SetupError, UsageError, nearest
from journeys.output import resolve_output
from journeys.targets import Overrides, Provider, castings, read_targets

if TYPE_CHECKING:
    import pytest

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

# Pytest would rewrite the plugin's assertions, and warns that this very command has imported it already.
_ALREADY_IMPORTED = "-Wignore:Module already imported:pytest.PytestAssertRewriteWarning"

_JOURNEY = re.compile(r"^@journey\(.*?^async def (\w+)\(", re.MULTILINE | re.DOTALL)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what `journeys run` takes."""
    parser.epilog = _EPILOG
    parser.add_argument("what", nargs="*", metavar="WHAT", help="journeys by name, or files and folders")
    parser.add_argument("-k", dest="expression", metavar="EXPR", help="only what matches, as in pytest")
    parser.add_argument("-m", dest="markers", metavar="MARK", help="only what is marked so: p0, p1, p2 ...")
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
    options = _option("-m", arguments.markers)
    options += ["-n", str(arguments.workers)] if arguments.workers > 1 else []
    options += _option("--baselines", arguments.baselines)
    options += _option("--snapshot-mode", arguments.snapshot_mode)
    options += ["--update-snapshots"] * arguments.update_snapshots
    return play(arguments, arguments.what, options, expression=arguments.expression)


def play(
    arguments: argparse.Namespace, words: list[str], more: list[str], *, expression: str | None = None
) -> int:
    """Run journeys through pytest and return the exit code.

    `arguments` are those of `add_surroundings`, `words` names of journeys and paths; `more` are options for
    pytest, and `expression` is what the journeys must match besides.
    """
    configuration = read_configuration(Path.cwd())
    # Said here too, before pytest gets going.
    overrides = Overrides(
        app=arguments.app, devices=tuple(arguments.device or ()), appium_url=arguments.appium_url
    )
    wanted = castings(
        overrides.applied(read_targets(configuration, arguments.targets_file, providers=_providers)),
        names=arguments.target or (),
        casts=arguments.cast or (),
        default=configuration.targets[0] if configuration.targets else "web",
    )
    overrides.check_used(target for casting in wanted for target in casting.targets)
    configuration.given(app_url=arguments.app_url, backend_url=arguments.backend_url)
    collected = _collected(configuration, arguments.targets_file)
    if arguments.output is not None:
        resolve_output(arguments.output, sources=(configuration.root, *map(Path, collected)))
    paths, picked = _selection(words, configuration, collected)

    # Where pytest-playwright is installed besides, for older tests, the two editions refuse each other.
    options = [_ALREADY_IMPORTED, "--journey-console", "-p", "no:playwright"]
    names = arguments.target or ([] if arguments.cast else [wanted[0].name])
    options += [f"--journey-target={name}" for name in names]
    options += [f"--journey-cast={cast}" for cast in arguments.cast or ()]
    options += _option("--journey-targets", arguments.targets_file and str(arguments.targets_file))
    options += [f"--journey-device={device}" for device in arguments.device or ()]
    options += _option("--journey-app", arguments.app) + _option("--appium-url", arguments.appium_url)
    options += _option("--app-url", arguments.app_url) + _option("--backend-url", arguments.backend_url)
    options += [f"--journey={name}" for name in picked]
    options += _option("-k", expression) + _option("--output", arguments.output) + more
    options += ["--headed"] * arguments.headed + ["--journey-debug"] * arguments.debug

    import pytest  # noqa: PLC0415 - takes its time, and a wrong command line needs none of it

    interruptions = _Interruptions()
    code = int(pytest.main([*options, *arguments.more, *paths], plugins=[interruptions]))
    if code == pytest.ExitCode.NO_TESTS_COLLECTED:
        markers = getattr(arguments, "markers", None)
        raise UsageError(_nothing(words, expression, markers, configuration))
    return from_pytest(code, interrupted=interruptions.seen)


class _Interruptions:
    """A plugin that tells Ctrl-C from a session ended on purpose, which pytest's exit code doesn't."""

    seen = False

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        self.seen = excinfo.type is KeyboardInterrupt


def _collected(configuration: Configuration, targets_file: Path | None) -> list[str]:
    """Return what pytest collects: what a nightly job names, else the configuration's paths."""
    named: tuple[str, ...] = ()
    if targets_file is not None:
        from journeys.nightly.job import read_night  # noqa: PLC0415 - only for a nightly job

        named = read_night(targets_file, configuration).journeys
    return [str(configuration.root / path) for path in named or configuration.paths]


def _defined(paths: list[str]) -> list[str]:
    """Return the journeys that stand in what pytest collects, which no module need register."""
    found = [Path(path.partition("::")[0]) for path in paths]
    files = [file for path in found for file in (path.rglob("*.py") if path.is_dir() else (path,))]
    return [
        name
        for file in files
        if file.is_file()
        for name in _JOURNEY.findall(file.read_text(encoding="utf-8", errors="replace"))
    ]


def _selection(
    words: list[str], configuration: Configuration, collected: list[str]
) -> tuple[list[str], list[str]]:
    """Tell files from journeys: give the paths for pytest, and the journeys' names."""
    # For pathlib, a word that is too long to be a file's name is an error.
    paths = [word for word in words if os.path.exists(word.partition("::")[0])]  # noqa: PTH110
    names = [word for word in words if word not in paths]
    if names:
        known = [*(each.id for each in catalogue(configuration)), *_defined(paths or collected)]
        for name in names:
            check_journey(name, known)
    if not paths:
        paths = collected
        for path in paths:
            if not Path(path).exists():
                raise SetupError(f"{path} is not there: make it, or set [tool.journeys] paths")
    return paths, names


def _option(name: str, value: str | None) -> list[str]:
    # In one word: a value may begin with a dash.
    if value is None:
        return []
    return [f"{name}={value}"] if name.startswith("--") else [name, value]


def _nothing(
    words: list[str], expression: str | None, markers: str | None, configuration: Configuration
) -> str:
    said = [f"-k {expression!r}"] if expression else []
    said += [f"-m {markers!r}"] if markers else []
    said = [*words, *said]
    if expression:
        hint = nearest(expression, [each.id for each in catalogue(configuration)])
    else:
        hint = "journeys list shows what there is"
    return f"nothing to run: no journey matches {' '.join(said) or 'at all'}: {hint}"


def _providers() -> Mapping[str, Provider]:
    from journeys.devices.providers import PROVIDERS  # noqa: PLC0415 - costly, and most targets need none

    return PROVIDERS
