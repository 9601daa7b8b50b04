"""A run under load as it is written and read: steps, verdicts, and what holds back."""

from __future__ import annotations

from math import inf, isinf
from typing import Literal

import msgspec

from flutter_bridge import Interval
from journeys.load.bottleneck import LATE_S, engine_lag, time_by_part
from journeys.load.records import PERCENTS, LoadRecord, quantile_bounds
from journeys.load.soak import SoakFigure
from journeys.load.watchers import Seen

SCHEMA = 1
"""The version of load.json: raised when a field changes its meaning or goes."""

MOST_FAILED = 0.01
"""The share of requests that may fail in a step that is held."""

Verdict = Literal["passed", "failed", "inconclusive"]


class Range(msgspec.Struct, frozen=True):
    """An interval in seconds, or of a ratio; `high` is None where nothing bounds it."""

    low: float
    high: float | None

    @property
    def interval(self) -> Interval:
        """The interval."""
        return Interval(self.low, inf if self.high is None else self.high)

    def __str__(self) -> str:
        """Return it in milliseconds, as people read it."""
        high = "∞" if self.high is None else f"{self.high * 1000:.0f}"
        return f"{self.low * 1000:.0f}–{high} ms"


def range_of(interval: Interval | None) -> Range | None:
    """Return an interval as it is written."""
    if interval is None:
        return None
    high = None if isinf(interval.high) else round(interval.high, 5)
    return Range(round(interval.low, 5), high)


class RequestRow(msgspec.Struct, frozen=True, kw_only=True):
    """The requests of one name in a step; quantiles by percent."""

    name: str
    count: int
    failures: dict[str, int]
    quantiles: dict[str, Range]


class StepResult(msgspec.Struct, frozen=True, kw_only=True):
    """One step: so many people, held for a while."""

    people: int
    streams: int
    seconds: float
    rate: float
    failed_share: float
    events: int
    streams_lost: int
    engine_lag_s: float
    requests: list[RequestRow]
    all_requests: dict[str, Range]
    seen: dict[str, Range]
    looks: int
    budget_s: float | None
    by_second: list[int]
    failed_by_second: list[int]
    parts: dict[str, float]
    cores: dict[str, float]
    bottleneck: str
    bottleneck_reason: str
    verdict: Verdict
    reason: str


class Regression(msgspec.Struct, frozen=True, kw_only=True):
    """How this run's ratio compares with a stored one: verdict and why."""

    verdict: Verdict
    reason: str


class LoadResult(msgspec.Struct, frozen=True, kw_only=True):
    """A whole run. The first of `steps` is the reference: next to nobody there.

    `people_held` is the most that were there with the budget kept; None where none were.
    """

    schema: int
    started_at: str
    url: str
    scenario: str
    machine: dict[str, str | int | None]
    steps: list[StepResult]
    people_held: int | None
    ratio: Range | None
    ratio_of: str
    bottleneck: str
    bottleneck_reason: str
    verdict: Verdict
    soak: list[SoakFigure] = []
    baseline: Regression | None = None


def rows_of(record: LoadRecord) -> list[RequestRow]:
    """Return a row for each name of requests, those with the most first."""
    rows = [
        RequestRow(
            name=name,
            count=len(each.seconds) + each.failed,
            failures=dict(each.failures),
            quantiles=quantiles_of(each.seconds),
        )
        for name, each in record.requests.items()
    ]
    return sorted(rows, key=lambda row: (-row.count, row.name))


def quantiles_of(seconds: list[float]) -> dict[str, Range]:
    """Return the quantiles of some times, each as an interval."""
    bounds = {f"p{percent}": range_of(quantile_bounds(seconds, percent)) for percent in PERCENTS}
    return {name: each for name, each in bounds.items() if each is not None}


def judge_step(record: LoadRecord, seen: Seen | None) -> tuple[Verdict, str]:
    """Return whether a step is held, and why.

    What the load engine could not do is no verdict on the target: then it is inconclusive.
    """
    if (lag := engine_lag(record)) > LATE_S:
        return "inconclusive", f"the load engine was {lag * 1000:.0f} ms late"
    if record.failed_share > MOST_FAILED:
        return "failed", f"{record.failed_share:.1%} of the requests failed"
    if seen is None:
        return "passed", "no more requests failed than may"
    if seen.error:
        return "inconclusive", seen.error
    high = seen.quantiles()[95]
    text = f"p95 of what is seen {range_of(high)}, budget {seen.budget_s * 1000:.0f} ms"
    if high.high <= seen.budget_s:
        return "passed", text
    return ("failed" if high.low > seen.budget_s else "inconclusive"), text


def result_of_step(
    record: LoadRecord,
    *,
    people: int,
    streams: int,
    seconds: float,
    seen: Seen | None,
    cores: dict[str, float],
    bottleneck: tuple[str, str],
) -> StepResult:
    """Put one step together."""
    verdict, reason = judge_step(record, seen)
    length = max(1, int(seconds))
    quantiles = {} if seen is None else seen.quantiles()
    return StepResult(
        people=people,
        streams=streams,
        seconds=round(seconds, 1),
        rate=round((len(record.answered) + record.failed) / max(seconds, 1e-6), 2),
        failed_share=round(record.failed_share, 5),
        events=record.events,
        streams_lost=record.streams_lost,
        engine_lag_s=round(engine_lag(record), 4),
        requests=rows_of(record),
        all_requests=quantiles_of(record.answered),
        seen={f"p{percent}": each for percent, value in quantiles.items() if (each := range_of(value))},
        looks=0 if seen is None else len(seen.looks),
        budget_s=None if seen is None else seen.budget_s,
        by_second=[record.by_second[second] for second in range(length)],
        failed_by_second=[record.failed_by_second[second] for second in range(length)],
        parts=time_by_part(record),
        cores=cores,
        bottleneck=bottleneck[0],
        bottleneck_reason=bottleneck[1],
        verdict=verdict,
        reason=reason,
    )


def divide(loaded: Range, reference: Range) -> Range | None:
    """Return the interval that holds the ratio of what two intervals hold; None where it has no low bound."""
    if not reference.high:
        return None
    high = None if loaded.high is None or reference.low <= 0 else round(loaded.high / reference.low, 4)
    return Range(round(loaded.low / reference.high, 4), high)
