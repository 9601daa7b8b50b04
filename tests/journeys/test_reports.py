"""A journey's events become its record; the record becomes JSON, JUnit properties and lines to read."""

from __future__ import annotations

import io
import json
import math
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from flutter_bridge import Interval, now
from journeys import Event, Status, Verdict
from journeys.report import (
    SCHEMA,
    ConsoleReport,
    JourneyRecord,
    in_milliseconds,
    overall_status,
    properties_of,
    record_of,
    write_json,
)
from journeys.timeline import (
    ActorJoined,
    AppReopened,
    JourneyEnded,
    JourneyStarted,
    StepEnded,
    StepStarted,
    VerdictReached,
)

RESULTS = Path("/project/test-results")
SECONDS = st.floats(-10, 10_000, allow_nan=False)


def journey_events(
    *between: Event,
    identifier: str = "looks",
    name: str = "Alice looks",
    status: Status = Status.PASSED,
    error: str = "",
    target: str = "web",
) -> list[Event]:
    """Return the events of a journey that began a minute ago."""
    began = now() - 60
    return [
        JourneyStarted(id=identifier, name=name, priority="P0", targets=(target,), at=began),
        ActorJoined(actor="alice", target=target, at=began + 0.1),
        *between,
        JourneyEnded(id=identifier, status=status, duration_s=2.5, error=error),
    ]


def verdict(
    verdict: Verdict = Verdict.PASSED,
    commit: Interval | None = Interval(0.0821, 0.0989),  # noqa: B008 - it is frozen
    **details: Any,
) -> VerdictReached:
    settings: dict[str, Any] = {
        "surface": "header",
        "actor": "alice",
        "target": "web",
        "wanted": "blobs-1",
        "budget_s": 1.0,
        "reason": "shows it in time",
        "tap_to_visible_s": Interval(0.2, 0.25),
        "frames": 12,
        "source": "screencast",
    }
    return VerdictReached(verdict=verdict, commit_to_visible_s=commit, **(settings | details))


def record(*between: Event, **details: Any) -> JourneyRecord:
    return record_of(journey_events(*between, **details), results=RESULTS)


class TestRecord:
    def test_it_says_what_was_run_by_whom_and_how_it_went(self) -> None:
        made = record(status=Status.FAILED, error="late\nlater")
        assert (made["id"], made["name"], made["priority"]) == ("looks", "Alice looks", "P0")
        assert (made["targets"], made["actors"]) == (["web"], {"alice": "web"})
        assert (made["status"], made["error"], made["duration_s"]) == ("failed", "late\nlater", 2.5)

    def test_it_says_when_the_first_event_was_by_the_wall_clock(self) -> None:
        said = record()["started_at"]
        assert said.endswith("Z")
        assert len(said) == len("2026-01-31T12:00:00.000Z")
        ago = datetime.now(UTC) - datetime.fromisoformat(said)
        assert timedelta(seconds=60) <= ago + timedelta(milliseconds=1) < timedelta(seconds=65)

    def test_steps_stand_in_the_order_they_began_outer_ones_first(self) -> None:
        begin = now() - 60

        def ended(title: str, depth: int, start: float, duration: float) -> StepEnded:
            return StepEnded(title=title, depth=depth, duration_s=duration, at=begin + start + duration)

        made = record(
            ended("within", 1, 1.0, 0.5),
            ended("outer", 0, 1.0, 0.75),
            ended("last", 0, 3.0, 0.25),
        )
        assert [(one["title"], one["depth"]) for one in made["steps"]] == [
            ("outer", 0),
            ("within", 1),
            ("last", 0),
        ]
        assert [one["started_s"] for one in made["steps"]] == pytest.approx([1, 1, 3], abs=0.01)
        assert [one["duration_s"] for one in made["steps"]] == [0.75, 0.5, 0.25]

    def test_what_was_measured_is_kept_and_frames_are_found_from_the_results_folder(self) -> None:
        made = record(
            verdict(
                distances={"last_old": 30, "first_new": 2},
                last_old_frame=RESULTS / "looks" / "old.jpg",
                first_new_frame=RESULTS.parent / "elsewhere" / "new.jpg",
            )
        )
        assert made["surfaces"] == [
            {
                "surface": "header",
                "actor": "alice",
                "target": "web",
                "wanted": "blobs-1",
                "budget_s": 1.0,
                "commit_to_visible_s": {"low": 0.0821, "high": 0.0989},
                "tap_to_visible_s": {"low": 0.2, "high": 0.25},
                "commit_to_said_s": None,
                "fault": None,
                "verdict": "passed",
                "reason": "shows it in time",
                "distances": {"last_old": 30, "first_new": 2},
                "last_old_frame": "looks/old.jpg",
                "first_new_frame": "../elsewhere/new.jpg",
                "frames": 12,
                "source": "screencast",
            }
        ]

    def test_what_never_appeared_has_no_latency_and_no_frame(self) -> None:
        (surface,) = record(verdict(Verdict.FAILED, None, tap_to_visible_s=None))["surfaces"]
        assert surface["commit_to_visible_s"] is None
        assert surface["tap_to_visible_s"] is None
        assert surface["first_new_frame"] is None

    def test_an_app_that_was_opened_anew_is_told_wherever_the_journey_is(self) -> None:
        made = record(AppReopened(actor="alice", target="pixel", why="Appium did not answer in time"))
        line = "alice's app on pixel was opened anew: Appium did not answer in time"
        assert made["reopened"] == [line]
        assert ("reopened", line) in properties_of(made)
        printed = io.StringIO()
        ConsoleReport(console=Console(file=printed, width=60)).finished(made)
        assert [text.strip() for text in printed.getvalue().splitlines()][1:] == [line]

    def test_a_journey_that_did_not_end_is_an_error(self) -> None:
        made = record_of(journey_events()[:-1], results=RESULTS)
        assert (made["status"], made["error"]) == ("error", "the journey did not end")

    @given(SECONDS, SECONDS)
    def test_an_interval_is_rounded_outwards_and_by_less_than_a_tenth_of_a_millisecond(
        self, one: float, other: float
    ) -> None:
        low, high = sorted((one, other))
        bounds = record(verdict(commit=Interval(low, high)))["surfaces"][0]["commit_to_visible_s"]
        assert bounds is not None
        assert low - 1.0001e-4 < bounds["low"] <= low
        assert high <= bounds["high"] < high + 1.0001e-4


class TestJson:
    def write(self, file: Path, *records: JourneyRecord, **details: Any) -> Any:
        write_json(
            file,
            records,
            started_at=datetime(2026, 1, 31, 12, tzinfo=UTC),
            addresses={"app": "http://127.0.0.1:8550"},
            **details,
        )
        return json.loads(file.read_text(encoding="utf-8"))

    def test_it_holds_what_is_documented_and_nothing_else(self, tmp_path: Path) -> None:
        made = record(StepEnded(title="alice looks", depth=0, duration_s=1.0), verdict())
        document = self.write(tmp_path / "journeys.json", made)
        assert set(document) == {
            "schema",
            "started_at",
            "finished_at",
            "duration_s",
            "addresses",
            "machine",
            "status",
            "error",
            "journeys",
        }
        assert document["schema"] == SCHEMA == 1
        assert document["started_at"] == "2026-01-31T12:00:00.000Z"
        assert datetime.fromisoformat(document["finished_at"]).tzinfo is not None
        assert document["addresses"] == {"app": "http://127.0.0.1:8550"}
        assert set(document["machine"]) == {"system", "python", "cpus"}
        assert (document["status"], document["error"]) == ("passed", "")
        (journey,) = document["journeys"]
        assert journey == made
        assert set(journey) == {
            "id",
            "name",
            "priority",
            "targets",
            "casting",
            "status",
            "cause",
            "started_at",
            "duration_s",
            "error",
            "actors",
            "reopened",
            "steps",
            "surfaces",
            "screens",
        }
        assert set(journey["steps"][0]) == {"title", "depth", "started_s", "duration_s", "error"}

    def test_a_run_cut_short_is_an_error_though_all_before_had_passed(self, tmp_path: Path) -> None:
        document = self.write(tmp_path / "journeys.json", record(), error="interrupted")
        assert (document["status"], document["error"]) == ("error", "interrupted")

    def test_the_folder_is_made_and_letters_stay_as_they_are(self, tmp_path: Path) -> None:
        file = tmp_path / "made" / "here" / "journeys.json"
        self.write(file, record(name="Zoë sieht 李"))
        assert "Zoë sieht 李" in file.read_text(encoding="utf-8")

    def test_it_is_written_whole_or_not_at_all(self, tmp_path: Path) -> None:
        file = tmp_path / "journeys.json"
        self.write(file, record())
        before = file.read_bytes()
        unwritable: Any = record() | {"actors": {"alice": object()}}
        with pytest.raises(TypeError):
            self.write(file, record(), unwritable)
        assert file.read_bytes() == before
        assert list(tmp_path.iterdir()) == [file]

    @pytest.mark.parametrize(
        ("statuses", "overall"),
        [
            ([], "error"),
            (["passed", "passed"], "passed"),
            (["passed", "inconclusive"], "inconclusive"),
            (["inconclusive", "failed", "passed"], "failed"),
            (["failed", "error"], "error"),
        ],
    )
    def test_the_gravest_status_stands_for_all(self, statuses: list[str], overall: str) -> None:
        assert overall_status([record(status=Status(one)) for one in statuses]) == overall


class TestJunit:
    def test_a_journeys_figures_are_properties(self) -> None:
        made = record(
            verdict(commit_to_said_s=Interval(0.03, 0.0704)),
            verdict(
                Verdict.FAILED,
                None,
                tap_to_visible_s=None,
                surface="feed",
                actor="bob",
                fault="reverted",
            ),
        )
        assert properties_of(made) == [
            ("journey", "Alice looks"),
            ("priority", "P0"),
            ("targets", "web"),
            ("status", "passed"),
            ("surface.1.surface", "header"),
            ("surface.1.actor", "alice"),
            ("surface.1.target", "web"),
            ("surface.1.verdict", "passed"),
            ("surface.1.budget_s", "1"),
            ("surface.1.commit_to_visible_s.low", "0.0821"),
            ("surface.1.commit_to_visible_s.high", "0.0989"),
            ("surface.1.tap_to_visible_s.low", "0.2000"),
            ("surface.1.tap_to_visible_s.high", "0.2500"),
            ("surface.1.commit_to_said_s.low", "0.0300"),
            ("surface.1.commit_to_said_s.high", "0.0704"),
            ("surface.2.surface", "feed"),
            ("surface.2.actor", "bob"),
            ("surface.2.target", "web"),
            ("surface.2.verdict", "failed"),
            ("surface.2.fault", "reverted"),
            ("surface.2.budget_s", "1"),
        ]

    @given(SECONDS)
    def test_no_figure_is_written_otherwise_than_it_is_recorded(self, seconds: float) -> None:
        made = record(verdict(commit=Interval(seconds, seconds)))
        written = dict(properties_of(made))
        bounds = made["surfaces"][0]["commit_to_visible_s"]
        assert bounds is not None
        for end, value in (("low", bounds["low"]), ("high", bounds["high"])):
            text = written[f"surface.1.commit_to_visible_s.{end}"]
            assert float(text) == value
            assert "e" not in text


class TestMilliseconds:
    @pytest.mark.parametrize(
        ("low", "high", "written"),
        [
            (0.082, 0.099, "82–99 ms"),
            (0.0821, 0.0981, "82–99 ms"),
            (0.0829, 0.0989, "82–99 ms"),
            (0.57, 0.57, "570–570 ms"),  # 0.57 * 1000 is a little less than 570
            (0.0, 1.0001, "0–1001 ms"),
            (-0.0004, 0.0004, "-1–1 ms"),
        ],
    )
    def test_an_interval_is_written_as_one_reads_it(self, low: float, high: float, written: str) -> None:
        assert in_milliseconds({"low": low, "high": high}) == written

    def test_where_there_is_none_there_is_a_dash(self) -> None:
        assert in_milliseconds(None) == "—"

    @given(SECONDS, SECONDS)
    def test_it_never_claims_more_than_was_measured(self, one: float, other: float) -> None:
        low, high = sorted((math.floor(one * 10_000) / 10_000, math.ceil(other * 10_000) / 10_000))
        below, _, above = in_milliseconds({"low": low, "high": high}).removesuffix(" ms").partition("–")
        # By the digits in the report: the nearest binary fraction is nobody's measurement.
        assert Fraction(below) <= Fraction(str(low)) * 1000 < Fraction(below) + 1
        assert Fraction(above) - 1 < Fraction(str(high)) * 1000 <= Fraction(above)


class TestConsole:
    @pytest.fixture
    def output(self) -> io.StringIO:
        return io.StringIO()

    @pytest.fixture
    def report(self, output: io.StringIO) -> ConsoleReport:
        return ConsoleReport(console=Console(file=output, width=140, highlight=False))

    def ended(self, report: ConsoleReport, *records: JourneyRecord, **details: Any) -> None:
        settings: dict[str, Any] = {"duration_s": 12.34, "results": []}
        report.ended(records, **(settings | details))

    def test_it_says_what_is_about_to_run(self, report: ConsoleReport, output: io.StringIO) -> None:
        addresses = {"app": "http://127.0.0.1:1", "backend": "http://127.0.0.1:2"}
        report.started(addresses, ["web"], 1)
        report.started({}, ["web", "android"], 2)
        report.started({}, ["web"], None)
        assert [line.rstrip(" ·") for line in output.getvalue().splitlines()] == [
            "1 journey on web · app http://127.0.0.1:1 · backend http://127.0.0.1:2",
            "2 journeys on web, android",
            "journeys on web",
        ]

    def test_a_journey_that_passed_is_one_line(self, report: ConsoleReport, output: io.StringIO) -> None:
        report.finished(record())
        assert output.getvalue() == "passed       P0  Alice looks 2.5 s\n"

    def test_where_there_are_several_targets_each_line_says_on_which(
        self, report: ConsoleReport, output: io.StringIO
    ) -> None:
        report.started({}, ["web", "mixed"], None)
        report.finished({**record(), "casting": "mixed"})
        report.finished({**record(), "casting": ""})
        assert output.getvalue().splitlines()[1:] == [
            "passed       P0  Alice looks on mixed 2.5 s",
            "passed       P0  Alice looks 2.5 s",
        ]

    @pytest.mark.parametrize("status", [Status.FAILED, Status.INCONCLUSIVE, Status.ERROR])
    def test_one_that_did_not_has_a_line_for_each_reason_below(
        self, report: ConsoleReport, output: io.StringIO, status: Status
    ) -> None:
        report.finished(record(status=status, error="alice's [header] is late\n" + "x" * 200))
        first, *reasons = output.getvalue().splitlines()
        assert first == f"{status:<12} P0  Alice looks 2.5 s"
        assert reasons == ["             alice's [header] is late", "             " + "x" * 200]

    def test_the_table_shows_every_surface_and_each_journeys_name_once(
        self, report: ConsoleReport, output: io.StringIO
    ) -> None:
        first = record(
            verdict(), verdict(Verdict.FAILED, None, tap_to_visible_s=None, surface="feed", actor="bob")
        )
        second = record(verdict(Verdict.INCONCLUSIVE, Interval(0.9999, 1.0001)), name="Bob looks")
        self.ended(report, first, second, results=["test-results/journeys.json"])
        assert [line.split("  ") for line in lines_of(output)] == [
            *[["journey", "surface", "seen by", "commit → visible", "tap → visible", "budget", "verdict"]],
            *[["Alice looks", "header", "alice", "82–99 ms", "200–250 ms", "1000 ms", "passed"]],
            *[["feed", "bob", "—", "—", "1000 ms", "failed"]],
            *[["Bob looks", "header", "alice", "999–1001 ms", "200–250 ms", "1000 ms", "inconclusive"]],
            *[["passed: 2 passed, 3 surfaces measured in 12.3 s"]],
            *[["results: test-results/journeys.json"]],
        ]

    def test_a_long_name_goes_on_beside_its_surfaces_and_leaves_no_gap(
        self, report: ConsoleReport, output: io.StringIO
    ) -> None:
        name = "Alice looks at herself in the header " * 3
        self.ended(report, record(verdict(), verdict(surface="feed"), name=name.strip()))
        rows = output.getvalue().splitlines()
        measured = [index for index, line in enumerate(rows) if line.rstrip().endswith("passed")]
        assert len(measured) == 2
        assert measured[1] == measured[0] + 1
        assert not any(rows[index].startswith(" ") for index in measured)

    def test_on_several_targets_it_says_on_which_each_was_seen(
        self, report: ConsoleReport, output: io.StringIO
    ) -> None:
        self.ended(
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
        self, report: ConsoleReport, output: io.StringIO, statuses: str, said: str
    ) -> None:
        self.ended(report, *(record(status=Status(one)) for one in statuses.split()))
        assert lines_of(output) == [said]

    def test_a_run_cut_short_has_not_passed(self, report: ConsoleReport, output: io.StringIO) -> None:
        self.ended(report, record(verdict()), cut_short=True)
        assert lines_of(output)[-1] == "error: 1 passed, then cut short, 1 surface measured in 12.3 s"

    def test_steps_are_shown_as_they_happen_on_a_terminal_only(self, output: io.StringIO) -> None:
        events = [*journey_events()[:1], StepStarted(title="alice [looks]", depth=0)]
        for terminal in (False, True):
            report = ConsoleReport(
                console=Console(file=output, width=40, force_terminal=terminal, highlight=False)
            )
            for event in events:
                report.heard(event)
            assert ("alice [looks]" in output.getvalue()) is terminal
            assert output.getvalue().count("\n") == 0
        report.finished(record())
        # The line in progress is wiped before the next one.
        assert "\r\x1b[2K" in output.getvalue().partition("alice [looks]")[2]


def lines_of(output: io.StringIO) -> list[str]:
    """Return the lines with anything in them, columns parted by two blanks."""
    lines = (
        "  ".join(part.strip() for part in line.split("  ") if part.strip())
        for line in output.getvalue().splitlines()
    )
    return [line for line in lines if line]
