"""Pytest's reports on journeys: with the journey's record, in one line what happened, and no secret."""

from __future__ import annotations

import dataclasses
import os
import sysconfig
from collections.abc import Generator
from inspect import getfile, unwrap
from pathlib import Path
from typing import Any

import pytest

import flutter_bridge
import journeys
from flutter_bridge import now
from journeys.failures import cause_of, exit_code_of, first_cause, is_foreign, is_self_explanatory, message_of
from journeys.journey import Journey, journey_of
from journeys.pytest_plugin.attempts import ATTEMPT
from journeys.pytest_plugin.collection import TIMELINE, casting_of, run_of, targets_of
from journeys.pytest_plugin.options import ENDING
from journeys.pytest_plugin.session import FAILED, INFRASTRUCTURE, PASSED, SESSION, SETUP, Ending
from journeys.redaction import redact, redact_record
from journeys.report import properties_of, record_of
from journeys.timeline import Cause, JourneyEnded, JourneyStarted, Status, Timeline

_PACKAGES = (Path(getfile(package)).parent for package in (flutter_bridge, journeys))
_LIBRARIES = (Path(sysconfig.get_path(kind)) for kind in ("stdlib", "platstdlib", "purelib", "platlib"))
# What a script's author can't mend: the machinery's own frames, the libraries' below it, and Python's.
_MACHINERY = tuple(folder.resolve() for folder in (*_PACKAGES, *_LIBRARIES))


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
        is_late = call.when == "teardown" and not last.is_reported and bool(timeline.events_of(JourneyEnded))
        if call.when == "call" or failure is not None or is_late:
            _attach(item, report, journey, timeline, failure)
            _shorten(item, report, raised)
    if item.config.stash[SESSION].is_configured:
        _redact(report)
    return report


def _attach(
    item: pytest.Item,
    report: pytest.TestReport,
    journey: Journey,
    timeline: Timeline,
    failure: BaseException | None,
) -> None:
    session, attempt = item.config.stash[SESSION], item.stash[ATTEMPT]
    cause = first_cause(failure) if failure is not None else None
    said = message_of(cause) if cause is not None else ""
    codes = {_code(cause, str(report.when))}
    if report.when == "teardown" and not attempt.is_reported and attempt.failure is not None:
        codes.add(_code(first_cause(attempt.failure), "call"))
    if not timeline.events_of(JourneyEnded):
        why = cause_of(cause) if cause is not None else "infrastructure"
        # What fails before a journey begins is no verdict on the app, and a broken fixture is to be mended.
        why = "setup" if why == "verdict" or _code(cause, "setup") == SETUP else why
        _end(item, journey, timeline, duration=report.duration, error=said or "it never began", cause=why)
    said = redact(said)
    record = redact_record(record_of(timeline, results=session.spec.results, attempt=attempt.number))
    if report.when == "teardown" and cause is not None:
        passed = record["status"] == Status.PASSED
        record["status"] = Status.ERROR.value if passed else record["status"]
        record["cause"] = "infrastructure" if passed else record["cause"]
        record["error"] = said if passed else f"{record['error']}\n{said}"
    attempt.is_reported = True
    folder = getattr(item, "funcargs", {}).get("output_path")
    evidence = "" if folder is None else Path(os.path.relpath(folder, session.spec.results)).as_posix()
    record["evidence"] = evidence
    ending = Ending(
        record=record,
        run=run_of(item),
        exit_codes=sorted(codes),
        devices=list(dict.fromkeys(session.environment.devices_used)),
        evidence=evidence,
    )
    setattr(report, ENDING, ending)
    session.environment.devices_used.clear()
    # Kept with the item too: pytest's JUnit report reads them once all is over.
    properties = properties_of(record)
    ours = dict(properties)
    item.user_properties[:] = [*(one for one in item.user_properties if one[0] not in ours), *properties]
    report.user_properties = list(item.user_properties)


def _code(cause: BaseException | None, when: str) -> int:
    """Return the exit code of a failure; what fails around a journey is no verdict on the app."""
    if cause is None:
        return PASSED
    code = exit_code_of(cause)
    if when == "call" or not (code == FAILED or is_foreign(cause)):
        return code
    return SETUP if when == "setup" else INFRASTRUCTURE


def _shorten(item: pytest.Item, report: pytest.TestReport, failure: BaseException | None) -> None:
    """Have a report print what a failure says, and not where this package raised it."""
    if failure is None or not report.failed:
        return
    session, cause = item.config.stash[SESSION], first_cause(failure)
    has_console = session.console is not None
    if has_console and not session.spec.options.debug:
        report.longrepr = redact(message_of(cause))
    elif is_self_explanatory(cause) and _is_plain(item.config):
        report.longrepr = _format_failure(item, cause)


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


def _format_failure(item: pytest.Item, failure: BaseException) -> Any:
    """Return what pytest prints of a failure that says itself what happened.

    The frames are the script's own and those of the project around it, as what lies below is this package's
    business and its clients'. All of them are there for who asks: with `--full-trace`, any `--tb`, or
    `--journey-debug`.
    """
    script = Path(unwrap(getattr(item, "obj", _format_failure)).__code__.co_filename).resolve()

    def is_the_authors(entry: Any) -> bool:  # pytest keeps its type to itself
        path = Path(entry.path).resolve()
        return path == script or not any(path.is_relative_to(folder) for folder in _MACHINERY)

    excinfo = pytest.ExceptionInfo.from_exception(failure)
    excinfo.traceback = excinfo.traceback.filter(is_the_authors)
    return excinfo.getrepr(style="short" if excinfo.traceback else "value", chain=False, tbfilter=False)


def _is_plain(config: pytest.Config) -> bool:
    """Whether nobody asked for more of a failure, or another form of it, than is shown by itself."""
    return not (
        config.getoption("fulltrace")
        or config.stash[SESSION].spec.options.debug
        or config.getoption("tbstyle", "auto") != "auto"
    )


def _redact(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Take the secrets out of a report, and so out of whatever is made of it."""
    report.longrepr = _redact_failure(report.longrepr)
    report.sections = redact_record(report.sections)
    if isinstance(report, pytest.TestReport):
        report.user_properties = redact_record(report.user_properties)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Take the secrets out of what keeps a module from being collected."""
    report = yield
    if report.failed:
        _redact(report)
    return report


def _redact_failure(shown: Any) -> Any:
    """Return what pytest shows of a failure, which is text or made of dataclasses, without secrets."""
    if dataclasses.is_dataclass(shown) and not isinstance(shown, type):
        for field in dataclasses.fields(shown):
            setattr(shown, field.name, _redact_failure(getattr(shown, field.name)))
        return shown
    if type(shown) in {list, tuple}:
        return type(shown)(_redact_failure(each) for each in shown)
    return redact_record(shown)
