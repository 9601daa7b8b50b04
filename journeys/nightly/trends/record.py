"""What the last nights say together: the plain data that the console, the nightly report and others read."""

from __future__ import annotations

from typing import Literal, TypedDict

from journeys.report import Bounds

SCHEMA = 1

Measure = Literal["propagation p50", "propagation p95", "pass rate", "step", "journey"]
"""What changed: `propagation …` and `step` and `journey` are seconds, `pass rate` is a share from 0 to 1."""


class NightRow(TypedDict):
    """One night of the window; `counts` has how many cells have each status, those that none has left out."""

    id: str
    started_at: str
    revision: str
    branch: str
    status: str
    duration_s: float
    counts: dict[str, int]


class Since(TypedDict):
    """The night in which a cell first failed and has not passed since: `night` is its id.

    `nights` counts those in which it was played without passing, that one included. `passed_last` and
    `passed_revision` are the night before it in which it passed; empty where none of those kept did.
    """

    night: str
    started_at: str
    revision: str
    nights: int
    passed_last: str
    passed_revision: str


class CellTrend(TypedDict):
    """One journey on one casting over the window.

    `outcomes` has one letter for each of the record's nights, in their order: `p` passed, `f` failed,
    `i` inconclusive, `e` error, `n` not run, `-` not part of that night. `played` counts the nights in which
    it was played, `passed` those in which it passed; `pass_rate` is their ratio, null where it was never
    played. `flake_score` is from 0 (always the same) to 1 (another outcome at every try), over all tries but
    those the infrastructure spoiled, which `infrastructure` counts; null with fewer than two tries.
    `expected_s` is the median of its newest durations, null where none is known. `since` is null unless the
    newest night in which it was played did not pass.
    """

    journey: str
    name: str
    casting: str
    priority: str
    outcomes: str
    played: int
    passed: int
    pass_rate: float | None
    flake_score: float | None
    infrastructure: int
    expected_s: float | None
    since: Since | None


class PropagationNight(TypedDict):
    """How long a change took to be seen in one night; `unseen` of the `samples` were never seen to stay.

    A bound is null where it is infinite: that many were never seen.
    """

    night: str
    samples: int
    unseen: int
    p50_s: Bounds | None
    p95_s: Bounds | None


class PropagationTrend(TypedDict):
    """From the commit until it was seen, on one surface of one target, oldest night first.

    `budget_s` is the smallest budget that the newest of these nights held it against.
    """

    surface: str
    target: str
    budget_s: float
    nights: list[PropagationNight]


class SlowStep(TypedDict):
    """One of the slowest steps of the newest night, all castings together; its share is of that night's time.

    `p50_before_s` is the median of its medians in the nights before; null where there were none.
    """

    journey: str
    step: str
    castings: list[str]
    runs: int
    p50_s: float
    p95_s: float
    total_s: float
    share: float
    p50_before_s: float | None


class ChangePoint(TypedDict):
    """From which night on a number has been another one: `night` is the first with the new level.

    `before` and `after` are the medians of the nights before it and from it on, up to the next change; null
    where a change was not seen at all.
    `p_value` is the chance of a change this clear where only the order of the nights is chance. Of `surface`,
    `target`, `journey`, `casting` and `step` those that don't apply are empty. `worse`: slower, or fewer
    pass. `summary` says all of it in one line.
    """

    measure: Measure
    surface: str
    target: str
    journey: str
    casting: str
    step: str
    night: str
    started_at: str
    revision: str
    before: float | None
    after: float | None
    p_value: float
    worse: bool
    summary: str


class TrendsRecord(TypedDict):
    """What the last nights of one name say, oldest night first; cells by journey and casting.

    `changes` has the newest first, and of one night the worse ones first.
    """

    schema: int
    name: str
    branch: str
    nights: list[NightRow]
    cells: list[CellTrend]
    propagation: list[PropagationTrend]
    steps: list[SlowStep]
    changes: list[ChangePoint]
