"""Names the changes among all series: what changed, from which night on, from what to what."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from math import inf, isfinite
from statistics import median
from typing import Any

from journeys.farm.trends.record import ChangePoint, Measure
from journeys.farm.trends.series import Series
from journeys.farm.trends.shifts import Shift, shifts

LEAST_SLOWER = 0.05
"""A change of seconds by a smaller share than this is none that anybody cares about, however certain."""

LEAST_RATE = 0.01
"""The same for pass rates, in their own unit."""


def change_points(series: Sequence[Series], nights: Sequence[Any]) -> list[ChangePoint]:
    """Return the changes in all series, newest first and of one night the worse ones first.

    `nights` are the window's rows: `id`, `started_at`, `revision`. Series of one measure are judged together.
    """
    found: list[tuple[int, ChangePoint]] = []
    for _, group in groupby(sorted(series, key=_measure), key=_measure):
        alike = list(group)
        for one, its_shifts in zip(alike, shifts([_finite(each.values) for each in alike]), strict=True):
            found += _named(one, its_shifts, nights)
    found.sort(key=lambda one: (-one[0], not one[1]["worse"], one[1]["p_value"]))
    return [change for _, change in found]


def _measure(series: Series) -> Measure:
    return series.measure


def _finite(values: Sequence[float]) -> list[float]:
    """Put a number in the place of what was never seen: clearly more than all that was."""
    seen = [value for value in values if isfinite(value)]
    never = 2 * max(seen, default=1.0)
    return [value if isfinite(value) else never for value in values]


def _named(
    series: Series, its_shifts: Sequence[Shift], nights: Sequence[Any]
) -> list[tuple[int, ChangePoint]]:
    found = []
    edges = [0, *(shift.at for shift in its_shifts), len(series.values)]
    for shift, start, end in zip(its_shifts, edges, edges[2:], strict=False):
        before = median(series.values[start : shift.at])
        after = median(series.values[shift.at : end])
        if not _matters(series.measure, before, after):
            continue
        night = nights[series.nights[shift.at]]
        worse = after < before if series.measure == "pass rate" else after > before
        change = ChangePoint(
            measure=series.measure,
            surface=series.surface,
            target=series.target,
            journey=series.journey,
            casting=series.casting,
            step=series.step,
            night=night["id"],
            started_at=night["started_at"],
            revision=night["revision"],
            before=round(before, 4) if isfinite(before) else None,
            after=round(after, 4) if isfinite(after) else None,
            p_value=round(shift.p_value, 6),
            worse=worse,
            summary=_summary(series, before, after, night),
        )
        found.append((series.nights[shift.at], change))
    return found


def _matters(measure: Measure, before: float, after: float) -> bool:
    if measure == "pass rate":
        return abs(after - before) >= LEAST_RATE
    if inf in {before, after}:
        return before != after
    return abs(after - before) >= LEAST_SLOWER * max(before, 0.001)


def _summary(series: Series, before: float, after: float, night: Any) -> str:
    match series.measure:
        case "pass rate":
            what = f"pass rate of {series.journey or series.casting}"
        case "step":
            what = f"step “{series.step}” of {series.journey}"
        case "journey":
            what = f"duration of {series.journey}"
        case measure:
            what = f"{measure} of {series.surface} on {series.target}"
    revision = f", revision {night['revision'][:12]}" if night["revision"] else ""
    return f"{what}: {_told(series, before)} → {_told(series, after)} since {night['id']}{revision}"


def _told(series: Series, value: float) -> str:
    if series.measure == "pass rate":
        return f"{value:.1%}".replace(".0%", "%")
    if not isfinite(value):
        return "never seen"
    return f"{value * 1000:.0f} ms" if value < 10 else f"{value:.1f} s"
