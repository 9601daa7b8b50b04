"""What becomes of a journey: its record goes with pytest's report, across workers, into every output."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from flutter_bridge import now
from journeys.errors import InfrastructureError, JourneysError, error_from_system, nearest
from journeys.journey import Journey, journey_of
from journeys.measuring import DEFAULT_OBSERVERS
from journeys.pytest_plugin.attempts import ATTEMPT, TIMELINE
from journeys.pytest_plugin.cells import JOURNAL, append
from journeys.pytest_plugin.collection import casting_of, run_of, targets_of
from journeys.pytest_plugin.failing import is_plain, shown
from journeys.pytest_plugin.redacting import redact_report, redact_results
from journeys.pytest_plugin.session import SESSION, JourneySession
from journeys.redaction import redacted, redacted_deeply
from journeys.timeline import JourneyEnded, JourneyStarted, Status, Timeline

if TYPE_CHECKING:
    from journeys.report import JourneyRecord
    from journeys.timeline import Cause

_RECORD = "journey_record"
_NUMBER = "journey_run"
_EXIT_CODES = "journey_exit_codes"
_DEVICES = "journey_devices"
_EVIDENCE = "journey_evidence"
_PASSED, _FAILED, _SETUP, _INFRASTRUCTURE = 0, 1, 2, 3


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Attach the journey's record to the report of the phase in which it ended."""
    attempt = item.stash.get(ATTEMPT, None)
    raised = call.excinfo.value if call.excinfo is not None else None
    if call.when == "call" and attempt is not None:
        attempt.end(raised)
    report = yield
    journey, timeline = journey_of(getattr(item, "obj", None)), item.stash.get(TIMELINE, None)
    # One that was skipped was not run, so there is nothing to say of it.
    is_run = not report.skipped or hasattr(report, "wasxfail")
    if journey is not None and timeline is not None and attempt is not None and is_run:
        failure = raised if not report.skipped else None
        last = item.stash[ATTEMPT]
        if last is not attempt:
            failure = last.failure  # pytest-retry tries again while a report is made, and has none made of it
        is_late = call.when == "teardown" and not last.is_reported and bool(timeline.of(JourneyEnded))
        if call.when == "call" or failure is not None or is_late:
            _attach(item, report, journey, timeline, failure)
            _shorten(item, report, raised)
    if item.config.stash[SESSION].concerned:
        redact_report(report)
    return report


def _attach(
    item: pytest.Item,
    report: pytest.TestReport,
    journey: Journey,
    timeline: Timeline,
    failure: BaseException | None,
) -> None:
    from journeys.failures import cause_of, first_cause, message_of  # noqa: PLC0415 - only journeys need them
    from journeys.report import properties_of, record_of  # noqa: PLC0415 - costly

    session, attempt = item.config.stash[SESSION], item.stash[ATTEMPT]
    cause = first_cause(failure) if failure is not None else None
    said = message_of(cause) if cause is not None else ""
    codes = {_code(cause, str(report.when))}
    if report.when == "teardown" and not attempt.is_reported and attempt.failure is not None:
        codes.add(_code(first_cause(attempt.failure), "call"))
    if not timeline.of(JourneyEnded):
        why = cause_of(cause) if cause is not None else "infrastructure"
        # What fails before a journey begins is no verdict on the app, and a broken fixture is to be mended.
        why = "setup" if why == "verdict" or _code(cause, "setup") == _SETUP else why
        _end(item, journey, timeline, duration=report.duration, error=said or "it never began", cause=why)
    said = redacted(said)
    record = redacted_deeply(record_of(timeline, results=session.results, attempt=attempt.number))
    if report.when == "teardown" and cause is not None:
        passed = record["status"] == Status.PASSED
        record["status"] = Status.ERROR.value if passed else record["status"]
        record["cause"] = "infrastructure" if passed else record["cause"]
        record["error"] = said if passed else f"{record['error']}\n{said}"
    attempt.is_reported = True
    setattr(report, _RECORD, record)
    setattr(report, _NUMBER, run_of(item))
    setattr(report, _EXIT_CODES, sorted(codes))
    setattr(report, _DEVICES, list(dict.fromkeys(session.devices_used)))
    session.devices_used.clear()
    folder = getattr(item, "funcargs", {}).get("output_path")
    if folder is not None:
        setattr(report, _EVIDENCE, Path(os.path.relpath(folder, session.results)).as_posix())
    # Kept with the item too: pytest's JUnit report reads them once all is over.
    properties = properties_of(record)
    ours = dict(properties)
    item.user_properties[:] = [*(one for one in item.user_properties if one[0] not in ours), *properties]
    report.user_properties = list(item.user_properties)


def _code(cause: BaseException | None, when: str) -> int:
    """Return the exit code of a failure; what fails around a journey is no verdict on the app."""
    from journeys.failures import exit_code_of, is_foreign  # noqa: PLC0415 - likewise

    if cause is None:
        return _PASSED
    code = exit_code_of(cause)
    if when == "call" or not (code == _FAILED or is_foreign(cause)):
        return code
    return _SETUP if when == "setup" else _INFRASTRUCTURE


def _shorten(item: pytest.Item, report: pytest.TestReport, failure: BaseException | None) -> None:
    """Have a report print what a failure says, and not where this package raised it."""
    from journeys.failures import first_cause, is_self_explanatory, message_of  # noqa: PLC0415 - likewise

    if failure is None or not report.failed:
        return
    cause = first_cause(failure)
    has_console = item.config.stash[SESSION].console is not None
    if has_console and not item.config.getoption("--journey-debug"):
        report.longrepr = redacted(message_of(cause))
    elif is_self_explanatory(cause) and is_plain(item.config):
        report.longrepr = shown(item, cause)


def _end(
    item: pytest.Item, journey: Journey, timeline: Timeline, *, duration: float, error: str, cause: Cause
) -> None:
    """Write down a journey that never began: one of its fixtures failed."""
    timeline.emit(
        JourneyStarted(
            id=journey.id,
            name=journey.name,
            priority=journey.priority,
            casting=casting_of(item),
            targets=targets_of(item),
            at=now() - duration,
        )
    )
    timeline.emit(
        JourneyEnded(id=journey.id, status=Status.ERROR, duration_s=duration, error=error, cause=cause)
    )


class Results:
    """Collects the records of one session, in the process that writes its outputs."""

    def __init__(self, session: JourneySession) -> None:
        self._session = session
        self._pytest_session: pytest.Session | None = None
        self._gone = False
        self._misnamed = False
        self._heard: set[tuple[str, int, str]] = set()

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Silence pytest's own report before its first line, where the journeys have one."""
        self._pytest_session = session
        if self._session.console is not None:
            self._session.silence_pytest()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep a journey's record and print how it went; a worker's reports arrive here too."""
        session = self._session
        record: JourneyRecord | None = getattr(report, _RECORD, None)
        number: int = getattr(report, _NUMBER, 1)
        if record is not None and self._has_heard(report, record):
            return  # pytest-retry logs a report twice: of the first attempt, and changed for the last one
        try:
            self._note(report)
        except OSError as error:
            # What isn't noted is not known to the nightly job: nothing more is played.
            self._end(error_from_system(error, "the journal can't be written"))
        if record is None:
            if report.failed:  # a plain test among the journeys
                session.exit_codes.add(_FAILED)
                if session.console is not None:
                    session.console.print_line(f"{report.nodeid}: {report.longreprtext}", style="red")
            return
        session.ended(number, record, getattr(report, _EXIT_CODES))
        if session.console is not None:
            session.console.print_journey(record, run=self._which(number, record))
            if session.config.getoption("--journey-debug") and report.failed:
                session.console.print_line(report.longreprtext)
        if report.failed and (gone := session.gone()):
            # Without its servers no other journey can say anything: one line is enough.
            self._end(InfrastructureError(gone))

    def _end(self, error: JourneysError) -> None:
        """End the session before it has run everything, and say why."""
        if self._pytest_session is not None:
            self._session.exit_codes.add(error.exit_code)
            self._pytest_session.shouldstop = str(error)
            self._gone = True

    def _has_heard(self, report: pytest.TestReport, record: JourneyRecord) -> bool:
        """Return whether this phase of this attempt has been told of before; it has now."""
        phase = report.nodeid, record.get("attempt", 1), str(report.when)
        heard = phase in self._heard
        self._heard.add(phase)
        return heard

    def _which(self, number: int, record: JourneyRecord) -> str:
        """Return which run of several a record is of, and which attempt at it unless it is the first."""
        repeat, attempt = self._session.repeat, record.get("attempt", 1)
        parts = [] if repeat is None else [f"run {number} of {repeat}"]
        return ", ".join([*parts, *([f"attempt {attempt}"] * (attempt > 1))])

    def _note(self, report: pytest.TestReport) -> None:
        """Write what became of a journey into the nightly job's journal."""
        record: JourneyRecord | None = getattr(report, _RECORD, None)
        if self._session.cells is None or (record is None and not report.failed):
            return
        node = getattr(report, "node", None)
        append(
            self._session.results / JOURNAL,
            {
                "record": record,
                "worker": node.gateway.id if node is not None else "",
                "devices": getattr(report, _DEVICES, []),
                "evidence": getattr(report, _EVIDENCE, ""),
                "test": report.nodeid,
                "error": "" if record is not None else report.longreprtext,
            },
        )

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Print what kept a test module from being collected."""
        if report.failed and self._session.console is not None:
            self._session.console.print_line(
                f"{report.nodeid} can't be read: {report.longreprtext}", style="red"
            )

    # Before pytest's own reporter, which takes long enough for another Ctrl-C to come in between.
    @pytest.hookimpl(tryfirst=True)
    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Print in one line why the session ended early."""
        # pytest's own reasons, such as a module that can't be imported, come as special interrupts.
        by_hand = excinfo.type is KeyboardInterrupt
        why = "interrupted" if by_hand else str(excinfo.value)
        self._session.cut_short = why = redacted(why)
        if self._session.console is not None:
            said = f"{why}: what was started has been stopped" if by_hand else f"error: {why}"
            self._session.console.print_line(f"journeys: {said}", style="red")

    def pytest_internalerror(self, excrepr: object, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Print in one line what broke the session itself: pytest would say so where nobody reads it."""
        self._session.cut_short = redacted(f"unexpected {excinfo.typename}: {excinfo.value}")
        if self._session.console is not None:
            debug = self._session.config.getoption("--journey-debug")
            said = excrepr if debug else f"{self._session.cut_short} (--debug shows where)"
            self._session.console.print_line(f"journeys: error: {said}", style="red")

    # The innermost: junit.xml is written by then, so that it can be named, or could not be.
    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(
        self, session: pytest.Session, exitstatus: int | pytest.ExitCode
    ) -> Generator[None, None, None]:
        """Write journeys.json, print the table, and say by the exit code what kind of failure there was."""
        ours = self._session
        has_something = bool(ours.records) or (ours.wanted and bool(ours.cut_short))
        unwritten: list[OSError] = []
        try:
            yield
        except OSError as error:
            if not has_something:
                raise
            unwritten.append(error)
        if not has_something:
            return
        self._name_absentees()
        written: list[Path] = []
        try:
            written += self._write()
            for problem in redact_results(session.config, ours.output):
                self._say(f"secrets could not be taken out of {problem}: delete it")
        except OSError as error:
            unwritten.append(error)
        if ours.console is not None and ours.records:
            junit = session.config.option.xmlpath
            ours.console.print_summary(
                ours.records,
                duration_s=now() - ours.started,
                results=[str(path) for path in (*written, junit) if path and Path(path).exists()],
                cut_short=bool(ours.cut_short) and not self._misnamed,
                repeated=ours.runs if ours.repeat is not None else (),
            )
            if self._misnamed:
                ours.console.print_line(f"journeys: error: {ours.cut_short}", style="red")
        if unwritten:
            self._complain(error_from_system(unwritten[0], f"results can't be written to {ours.results}"))
        failed = exitstatus == pytest.ExitCode.TESTS_FAILED
        if failed or self._gone or self._misnamed or unwritten:
            session.exitstatus = _gravest(ours.all_exit_codes)

    def _complain(self, error: JourneysError) -> None:
        """Print an error of the session's own, and have its exit code count."""
        self._session.exit_codes.add(error.exit_code)
        self._say(str(error))

    def _say(self, problem: str) -> None:
        line = f"journeys: error: {problem}"
        if self._session.console is not None:
            self._session.console.print_line(line, style="red")
        else:
            self._session.config.get_terminal_writer().line(line, red=True)

    def _name_absentees(self) -> None:
        """Refuse a cast with actors who took no part in any journey: most likely their name is misspelt."""
        ours = self._session
        if ours.cut_short:
            return
        for casting in ours.castings:
            played = [record for record in ours.records if record["casting"] == casting.name]
            people = {actor for record in played for actor in record["actors"]}
            absent = [actor for actor in casting.actors if actor not in people]
            # Who never came because the journey broke off is nobody's mistake.
            if absent and all(record["status"] == Status.PASSED for record in played):
                ours.cut_short = (
                    f"the cast {casting.name!r} names {' and '.join(absent)}, who took no part: "
                    f"{nearest(absent[0], people)}"
                )
                ours.exit_codes.add(_SETUP)
                self._misnamed = True

    def _write(self) -> list[Path]:
        """Write the files of the session and return where they are."""
        from journeys.report import (  # noqa: PLC0415 - a session without journeys needs none of it
            write_json,
            write_measure_json,
            write_measure_page,
        )

        ours = self._session
        file = ours.results / "journeys.json"
        write_json(
            file,
            ours.records,
            started_at=ours.started_at,
            addresses=redacted_deeply(ours.addresses),
            error=ours.cut_short,
        )
        screens = self._write_screens()
        if ours.repeat is None:
            return [file, *screens]
        measured, page = ours.results / "measure.json", ours.results / "measure.html"
        write_measure_json(
            measured,
            ours.runs,
            repeat=ours.repeat,
            observers=ours.observers or DEFAULT_OBSERVERS,
            started_at=ours.started_at,
            error=ours.cut_short,
        )
        write_measure_page(
            page, ours.runs, repeat=ours.repeat, started_at=ours.started_at, error=ours.cut_short
        )
        return [file, *screens, measured, page]

    def _write_screens(self) -> list[Path]:
        """Write what the review reads, where screens were compared."""
        from journeys.review import write_reg_json  # noqa: PLC0415 - likewise
        from journeys.snapshots import find_orphans, gather_entries, write_record  # noqa: PLC0415 - likewise

        settings = self._session.screens
        records = gather_entries(settings.results)
        if not records:
            return []
        record = write_record(settings.results, records, baselines=settings.baselines)
        # The same for those who come from reg-suit, and for what they have around it.
        write_reg_json(settings.results, records, orphans=find_orphans(records, settings.baselines))
        return [record]


def _gravest(codes: set[int]) -> int:
    # A failed journey is news even where another one met a broken server; set-up errors explain the rest.
    return next((code for code in (_SETUP, _FAILED, _INFRASTRUCTURE) if code in codes), _FAILED)
