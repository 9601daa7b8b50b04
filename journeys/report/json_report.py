"""Reports for programs: journeys.json, measure.json, the properties of junit.xml, a nightly run's journal."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from math import isinf
from pathlib import Path
from typing import TypedDict

from flutter_bridge import Interval
from journeys.documents import write_atomically
from journeys.report.distribution import PERCENTS, Distribution, Run, Since, distributions
from journeys.report.moments import Bounds, Seconds
from journeys.report.record import JourneyRecord, rfc3339

SCHEMA = 1
"""The version of journeys.json: raised when a field changes its meaning or goes, not when one is added."""
MEASURE_SCHEMA = 1
"""The version of measure.json, in the same way."""


class RunDocument(TypedDict):
    """A run, as journeys.json has it."""

    schema: int
    started_at: str
    finished_at: str
    duration_s: Seconds
    addresses: dict[str, str]
    apps: dict[str, str]
    machine: dict[str, str | int | None]
    status: str
    error: str
    journeys: list[JourneyRecord]


def write_json(
    file: Path,
    records: Sequence[JourneyRecord],
    *,
    started_at: datetime,
    addresses: Mapping[str, str],
    apps: Mapping[str, str],
    error: str = "",
) -> RunDocument:
    """Write journeys.json, whole or not at all, and return what is in it.

    `docs/reference/journeys-json.md` describes it. `error` says why the run ended before all of its journeys
    had; its status is then `error`.
    """
    document = RunDocument(
        schema=SCHEMA,
        **_times(started_at),
        addresses=dict(addresses),
        apps=dict(apps),
        machine=describe_machine(),
        status="error" if error else overall_status(records),
        error=error,
        journeys=list(records),
    )
    write_atomically(file, json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    return document


def overall_status(records: Sequence[JourneyRecord]) -> str:
    """Return the gravest status among the journeys; `error` where none was run."""
    statuses = {record["status"] for record in records}
    return next(
        (status for status in ("error", "failed", "inconclusive", "passed") if status in statuses), "error"
    )


def describe_machine() -> dict[str, str | int | None]:
    """Describe the machine a report is from."""
    return {
        "system": platform.platform(),
        "python": platform.python_version(),
        "cpus": os.cpu_count(),
    }


class _Times(TypedDict):
    started_at: str
    finished_at: str
    duration_s: float


def _times(started_at: datetime) -> _Times:
    finished_at = datetime.now(UTC)
    return _Times(
        started_at=rfc3339(started_at),
        finished_at=rfc3339(finished_at),
        duration_s=round((finished_at - started_at).total_seconds(), 3),
    )


# --- junit.xml ---


def properties_of(record: JourneyRecord) -> list[tuple[str, str]]:
    """Return name and value of each property; surfaces are numbered in the order of their verdicts."""
    properties = [
        ("journey", record["name"]),
        ("priority", record["priority"]),
        ("targets", ", ".join(record["targets"])),
        ("status", record["status"]),
        ("attempt", str(record.get("attempt", 1))),
    ]
    properties += [("reopened", line) for line in record.get("reopened", ())]
    properties += [("unreached", line) for line in record.get("unreached", ())]
    properties += [("unreported", line) for line in record.get("unreported", ())]
    for number, surface in enumerate(record["surfaces"], start=1):
        prefix = f"surface.{number}"
        properties += [
            (f"{prefix}.surface", surface["surface"]),
            (f"{prefix}.actor", surface["actor"]),
            (f"{prefix}.target", surface["target"]),
            (f"{prefix}.verdict", surface["verdict"]),
            *([] if surface["fault"] is None else [(f"{prefix}.fault", surface["fault"])]),
            (f"{prefix}.budget_s", f"{surface['budget_s']:g}"),
            *_bounds_properties(f"{prefix}.commit_to_visible_s", surface["commit_to_visible_s"]),
            *_bounds_properties(f"{prefix}.tap_to_visible_s", surface["tap_to_visible_s"]),
            *([(f"{prefix}.since", surface["since"])] if surface.get("since") else []),
            *_bounds_properties(f"{prefix}.since_to_visible_s", surface.get("since_to_visible_s")),
            *_bounds_properties(f"{prefix}.commit_to_said_s", surface["commit_to_said_s"]),
        ]
    for number, screen in enumerate(record["screens"], start=1):
        prefix = f"screen.{number}"
        properties += [
            (f"{prefix}.screen", screen["screen"]),
            (f"{prefix}.target", screen["target"]),
            (f"{prefix}.theme", screen["theme"]),
            (f"{prefix}.status", screen["status"]),
        ]
    return properties


def _bounds_properties(name: str, bounds: Bounds | None) -> list[tuple[str, str]]:
    if bounds is None:
        return []
    return [(f"{name}.low", f"{bounds['low']:.4f}"), (f"{name}.high", f"{bounds['high']:.4f}")]


# --- measure.json ---


class Reach(TypedDict):
    """An interval in seconds; `high` is None where the change may never have been seen."""

    low: float
    high: float | None


class RunRecord(TypedDict):
    """How one run ended."""

    journey: str
    target: str
    run: int
    status: str
    error: str


class SampleRecord(TypedDict):
    """What one observer saw in one run."""

    run: int
    actor: str
    verdict: str
    fault: str | None
    commit_to_visible_s: Reach | None
    tap_to_visible_s: Reach | None


class QuantilesRecord(TypedDict):
    """The quantiles of some samples' latencies; None where nothing was measured."""

    p50: Reach | None
    p95: Reach | None


class ObserversRecord(TypedDict):
    """What some observers saw of a surface, over all runs."""

    actors: list[str]
    samples: int
    verdicts: dict[str, int]
    commit_to_visible_s: QuantilesRecord
    tap_to_visible_s: QuantilesRecord


class DistributionRecord(TypedDict):
    """One surface over all runs: its observers together, the last of each run, and each by themselves."""

    journey: str
    name: str
    target: str
    surface: str
    change: int
    budget_s: float
    all: ObserversRecord
    last: ObserversRecord
    observers: list[ObserversRecord]
    samples: list[SampleRecord]


def write_measure_json(
    file: Path,
    runs: Sequence[Run],
    *,
    repeat: int,
    observers: int,
    started_at: datetime,
    error: str = "",
) -> None:
    """Write the distributions, whole or not at all; `docs/reference/measure-json.md` describes them.

    `repeat` and `observers` are what was asked for; `error` says why there are fewer runs than that.
    """
    document = {
        "schema": MEASURE_SCHEMA,
        **_times(started_at),
        "machine": describe_machine(),
        "repeat": repeat,
        "observers": observers,
        "status": "error" if error else overall_status([run.record for run in runs]),
        "error": error,
        "runs": [
            RunRecord(
                journey=run.record["id"],
                target=", ".join(run.record["targets"]),
                run=run.number,
                status=run.record["status"],
                error=run.record["error"],
            )
            for run in runs
        ],
        "distributions": [distribution_record(one) for one in distributions(runs)],
    }
    write_atomically(file, json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def distribution_record(distribution: Distribution) -> DistributionRecord:
    """Turn a distribution into its entry."""
    return DistributionRecord(
        journey=distribution.journey,
        name=distribution.name,
        target=distribution.target,
        surface=distribution.surface,
        change=distribution.change,
        budget_s=distribution.budget_s,
        all=_observers_record(distribution),
        last=_observers_record(distribution.last()),
        observers=[_observers_record(one) for one in distribution.by_actor()],
        samples=[
            SampleRecord(
                run=sample.run,
                actor=sample.actor,
                verdict=sample.verdict,
                fault=sample.fault,
                commit_to_visible_s=_reach(sample.latency("commit")),
                tap_to_visible_s=_reach(sample.latency("tap")),
            )
            for sample in distribution.samples
        ],
    )


def _observers_record(distribution: Distribution) -> ObserversRecord:
    return ObserversRecord(
        actors=list(distribution.actors),
        samples=len(distribution.samples),
        verdicts=distribution.counts(),
        commit_to_visible_s=_quantiles_record(distribution, "commit"),
        tap_to_visible_s=_quantiles_record(distribution, "tap"),
    )


def _quantiles_record(distribution: Distribution, since: Since) -> QuantilesRecord:
    p50, p95 = (_reach(distribution.quantile(percent, since)) for percent in PERCENTS)
    return QuantilesRecord(p50=p50, p95=p95)


def _reach(latency: Interval | None) -> Reach | None:
    if latency is None:
        return None
    return Reach(low=latency.low, high=None if isinf(latency.high) else latency.high)


JOURNAL = "journal.jsonl"
"""The journal's name in the folder for results."""


class JournalEntry(TypedDict):
    """A line of a journal; `record` is null where the session's process crashed under the test."""

    record: JourneyRecord | None
    test: str
    error: str
    worker: str
    devices: list[str]
    evidence: str | None


def append_to_journal(journal: Path, entry: JournalEntry) -> None:
    """Add a line to a journal."""
    journal.parent.mkdir(parents=True, exist_ok=True)
    with journal.open("a", encoding="utf-8", errors="replace") as lines:
        lines.write(json.dumps(entry, ensure_ascii=False) + "\n")
