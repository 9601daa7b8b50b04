"""What becomes of a journey: its record goes with pytest's report, across workers, into every output."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from flutter_bridge import now
from journeys.journey import Journey, journey_of
from journeys.pytest_plugin.collection import TIMELINE
from journeys.pytest_plugin.session import SESSION, JourneySession
from journeys.report import JourneyRecord, properties_of, record_of, write_json
from journeys.runner import exit_code_of, first_cause, status_of, told
from journeys.timeline import JourneyEnded, JourneyStarted, Timeline

_RECORD = "journey_record"
_EXIT_CODE = "journey_exit_code"
_PASSED, _FAILED, _SETUP, _INFRASTRUCTURE = 0, 1, 2, 3


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Attach the journey's record to the report of the phase in which it ended."""
    report = yield
    journey, timeline = journey_of(getattr(item, "obj", None)), item.stash.get(TIMELINE, None)
    if journey is None or timeline is None:
        return report
    failure = call.excinfo.value if call.excinfo is not None and not report.skipped else None
    if call.when == "call" or failure is not None:
        if not timeline.of(JourneyEnded):
            _end(journey, timeline, failure, call.duration)
        session = item.config.stash[SESSION]
        record = record_of(timeline, results=session.results)
        if call.when == "teardown" and failure is not None:
            record["status"], record["error"] = "error", told(first_cause(failure))
        setattr(report, _RECORD, record)
        setattr(report, _EXIT_CODE, _PASSED if failure is None else exit_code_of(first_cause(failure)))
        report.user_properties.extend(properties_of(record))
        if (
            failure is not None
            and session.console is not None
            and not item.config.getoption("--journey-debug")
        ):
            report.longrepr = told(first_cause(failure))
    return report


def _end(journey: Journey, timeline: Timeline, failure: BaseException | None, duration: float) -> None:
    """Write down a journey that never began: one of its fixtures failed."""
    cause = first_cause(failure) if failure is not None else AssertionError("it never began")
    timeline.emit(JourneyStarted(id=journey.id, name=journey.name, priority=journey.priority, targets=()))
    timeline.emit(
        JourneyEnded(id=journey.id, status=status_of(cause), duration_s=duration, error=told(cause))
    )


class Results:
    """Collects the records of one session, in the process that writes its outputs."""

    def __init__(self, session: JourneySession) -> None:
        self._session = session

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Silence pytest's own report before its first line, where the journeys have one."""
        if self._session.console is not None:
            self._session.silence_pytest()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep a journey's record and print how it went; a worker's reports arrive here too."""
        session = self._session
        record: JourneyRecord | None = getattr(report, _RECORD, None)
        if record is None:
            if report.failed:  # a plain test among the journeys
                session.exit_codes.add(_FAILED)
                if session.console is not None:
                    session.console.said(f"{report.nodeid}: {report.longreprtext}", style="red")
            return
        session.exit_codes.add(getattr(report, _EXIT_CODE))
        session.records = [known for known in session.records if _key(known) != _key(record)] + [record]
        if session.console is not None:
            session.console.finished(record)
            if session.config.getoption("--journey-debug") and report.failed:
                session.console.said(report.longreprtext)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Print what kept a test module from being collected."""
        if report.failed and self._session.console is not None:
            self._session.console.said(f"{report.nodeid} can't be read: {report.longreprtext}", style="red")

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Print in one line why the session ended early."""
        if self._session.console is None:
            return
        stopped = excinfo.errisinstance(pytest.exit.Exception)
        why = str(excinfo.value) if stopped else "interrupted: what was started has been stopped"
        self._session.console.said(f"journeys: {'error: ' if stopped else ''}{why}", style="red")

    # Last of all: junit.xml is written by then, so that it can be named.
    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int | pytest.ExitCode) -> None:
        """Write journeys.json, print the table, and say by the exit code what kind of failure there was."""
        ours = self._session
        if not ours.records:
            return
        file = ours.results / "journeys.json"
        write_json(file, ours.records, started_at=ours.started_at, addresses=ours.addresses)
        if ours.console is not None:
            junit = session.config.option.xmlpath
            shown = [str(path) for path in (file, junit) if path]
            ours.console.ended(ours.records, duration_s=now() - ours.started, results=shown)
        if exitstatus == pytest.ExitCode.TESTS_FAILED:
            session.exitstatus = _gravest(ours.exit_codes)


def _key(record: JourneyRecord) -> tuple[str, tuple[str, ...]]:
    return record["id"], tuple(record["targets"])


def _gravest(codes: set[int]) -> int:
    # A failed journey is news even where another one met a broken server; set-up errors explain the rest.
    return next((code for code in (_SETUP, _FAILED, _INFRASTRUCTURE) if code in codes), _FAILED)
