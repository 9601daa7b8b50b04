"""The plugin's options and markers, and which parts of it a session needs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from journeys.configuration import Configuration, read_configuration
from journeys.errors import JourneysError, UsageError
from journeys.measuring import check_observers, check_repeat
from journeys.output import resolve_output
from journeys.pytest_plugin import browser, evidence
from journeys.pytest_plugin.cells import NIGHT, STORE, Cell, end_with_the_night, read_cells
from journeys.pytest_plugin.results import Results
from journeys.pytest_plugin.session import JUNIT, SESSION, JourneySession
from journeys.pytest_plugin.xdist import XdistGlue
from journeys.snapshots import SnapshotMode, SnapshotSettings
from journeys.targets import Casting, Overrides, Provider, casting_named, castings, read_targets

_MARKERS = (
    "journey: drives an app through a journey",
    "p0: priority 0, nothing is released without it",
    "p1: priority 1",
    "p2: priority 2",
)
# The asynchronous edition's names, as an entry point and as a module: to the other one's fixtures, for older
# tests in a project with journeys, nothing is added.
_PLAYWRIGHT = ("playwright-asyncio", "pytest_playwright_asyncio.pytest_playwright")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options; browsers, traces, videos and `--output` are pytest-playwright's."""
    group = parser.getgroup("journeys", "journeys through a Flutter app")
    group.addoption(
        "--journey",
        action="append",
        metavar="NAME",
        help="run the journey of this name and no other, may be repeated",
    )
    group.addoption(
        "--journey-target",
        action="append",
        metavar="NAME",
        help="run journeys on this target, may be repeated (default: the configuration's first)",
    )
    group.addoption(
        "--journey-cast",
        action="append",
        metavar="CAST",
        help="who is played where: alice=android,bob=web, or a cast of targets.toml; may be repeated",
    )
    group.addoption(
        "--journey-targets",
        metavar="FILE",
        help="a nightly.toml: its targets and casts are there besides those of targets.toml",
    )
    group.addoption(
        "--journey-cells",
        metavar="FILE",
        help="play just the journeys on the castings that this file of the nightly job lists, in its order",
    )
    group.addoption(
        "--journey-listing",
        metavar="FILE",
        help="with --collect-only: write the journeys that were collected into this file",
    )
    group.addoption("--journey-app", metavar="FILE", help="the app to install on the device: an .apk or .ipa")
    group.addoption(
        "--journey-device",
        action="append",
        metavar="ID",
        help="a device to use, as adb or Xcode names it; may be repeated (default: all that are found)",
    )
    group.addoption("--appium-url", metavar="URL", help="an Appium server that runs already")
    group.addoption("--app-url", metavar="URL", help="a Flutter web build that runs elsewhere")
    group.addoption("--backend-url", metavar="URL", help="a backend that runs elsewhere")
    group.addoption(
        "--journey-console", action="store_true", help="print journeys as they run, in place of pytest's dots"
    )
    group.addoption(
        "--journey-repeat",
        type=int,
        metavar="N",
        help="run each journey N times and report how its latencies are distributed",
    )
    group.addoption(
        "--journey-observers",
        type=int,
        metavar="N",
        help="how many people look on, in journeys that take `observers` (default: 2)",
    )
    group.addoption(
        "--baselines", metavar="DIR", help="where baselines of screens are kept (default: e2e/baselines)"
    )
    group.addoption(
        "--update-snapshots",
        action="store_true",
        help="write the baselines of screens that are new or differ, instead of failing",
    )
    group.addoption(
        "--snapshot-mode",
        choices=[mode.value for mode in SnapshotMode],
        help="ci: a screen without a baseline fails; local: it is told as new (default: ci where CI is set)",
    )
    group.addoption("--journey-debug", action="store_true", help="print all of a failed journey's traceback")


# First of all: pytest's own JUnit report looks for its path when it is configured.
@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Read the configuration and register what this session needs."""
    for marker in _MARKERS:
        config.addinivalue_line("markers", marker)
    try:
        configuration = read_configuration(config.rootpath)
        overrides = Overrides(
            app=config.getoption("--journey-app"),
            devices=tuple(config.getoption("--journey-device") or ()),
            appium_url=config.getoption("--appium-url"),
        )
        cells = _cells(config)
        wanted = _wanted(config, configuration, overrides, cells)
        overrides.check_used(target for casting in wanted for target in casting.targets)
        given = configuration.given(
            app_url=config.getoption("--app-url"), backend_url=config.getoption("--backend-url")
        )
        repeat, observers = _repeat(config), _observers(config)
        results = _results(config, configuration)
    except JourneysError as error:
        raise pytest.UsageError(str(error)) from error
    session = JourneySession(
        config=config,
        configuration=configuration,
        castings=wanted,
        given=given,
        results=results,
        repeat=repeat,
        observers=observers,
        screens=_screens(config, configuration, results),
        cells=cells,
        store=os.environ.get(STORE, ""),
    )
    config.stash[SESSION] = session
    config.add_cleanup(session.stop_servers)
    config.pluginmanager.register(evidence, "journeys-evidence")
    if session.concerned and any(map(config.pluginmanager.has_plugin, _PLAYWRIGHT)):
        config.pluginmanager.register(browser, "journeys-browser")
    if config.pluginmanager.hasplugin("xdist"):
        config.pluginmanager.register(XdistGlue(session), "journeys-xdist")
    if not session.is_worker:
        config.pluginmanager.register(Results(session), "journeys-results")
    if not session.is_worker and os.environ.get(NIGHT):
        end_with_the_night(int(os.environ[NIGHT]))
    _write_junit(config, session)
    if config.getoption("--journey-console") and not session.is_worker:
        session.use_console()


def _write_junit(config: pytest.Config, session: JourneySession) -> None:
    """Have pytest write junit.xml among the results where journeys are asked for, unless it has another."""
    options = ("--journey-target", "--journey-cast", "--journey-cells")
    if config.option.xmlpath or session.is_worker or not any(map(config.getoption, options)):
        return
    if not config.getoption("collectonly"):
        try:
            session.output.claim(JUNIT)
        except JourneysError as error:
            raise pytest.UsageError(str(error)) from error
        config.option.xmlpath = str(session.results / JUNIT)
        session.writes_junit = True


def _results(config: pytest.Config, configuration: Configuration) -> Path:
    """Return the folder for results, which pytest-playwright is told of, too."""
    named = config.getoption("--output", "test-results")
    run = [Path(config.invocation_params.dir, str(word).partition("::")[0]) for word in config.args]
    collected = [configuration.root / path for path in configuration.paths]
    results = resolve_output(named, sources=(config.rootpath, configuration.root, *run, *collected))
    config.option.output = str(results)
    return results


def _cells(config: pytest.Config) -> tuple[Cell, ...] | None:
    file = config.getoption("--journey-cells")
    return None if file is None else read_cells(Path(file))


def _wanted(
    config: pytest.Config,
    configuration: Configuration,
    overrides: Overrides,
    cells: tuple[Cell, ...] | None,
) -> tuple[Casting, ...]:
    """Return the castings asked for: by name, as casts, or as those of cells."""
    file = config.getoption("--journey-targets")
    targets = overrides.applied(
        read_targets(configuration, None if file is None else Path(file), providers=_providers)
    )
    names, casts = config.getoption("--journey-target"), config.getoption("--journey-cast")
    if cells is not None:
        if names or casts:
            raise UsageError("--journey-cells says on what journeys are played: leave out the others")
        return tuple(casting_named(targets, name) for name in dict.fromkeys(cell.casting for cell in cells))
    return castings(
        targets,
        names=names or (),
        casts=casts or (),
        default=configuration.targets[0] if configuration.targets else "web",
    )


def _repeat(config: pytest.Config) -> int | None:
    repeat: int | None = config.getoption("--journey-repeat")
    if repeat is None:
        return None
    check_repeat(repeat, option="--journey-repeat")
    if config.getoption("numprocesses", None):
        raise UsageError(
            "--journey-repeat measures, and runs side by side would slow each other: leave out -n"
        )
    return repeat


def _observers(config: pytest.Config) -> int | None:
    observers: int | None = config.getoption("--journey-observers")
    if observers is not None:
        check_observers(observers, option="--journey-observers")
    return observers


def _screens(config: pytest.Config, configuration: Configuration, results: Path) -> SnapshotSettings:
    mode = config.getoption("--snapshot-mode") or ("ci" if os.environ.get("CI") else "local")
    named = config.getoption("--baselines")
    baselines = Path(named).absolute() if named else configuration.baselines_folder
    if baselines.resolve().is_relative_to(results):
        # Screens' results are cleared before each run.
        raise pytest.UsageError(f"--baselines {baselines}: that is in the folder for results; name another")
    return SnapshotSettings(
        baselines=baselines,
        results=results / "screens",
        mode=SnapshotMode(mode),
        update=config.getoption("--update-snapshots"),
    )


def _providers() -> Mapping[str, Provider]:
    from journeys.devices.providers import PROVIDERS  # noqa: PLC0415 - costly, and most targets need none

    return PROVIDERS
