"""What is printed while journeys run, and at their end."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from flutter_bridge import Interval
from journeys import Status, Verdict
from journeys.report import (
    ConsoleReport,
    JourneyRecord,
)
from journeys.timeline import HostUnreached, StepStarted
from tests.journeys.report.events_made import journey_events, record, verdict


@pytest.fixture
def output() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def report(output: io.StringIO) -> ConsoleReport:
    return ConsoleReport(console=Console(file=output, width=140, highlight=False))


def ended(report: ConsoleReport, *records: JourneyRecord, **details: Any) -> None:
    settings: dict[str, Any] = {"duration_s": 12.34, "results": []}
    report.print_summary(records, **(settings | details))


def test_it_says_what_is_about_to_run(report: ConsoleReport, output: io.StringIO) -> None:
    addresses = {"app": "http://127.0.0.1:1", "backend": "http://127.0.0.1:2"}
    report.print_start(addresses, ["web"], 1)
    report.print_start({}, ["web", "android"], 2)
    report.print_start({}, ["web"], None)
    assert [line.rstrip(" ·") for line in output.getvalue().splitlines()] == [
        "1 journey on web · app http://127.0.0.1:1 · backend http://127.0.0.1:2",
        "2 journeys on web, android",
        "journeys on web",
    ]


def test_a_journey_that_passed_is_one_line(report: ConsoleReport, output: io.StringIO) -> None:
    report.print_journey(record())
    assert output.getvalue() == "passed       P0  Alice looks 2.5 s\n"


def test_where_there_are_several_targets_each_line_says_on_which(
    report: ConsoleReport, output: io.StringIO
) -> None:
    report.print_start({}, ["web", "mixed"], None)
    report.print_journey({**record(), "casting": "mixed"})
    report.print_journey({**record(), "casting": ""})
    assert output.getvalue().splitlines()[1:] == [
        "passed       P0  Alice looks on mixed 2.5 s",
        "passed       P0  Alice looks 2.5 s",
    ]


@pytest.mark.parametrize("status", [Status.FAILED, Status.INCONCLUSIVE, Status.ERROR])
def test_one_that_did_not_has_a_line_for_each_reason_below(
    report: ConsoleReport, output: io.StringIO, status: Status
) -> None:
    report.print_journey(record(status=status, error="alice's [header] is late\n" + "x" * 200))
    first, *reasons = output.getvalue().splitlines()
    assert first == f"{status:<12} P0  Alice looks 2.5 s"
    assert reasons == ["             alice's [header] is late", "             " + "x" * 200]


def test_why_it_failed_comes_before_what_else_is_worth_knowing(
    report: ConsoleReport, output: io.StringIO
) -> None:
    unreached = HostUnreached(actor="alice", target="web", address="https://fonts.example/a.js")
    report.print_journey(record(unreached, status=Status.FAILED, error="alice's header is late"))
    _, reason, note = output.getvalue().splitlines()
    assert reason.strip() == "alice's header is late"
    assert "fonts.example" in note


def test_the_table_shows_every_surface_and_each_journeys_name_once(
    report: ConsoleReport, output: io.StringIO
) -> None:
    first = record(
        verdict(),
        verdict(Verdict.FAILED, None, tap_to_visible_s=None, surface="feed", actor="bob"),
        verdict(commit=None, since="tap", surface="badge", actor="bob"),
    )
    second = record(verdict(Verdict.INCONCLUSIVE, Interval(0.9999, 1.0001)), name="Bob looks")
    ended(report, first, second, results=["test-results/journeys.json"])
    assert [line.split("  ") for line in lines_of(output)] == [
        *[["journey", "surface", "seen by", "commit → visible", "tap → visible", "budget", "verdict"]],
        *[["Alice looks", "header", "alice", "82–99 ms", "200–250 ms", "1000 ms", "passed"]],
        *[["feed", "bob", "—", "—", "1000 ms", "failed"]],
        *[["badge", "bob", "—", "200–250 ms", "1000 ms", "passed"]],
        *[["Bob looks", "header", "alice", "999–1001 ms", "200–250 ms", "1000 ms", "inconclusive"]],
        *[["passed: 2 passed, 4 surfaces measured in 12.3 s"]],
        *[["results: test-results/journeys.json"]],
    ]


def test_a_long_name_goes_on_beside_its_surfaces_and_leaves_no_gap(
    report: ConsoleReport, output: io.StringIO
) -> None:
    name = "Alice looks at herself in the header " * 3
    ended(report, record(verdict(), verdict(surface="feed"), name=name.strip()))
    rows = output.getvalue().splitlines()
    measured = [index for index, line in enumerate(rows) if line.rstrip().endswith("passed")]
    assert len(measured) == 2
    assert measured[1] == measured[0] + 1
    assert not any(rows[index].startswith(" ") for index in measured)


def test_on_several_targets_it_says_on_which_each_was_seen(
    report: ConsoleReport, output: io.StringIO
) -> None:
    ended(
        report,
        record(verdict(target="web"), target="web"),
        record(verdict(target="android"), target="android"),
    )
    text = output.getvalue()
    assert "alice (web)" in text
    assert "alice (android)" in text
    assert text.count("Alice looks") == 2


@pytest.mark.parametrize(
    ("statuses", "said"),
    [
        ("passed", "passed: 1 passed in 12.3 s"),
        ("passed failed passed", "failed: 2 passed, 1 failed in 12.3 s"),
        ("passed inconclusive error", "error: 1 passed, 1 inconclusive, 1 error in 12.3 s"),
        ("", "error: no journey was run in 12.3 s"),
    ],
)
def test_the_sum_leads_with_the_gravest(
    report: ConsoleReport, output: io.StringIO, statuses: str, said: str
) -> None:
    ended(report, *(record(status=Status(one)) for one in statuses.split()))
    assert lines_of(output) == [said]


def test_a_run_cut_short_has_not_passed(report: ConsoleReport, output: io.StringIO) -> None:
    ended(report, record(verdict()), cut_short=True)
    assert lines_of(output)[-1] == "error: 1 passed, then cut short, 1 surface measured in 12.3 s"


def test_steps_are_shown_as_they_happen_on_a_terminal_only(output: io.StringIO) -> None:
    events = [*journey_events()[:1], StepStarted(title="alice [looks]", depth=0)]
    for terminal in (False, True):
        report = ConsoleReport(
            console=Console(file=output, width=40, force_terminal=terminal, highlight=False)
        )
        for event in events:
            report.show_event(event)
        assert ("alice [looks]" in output.getvalue()) is terminal
        assert output.getvalue().count("\n") == 0
    report.print_journey(record())
    # The line in progress is wiped before the next one.
    assert "\r\x1b[2K" in output.getvalue().partition("alice [looks]")[2]


def lines_of(output: io.StringIO) -> list[str]:
    """Return the lines with anything in them, columns parted by two blanks."""
    lines = (
        "  ".join(part.strip() for part in line.split("  ") if part.strip())
        for line in output.getvalue().splitlines()
    )
    return [line for line in lines if line]
