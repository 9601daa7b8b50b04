"""A session that is about journeys: the run it plays, what that is played against, what came of it."""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn, TypedDict

import pytest

from flutter_bridge import now
from journeys.errors import JourneysError, UsageError
from journeys.pytest_plugin.attempts import RESULTS, plays_tests
from journeys.pytest_plugin.options import SPEC_FOR_WORKERS, handover_of, register_part
from journeys.redaction import redact
from journeys.report import ConsoleReport, JourneyRecord, Run
from journeys.run import RunEnvironment, RunSpec, encode_spec
from journeys.standard_streams import make_printable

# The asynchronous edition's names, as an entry point and as a module: to the other one's fixtures, for older
# tests in a project with journeys, nothing is added.
_PLAYWRIGHT = ("playwright-asyncio", "pytest_playwright_asyncio.pytest_playwright")
_MISSING = "journeys_missing"


PASSED, FAILED, SETUP, INFRASTRUCTURE = 0, 1, 2, 3
"""What a session ends with."""


class Ending(TypedDict):
    """What a report has of a journey's end: its record, and what only the session has to know.

    `run` counts the journey's repeated runs from 1; `evidence` is the attempt's folder among the results.
    """

    record: JourneyRecord
    run: int
    exit_codes: list[int]
    devices: list[str]
    evidence: str


@dataclass
class Outcomes:
    """What became of the journeys of a session.

    `is_wanted` says that journeys were to run, and so that there is something to report; `cut_short` why the
    session ended before they all had. `exit_codes` are those of what went wrong beside the journeys.
    """

    exit_codes: set[int] = field(default_factory=set)
    is_wanted: bool = False
    cut_short: str = ""
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    started: float = field(default_factory=now)
    _ended: dict[tuple[str, str, int], tuple[JourneyRecord, set[int]]] = field(default_factory=dict)

    def add(self, ending: Ending) -> None:
        """Keep how a run ended.

        What is said last replaces what was said, of an attempt or of a failure around it.
        """
        record = ending["record"]
        key = (record["id"], record["casting"], ending["run"])
        earlier, codes = self._ended.pop(key, (None, set[int]()))
        same = earlier is not None and earlier.get("attempt") == record.get("attempt")
        self._ended[key] = record, {*ending["exit_codes"], *(codes if same else ())}

    @property
    def runs(self) -> list[Run]:
        """All runs that ended, in that order."""
        return [Run(number, record) for (_, _, number), (record, _) in self._ended.items()]

    @property
    def records(self) -> list[JourneyRecord]:
        """Their records."""
        return [record for record, _ in self._ended.values()]

    @property
    def exit_code(self) -> int:
        """The gravest of all that went wrong, of attempts at a run only in the last one."""
        codes = self.exit_codes.union(*(codes for _, codes in self._ended.values()))
        # A failed journey is news even where another one met a broken server; set-up errors explain the rest.
        return next((code for code in (SETUP, FAILED, INFRASTRUCTURE) if code in codes), FAILED)


SESSION: pytest.StashKey[JourneySession] = pytest.StashKey()
"""Where a session that is about journeys keeps what it has for them."""


def pytest_configure(config: pytest.Config) -> None:
    """Open the session, and register what else only a session with journeys needs."""
    session = config.stash[SESSION] = JourneySession(config, config.stash[RESULTS].spec)
    config.add_cleanup(session.environment.stop)
    plugins = config.pluginmanager
    if plugins.hasplugin("xdist"):
        plugins.register(_Workers(session), "journeys-workers")
    # What is registered last is asked first: the console silences pytest before workers end a session.
    for part in ("collection", "fixtures", "reports", "replays", "device_traces", "results"):
        register_part(config, part)
    if session.is_configured and any(map(plugins.has_plugin, _PLAYWRIGHT)):
        register_part(config, "browser")
    # pytest-html's and Allure's, where they were told to write.
    if config.getoption("htmlpath", None) or config.getoption("allure_report_dir", None):
        register_part(config, "third_party_reports")
    if not session.is_worker and session.spec.nightly is not None:
        _end_with_nightly_run(session.spec.nightly.lifeline)


class JourneySession:
    """One session's run, kept in `config.stash[SESSION]`.

    `environment` are its servers and devices, `folder` is where results go, `outcomes` what became of its
    journeys, `console` prints them where pytest's own report is not wanted.
    """

    def __init__(self, config: pytest.Config, spec: RunSpec) -> None:
        self.config = config
        self.spec = spec
        self.handover = handover_of(config)
        self.is_worker = hasattr(config, "workerinput")
        self.is_configured = spec.is_concerned or self.handover is not None
        self.folder = config.stash[RESULTS]
        self.outcomes = Outcomes()
        self.environment = self._environment()
        self.console: ConsoleReport | None = None
        if spec.options.console and not self.is_worker:
            self.console = _open_console(config)

    def _environment(self) -> RunEnvironment:
        nightly = self.spec.nightly
        holder = str(os.getpid()) if nightly is None else nightly.holder
        if not self.is_worker:
            workers = self.config.getoption("numprocesses", None) or len(self.config.getoption("tx", ()))
            return RunEnvironment(self.spec, workers=max(1, workers), holder=holder)
        given: dict[str, Any] = self.config.workerinput  # type: ignore[attr-defined]  # xdist adds it
        name: str = given["workerid"]
        return RunEnvironment(
            self.spec,
            workers=given["workercount"],
            worker=int(name.removeprefix("gw")),
            holder=f"{holder} {name}",
        )

    def start(self) -> None:
        """Make the results folder ready, and start what the journeys run against.

        Ends the session, with the exit code the failure calls for, where that can't be done.
        """
        try:
            self.folder.open()
        except pytest.exit.Exception:
            self.outcomes.is_wanted = False  # there is nowhere to report it
            raise
        self.start_environment()

    def start_environment(self) -> None:
        """Start what the journeys run against, unless that has been done; ends the session where it can't."""
        try:
            self.environment.start()
        except JourneysError as error:
            self.end(error)

    def address_of(self, name: str) -> str:
        """Return where a server is; ends the session where it is neither configured nor given."""
        try:
            return self.environment.address_of(name)
        except UsageError as error:
            self.end(error)

    def end(self, error: JourneysError) -> NoReturn:
        """End the session by an error, with its exit code."""
        self.outcomes.exit_codes.add(error.exit_code)
        pytest.exit(redact(str(error)), returncode=error.exit_code)

    def refuse_journey(self, name: str, hint: str) -> None:
        """End the session for a journey that isn't there; of a worker's, the first process hears."""
        if self.is_worker:
            self.config.workeroutput[_MISSING] = name, hint  # type: ignore[attr-defined]  # xdist adds it
        elif self.handover is not None:
            self.handover.problem = f"no file and no journey is called {name!r}: {hint}"
            raise pytest.UsageError  # what it is, the command says
        else:
            raise pytest.UsageError(f"--journey {name}: no journey is called so: {hint}")

    def say_started(self, count: int | None) -> None:
        """Print what is about to run, where and against what; `count` is None where that isn't known yet."""
        if self.console is not None:
            environment = self.environment
            played = environment.redacted_addresses() | environment.apps
            self.console.print_start(played, self.spec.casting_names, count)
            for line in environment.describe_stand_ins():
                self.console.print_line(line, style="yellow")


class _Workers:
    """Hooks of pytest-xdist: what is started is started once, and its workers are told of it."""

    def __init__(self, session: JourneySession) -> None:
        self._session = session
        self._missing: tuple[str, str] | None = None

    # Before pytest-xdist starts its workers, which it does last of all.
    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Start the servers for all workers."""
        session, config = self._session, self._session.config
        if session.is_worker or config.getoption("dist", "no") == "no" or not plays_tests(config):
            return
        if _is_to_play_journeys(session):
            session.outcomes.is_wanted = True
            # Here, for each worker would clear away what the others have already saved.
            session.start()
            session.say_started(None)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Hand the run on to a worker."""
        node.workerinput[SPEC_FOR_WORKERS] = encode_spec(self._session.environment.spec_for_workers())

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Hear of a journey that a worker could not find."""
        self._missing = getattr(node, "workeroutput", {}).get(_MISSING, self._missing)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Refuse what no worker has found."""
        if self._missing is not None:
            session.exitstatus = pytest.ExitCode.USAGE_ERROR
            try:
                self._session.refuse_journey(*self._missing)
            except pytest.UsageError as error:
                sys.stderr.writelines(f"ERROR: {line}\n" for line in error.args)


def _is_to_play_journeys(session: JourneySession) -> bool:
    """Guess, before anything is collected, by the options and the folders asked for."""
    spec, config = session.spec, session.config
    if spec.names_castings or session.handover is not None or not session.is_configured:
        return session.is_configured
    folders = [spec.configuration.root / path for path in spec.configuration.paths]
    asked = [Path(config.invocation_params.dir, str(arg).partition("::")[0]) for arg in config.args]
    return any(
        path.is_relative_to(folder) or folder.is_relative_to(path) for path in asked for folder in folders
    )


def _end_with_nightly_run(lifeline: int) -> None:
    """End this session as Ctrl-C does once the nightly run has gone, however it went; SIGTERM does so, too.

    A job that a shell started in the background is deaf to Ctrl-C, and so were all it starts.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)

    def wait() -> None:
        if not os.read(lifeline, 1):
            os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=wait, name="until-the-nightly-run-ends", daemon=True).start()


def _open_console(config: pytest.Config) -> ConsoleReport:
    """Return what prints journeys as they run, in the place of pytest's own report."""
    make_printable()

    def suspend_capture() -> AbstractContextManager[None]:
        capture = config.pluginmanager.getplugin("capturemanager")
        if capture is None:
            return nullcontext()
        opened: AbstractContextManager[None] = capture.global_and_fixture_disabled()
        return opened

    return ConsoleReport(uncaptured=suspend_capture)
