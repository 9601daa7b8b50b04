"""Writes measure.json: the distributions of repeated runs, for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from math import isinf
from pathlib import Path
from typing import TypedDict

from flutter_bridge import Interval
from journeys.report.distribution import PERCENTS, Distribution, Run, Since, distributions
from journeys.report.json_report import machine, overall_status
from journeys.report.record import rfc3339
from journeys.whole_file import write_whole

MEASURE_SCHEMA = 1
"""The version of measure.json: raised when a field changes its meaning or goes, not when one is added."""


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
    finished_at = datetime.now(UTC)
    document = {
        "schema": MEASURE_SCHEMA,
        "started_at": rfc3339(started_at),
        "finished_at": rfc3339(finished_at),
        "duration_s": round((finished_at - started_at).total_seconds(), 3),
        "machine": machine(),
        "repeat": repeat,
        "observers": observers,
        "status": "error" if error else overall_status([run.record for run in runs]),
        "error": error,
        "runs": [_run(run) for run in runs],
        "distributions": [distribution_record(one) for one in distributions(runs)],
    }
    write_whole(file, json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def _run(run: Run) -> RunRecord:
    return RunRecord(
        journey=run.record["id"],
        target=", ".join(run.record["targets"]),
        run=run.number,
        status=run.record["status"],
        error=run.record["error"],
    )


def distribution_record(distribution: Distribution) -> DistributionRecord:
    """Turn a distribution into its entry."""
    return DistributionRecord(
        journey=distribution.journey,
        name=distribution.name,
        target=distribution.target,
        surface=distribution.surface,
        change=distribution.change,
        budget_s=distribution.budget_s,
        all=_observers(distribution),
        last=_observers(distribution.last()),
        observers=[_observers(one) for one in distribution.by_actor()],
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


def _observers(distribution: Distribution) -> ObserversRecord:
    return ObserversRecord(
        actors=list(distribution.actors),
        samples=len(distribution.samples),
        verdicts=distribution.counts(),
        commit_to_visible_s=_quantiles(distribution, "commit"),
        tap_to_visible_s=_quantiles(distribution, "tap"),
    )


def _quantiles(distribution: Distribution, since: Since) -> QuantilesRecord:
    p50, p95 = (_reach(distribution.quantile(percent, since)) for percent in PERCENTS)
    return QuantilesRecord(p50=p50, p95=p95)


def _reach(latency: Interval | None) -> Reach | None:
    if latency is None:
        return None
    return Reach(low=latency.low, high=None if isinf(latency.high) else latency.high)
