"""The plugin's options and markers, the run they ask for, and whether a session is about journeys at all."""

from __future__ import annotations

import os
import shlex
from collections.abc import Generator
from importlib import import_module
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

from journeys.configuration import Configuration, read_configuration
from journeys.errors import JourneysError, UsageError
from journeys.journey import journey_of
from journeys.pytest_plugin import attempts
from journeys.pytest_plugin.project_settings import ProjectSettings
from journeys.redaction import know, redact_streams, secrets_in, secrets_in_words
from journeys.run import DEFAULT_OUTPUT, RunOptions, RunSpec, decode_spec, resolve, take_spec
from journeys.snapshots import SnapshotMode

RESULTS_PLUGIN = "journeys-collected-results"
"""The name of the plugin that hears of journeys' ends."""

SPEC_FOR_WORKERS = "journeys_spec"
"""Where pytest-xdist's workers find the run that the session's first process resolved."""

ENDING = "journey_ending"
"""Which attribute of a report says how a journey ended."""

_FIXTURES = frozenset(
    {
        *("cast", "pictures", "timeline", "observers", "stage_for"),
        *("journey_backend", "journey_devices", "journey_photographs", "journey_target"),
    }
)
"""The fixtures of journeys, which a plain test may ask for as well."""

_MARKERS = (
    "journey: drives an app through a journey",
    "p0: priority 0, nothing is released without it",
    "p1: priority 1",
    "p2: priority 2",
    "tdd_red: written first and seen to fail (phase of the team's process)",
    "tdd_green: made to pass by the simplest true code (phase of the team's process)",
    "tdd_refactor: guards behaviour while the code is reshaped (phase of the team's process)",
)
_SECRET_OPTIONS = ("--journey", "--app-url", "--backend-url", "--appium-url")


class Handover:
    """A plugin by which the `journeys` command hands a run on to the session it starts.

    `problem` is what is wrong with the run where only the session could find it out: the command says so.
    `is_interrupted` tells Ctrl-C from a session ended on purpose, which pytest's exit code doesn't.
    """

    def __init__(self, spec: RunSpec) -> None:
        self.spec = spec
        self.problem = ""
        self.is_interrupted = False

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Note Ctrl-C."""
        self.is_interrupted = excinfo.type is KeyboardInterrupt


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Add the options; browsers, traces, videos and `--output` are pytest-playwright's."""
    ProjectSettings.register(parser, pluginmanager)
    group = parser.getgroup("journeys", "journeys through a Flutter app")

    def add(option: str, help_: str, **how: Any) -> None:
        group.addoption(option, help=help_, **how)

    several: dict[str, Any] = {"action": "append", "default": []}
    flag: dict[str, Any] = {"action": "store_true"}
    number: dict[str, Any] = {"type": int, "metavar": "N"}
    add("--journey", "run the journey of this name and no other, may be repeated", metavar="NAME", **several)
    add(
        "--journey-target",
        "run journeys on this target, may be repeated (default: the configuration's first)",
        metavar="NAME",
        **several,
    )
    add(
        "--journey-cast",
        "who is played where: alice=android,bob=web, or a cast of targets.toml; may be repeated",
        metavar="CAST",
        **several,
    )
    add(
        "--journey-targets",
        "a nightly.toml: its targets and casts are there besides those of targets.toml",
        metavar="FILE",
    )
    add("--journey-app", "the app to install on the device: an .apk or .ipa", metavar="FILE")
    add(
        "--journey-device",
        "a device to use, as adb or Xcode names it; may be repeated (default: all that are found)",
        metavar="ID",
        **several,
    )
    add("--appium-url", "an Appium server that runs already", metavar="URL")
    add("--app-url", "a Flutter web build that runs elsewhere", metavar="URL")
    add("--backend-url", "a backend that runs elsewhere", metavar="URL")
    add("--journey-console", "print journeys as they run, in place of pytest's dots", **flag)
    add(
        "--journey-repeat",
        "run each journey N times and report how its latencies are distributed",
        **number,
    )
    add(
        "--journey-observers",
        "how many people look on, in journeys that take `observers` (default: 2)",
        **number,
    )
    add("--baselines", "where baselines of screens are kept (default: e2e/baselines)", metavar="DIR")
    add(
        "--update-snapshots",
        "write the baselines of screens that are new or differ, instead of failing",
        **flag,
    )
    add(
        "--snapshot-mode",
        "ci: a screen without a baseline fails; local: it is told as new (default: ci where CI is set)",
        choices=[mode.value for mode in SnapshotMode],
    )
    add("--journey-strict", "a change that is late fails, however busy the machine was", **flag)
    add("--journey-debug", "print all of a failed journey's traceback", **flag)
    add(
        "--journey-listing",
        "with --collect-only: write the journeys that were collected into this file",
        metavar="FILE",
    )
    add(
        "--journey-spec",
        "play the run that `journeys farm run` has written into this file, which is removed",
        metavar="FILE",
    )


def options_of(config: pytest.Config) -> RunOptions:
    """Return what pytest's own options ask for."""
    asked = config.getoption
    output = asked("--output", DEFAULT_OUTPUT)
    return RunOptions(
        journeys=tuple(asked("--journey")),
        targets=tuple(asked("--journey-target")),
        casts=tuple(asked("--journey-cast")),
        targets_file=asked("--journey-targets"),
        app=asked("--journey-app"),
        devices=tuple(asked("--journey-device")),
        appium_url=asked("--appium-url"),
        app_url=asked("--app-url"),
        backend_url=asked("--backend-url"),
        repeat=asked("--journey-repeat"),
        observers=asked("--journey-observers"),
        output=None if output == DEFAULT_OUTPUT else output,
        baselines=asked("--baselines"),
        update_snapshots=asked("--update-snapshots"),
        snapshot_mode=asked("--snapshot-mode"),
        console=asked("--journey-console"),
        strict=asked("--journey-strict"),
        debug=asked("--journey-debug"),
    )


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> Generator[None]:
    """Learn what is secret, and have nothing of it printed, before anything else may print it.

    Only where it is about journeys, and until the process ends: pytest complains of a wrong option, in which
    a password may stand, when all else is over.
    """
    words = [*early_config.invocation_params.args, *args, *_read_added_words()]
    configuration = _find_configuration(early_config)
    if configuration is not None or any(word.startswith(_SECRET_OPTIONS) for word in words):
        know(secrets_in_words(words))
        for server in configuration.servers if configuration is not None else ():
            know({*secrets_in(server.env), *secrets_in_words(server.command)})
        redact_streams()
    yield


# First of all: pytest's own JUnit report looks for its path when it is configured.
@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Resolve the run, and register what this session needs."""
    for marker in _MARKERS:
        config.addinivalue_line("markers", marker)
    handover = handover_of(config)
    try:
        spec = _resolve(config, handover)
        config.option.output = str(spec.results)  # which is pytest-playwright's
        config.stash[attempts.RESULTS] = results = attempts.ResultsFolder(config, spec)
        config.pluginmanager.register(attempts, "journeys-attempts")
        if spec.names_castings or handover is not None:
            results.claim_junit()
        if spec.is_concerned or handover is not None:
            ProjectSettings.of(config).complete(config)
            activate(config)
        elif config.getoption("dist", "no") != "no":
            config.pluginmanager.register(_FirstJourney(config), "journeys-first")
    except JourneysError as error:
        raise pytest.UsageError(str(error)) from error


# Before pytest-asyncio, which goes by the marks.
@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(collector: pytest.Collector, obj: object) -> None:
    """Have pytest-asyncio run a journey in the loop its fixtures live in, whatever the project's settings."""
    if journey_of(obj) is not None:
        activate(collector.config)
        marks = list(getattr(obj, "pytestmark", ()))
        if not any(mark.name == "asyncio" for mark in marks):
            obj.pytestmark = [*marks, pytest.mark.asyncio(loop_scope="session").mark]  # type: ignore[attr-defined]  # a function takes it
    elif isinstance(obj, FunctionType) and not _FIXTURES.isdisjoint(obj.__code__.co_varnames):
        activate(collector.config)


def activate(config: pytest.Config) -> None:
    """Import and register what plays journeys, which most sessions don't."""
    register_part(config, "session")


def register_part(config: pytest.Config, part: str) -> None:
    """Register one of this package's modules as a plugin, once; pytest then has it configure itself."""
    name = f"journeys-{part}"
    if not config.pluginmanager.has_plugin(name):
        config.pluginmanager.register(import_module(f"journeys.pytest_plugin.{part}"), name)


class _FirstJourney:
    """Waits in a plain session's first process for a journey that one of its workers has come across."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if hasattr(report, ENDING):
            self._config.pluginmanager.unregister(self)
            activate(self._config)
            results: Any = self._config.pluginmanager.get_plugin(RESULTS_PLUGIN)
            results.pytest_runtest_logreport(report)


def handover_of(config: pytest.Config) -> Handover | None:
    """Return what the `journeys` command has handed on, where it started the session."""
    return next((each for each in config.pluginmanager.get_plugins() if isinstance(each, Handover)), None)


def _resolve(config: pytest.Config, handover: Handover | None) -> RunSpec:
    """Return the run: as it was handed on, or else as pytest's own options ask for it."""
    if SPEC_FOR_WORKERS in (worker := getattr(config, "workerinput", {})):
        return decode_spec(worker[SPEC_FOR_WORKERS])
    spec = handover.spec if handover is not None else None
    if file := config.getoption("--journey-spec"):
        spec = take_spec(Path(file))
    options = options_of(config)
    if spec is not None:
        # Words for pytest, and its own settings, may ask for more.
        options = spec.options.with_defaults_from(options)
    if options.repeat is not None and config.getoption("numprocesses", None):
        raise UsageError(
            "--journey-repeat measures, and runs side by side would slow each other: leave out -n"
        )
    if spec is not None and options == spec.options:
        return spec
    run = (Path(config.invocation_params.dir, str(word).partition("::")[0]) for word in config.args)
    return resolve(
        options,
        config.rootpath,
        sources=run,
        nightly=None if spec is None else spec.nightly,
    )


def _read_added_words() -> list[str]:
    try:
        return shlex.split(os.environ.get("PYTEST_ADDOPTS", ""))
    except ValueError:
        return []


def _find_configuration(config: pytest.Config) -> Configuration | None:
    """Return the project's configuration; None where it has none, or one that can't be read."""
    try:
        configuration = read_configuration(config.rootpath)
    except JourneysError:
        return None
    return None if configuration == Configuration(root=configuration.root) else configuration
