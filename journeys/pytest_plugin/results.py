"""What becomes of a session's journeys: noted as they end, printed, written down, and its exit code."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest
from _pytest._io import TerminalWriter

from flutter_bridge import now
from journeys.errors import InfrastructureError, JourneysError, error_from_system, name_nearest
from journeys.pytest_plugin.options import ENDING, RESULTS_PLUGIN
from journeys.pytest_plugin.session import FAILED, SESSION, SETUP, Ending, JourneySession
from journeys.redaction import redact, redact_files
from journeys.report import (
    JOURNAL,
    PAGE,
    ConsoleReport,
    JournalEntry,
    JourneyRecord,
    append_to_journal,
    write_json,
    write_measure_json,
    write_measure_page,
    write_run_page,
)
from journeys.review import write_reg_json
from journeys.snapshots import find_orphans, gather_entries, write_record
from journeys.timeline import Status


def pytest_configure(config: pytest.Config) -> None:
    """Hear of journeys' ends in the process that writes the session's outputs."""
    session = config.stash[SESSION]
    if not session.is_worker:
        config.pluginmanager.register(Results(session), RESULTS_PLUGIN)


class Results:
    """Hears of journeys' ends, in the process that writes the session's outputs."""

    def __init__(self, session: JourneySession) -> None:
        self._session = session
        self._outcomes = session.outcomes
        self._has_ended_early = False
        self._is_miscast = False
        self._heard: set[tuple[str, int, str]] = set()

    @property
    def _console(self) -> ConsoleReport | None:
        return self._session.console

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Silence pytest's own report before its first line, where the journeys have one."""
        reporter = self._session.config.pluginmanager.getplugin("terminalreporter")
        if self._console is not None and reporter is not None:
            # It has to stay, for others ask it for its writer.
            nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - as long as the session
            self._session.config.add_cleanup(nowhere.close)
            reporter._tw = TerminalWriter(nowhere)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep how a journey ended and print it; a worker's reports arrive here too."""
        ending: Ending | None = getattr(report, ENDING, None)
        if ending is not None and self._has_heard(report, ending["record"]):
            return  # pytest-retry logs a report twice: of the first attempt, and changed for the last one
        try:
            self._write_journal(report, ending)
        except OSError as error:
            # What isn't in it is not known to the nightly run: nothing more is played.
            self._end_early(error_from_system(error, "the journal can't be written"))
        if ending is None:
            if report.failed:  # a plain test among the journeys
                self._outcomes.exit_codes.add(FAILED)
                self._print(f"{report.nodeid}: {report.longreprtext}", style="red")
            return
        self._outcomes.add(ending)
        if self._console is not None:
            self._console.print_journey(ending["record"], run=self._name_run(ending))
            if self._session.spec.options.debug and report.failed:
                self._console.print_line(report.longreprtext)
        if report.failed and (loss := self._session.environment.find_loss()):
            # Without its servers no other journey can say anything: one line is enough.
            self._end_early(InfrastructureError(loss))

    def _has_heard(self, report: pytest.TestReport, record: JourneyRecord) -> bool:
        """Return whether this phase of this attempt has been heard of before; it has now."""
        phase = report.nodeid, record.get("attempt", 1), str(report.when)
        heard = phase in self._heard
        self._heard.add(phase)
        return heard

    def _write_journal(self, report: pytest.TestReport, ending: Ending | None) -> None:
        """Write what became of a journey into the journal of a nightly run's player."""
        if self._session.spec.nightly is None or (ending is None and not report.failed):
            return
        node = getattr(report, "node", None)
        entry = JournalEntry(
            record=None if ending is None else ending["record"],
            worker=node.gateway.id if node is not None else "",
            devices=[] if ending is None else ending["devices"],
            evidence="" if ending is None else ending["evidence"],
            test=report.nodeid,
            error=report.longreprtext if ending is None else "",
        )
        append_to_journal(self._session.folder.path / JOURNAL, entry)

    def _name_run(self, ending: Ending) -> str:
        """Return which run of several has ended, and which attempt at it unless it is the first."""
        repeat, attempt = self._session.spec.options.repeat, ending["record"].get("attempt", 1)
        parts = [] if repeat is None else [f"run {ending['run']} of {repeat}"]
        return ", ".join([*parts, *([f"attempt {attempt}"] * (attempt > 1))])

    def _end_early(self, error: JourneysError) -> None:
        """End the session before it has run everything, and say why."""
        session: pytest.Session | None = self._session.config.pluginmanager.getplugin("session")
        if session is not None:
            self._outcomes.exit_codes.add(error.exit_code)
            session.shouldstop = str(error)
            self._has_ended_early = True

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Print what kept a test module from being collected."""
        if report.failed:
            self._print(f"{report.nodeid} can't be read: {report.longreprtext}", style="red")

    # Before pytest's own reporter, which takes long enough for another Ctrl-C to come in between.
    @pytest.hookimpl(tryfirst=True)
    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Print in one line why the session ended early."""
        # pytest's own reasons, such as a module that can't be imported, come as special interrupts.
        by_hand = excinfo.type is KeyboardInterrupt
        why = redact("interrupted" if by_hand else str(excinfo.value))
        self._outcomes.cut_short = why
        line = f"{why}: what was started has been stopped" if by_hand else f"error: {why}"
        self._print(f"journeys: {line}", style="red")

    def pytest_internalerror(self, excrepr: object, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Print in one line what broke the session itself: pytest would say so where nobody reads it."""
        self._outcomes.cut_short = why = redact(f"unexpected {excinfo.typename}: {excinfo.value}")
        line = excrepr if self._session.spec.options.debug else f"{why} (--debug shows where)"
        self._print(f"journeys: error: {line}", style="red")

    # The innermost: junit.xml is written by then, so that it can be named, or could not be.
    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(
        self, session: pytest.Session, exitstatus: int | pytest.ExitCode
    ) -> Generator[None, None, None]:
        """Write journeys.json, print the table, and say by the exit code what kind of failure there was."""
        outcomes = self._outcomes
        has_something = bool(outcomes.records) or (outcomes.is_wanted and bool(outcomes.cut_short))
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
            for problem in self._redact(session.config):
                self._complain(f"secrets could not be taken out of {problem}: delete it")
        except OSError as error:
            unwritten.append(error)
        if self._console is not None and outcomes.records:
            junit = session.config.option.xmlpath
            self._console.print_summary(
                outcomes.records,
                duration_s=now() - outcomes.started,
                results=[str(path) for path in (*written, junit) if path and Path(path).exists()],
                cut_short=bool(outcomes.cut_short) and not self._is_miscast,
                repeated=outcomes.runs if self._session.spec.options.repeat is not None else (),
            )
            if self._is_miscast:
                self._console.print_line(f"journeys: error: {outcomes.cut_short}", style="red")
        if unwritten:
            lost = error_from_system(unwritten[0], f"results can't be written to {self._session.folder.path}")
            outcomes.exit_codes.add(lost.exit_code)
            self._complain(str(lost))
        failed = exitstatus == pytest.ExitCode.TESTS_FAILED
        if failed or self._has_ended_early or self._is_miscast or unwritten:
            session.exitstatus = outcomes.exit_code

    def _name_absentees(self) -> None:
        """Refuse a cast with actors who took no part in any journey: most likely their name is misspelt."""
        outcomes = self._outcomes
        if outcomes.cut_short:
            return
        for casting in self._session.spec.castings:
            played = [record for record in outcomes.records if record["casting"] == casting.name]
            people = {actor for record in played for actor in record["actors"]}
            absent = [actor for actor in casting.actors if actor not in people]
            # Who never came because the journey broke off is nobody's mistake.
            if absent and all(record["status"] == Status.PASSED for record in played):
                outcomes.cut_short = (
                    f"the cast {casting.name!r} names {' and '.join(absent)}, who took no part: "
                    f"{name_nearest(absent[0], people)}"
                )
                outcomes.exit_codes.add(SETUP)
                self._is_miscast = True

    def _write(self) -> list[Path]:
        """Write the files of the session and return where they are."""
        outcomes, spec = self._outcomes, self._session.spec
        file = spec.results / "journeys.json"
        run = write_json(
            file,
            outcomes.records,
            started_at=outcomes.started_at,
            addresses=self._session.environment.redacted_addresses(),
            apps=self._session.environment.apps,
            error=outcomes.cut_short,
        )
        page = spec.results / PAGE
        write_run_page(page, run, results=spec.results)
        screens = self._write_screens()
        repeat = spec.options.repeat
        if repeat is None:
            return [file, page, *screens]
        measured, distributions = spec.results / "measure.json", spec.results / "measure.html"
        write_measure_json(
            measured,
            outcomes.runs,
            repeat=repeat,
            observers=spec.observer_count,
            started_at=outcomes.started_at,
            error=outcomes.cut_short,
        )
        write_measure_page(
            distributions,
            outcomes.runs,
            repeat=repeat,
            started_at=outcomes.started_at,
            error=outcomes.cut_short,
        )
        return [file, page, *screens, measured, distributions]

    def _write_screens(self) -> list[Path]:
        """Write what the review reads, where screens were compared."""
        settings = self._session.spec.screens
        records = gather_entries(settings.results)
        if not records:
            return []
        record = write_record(settings.results, records, baselines=settings.baselines)
        # The same for those who come from reg-suit, and for what they have around it.
        write_reg_json(settings.results, records, orphans=find_orphans(records, settings.baselines))
        return [record]

    def _redact(self, config: pytest.Config) -> list[str]:
        """Take the secrets out of all that was written; returns what could not be cleaned, and why."""
        elsewhere = (config.getoption("xmlpath", None), config.getoption("log_file", None))
        output = self._session.folder.output
        written = [output.path / name for name in output.names()]
        if others := config.pluginmanager.get_plugin("journeys-third_party_reports"):
            written += others.files_of(config)
        return redact_files(*written, *(Path(file) for file in elsewhere if file))

    def _complain(self, problem: str) -> None:
        line = f"journeys: error: {problem}"
        if self._console is None:
            self._session.config.get_terminal_writer().line(line, red=True)
        else:
            self._console.print_line(line, style="red")

    def _print(self, line: str, *, style: str) -> None:
        if self._console is not None:
            self._console.print_line(line, style=style)
