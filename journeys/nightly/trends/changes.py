"""What has changed: a series for each number that may have, and the night from which on it is another one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import inf, isfinite
from operator import attrgetter
from statistics import fmean, median
from typing import Any

from journeys.nightly.trends.recent_nights import RecentNights
from journeys.nightly.trends.record import ChangePoint, Measure
from journeys.nightly.trends.shifts import Shift, shifts

MIN_SLOWDOWN_SHARE = 0.05
"""A change of seconds by a smaller share than this is none that anybody cares about, however certain."""

MIN_RATE_CHANGE = 0.01
"""The same for pass rates, in their own unit."""


@dataclass(frozen=True, kw_only=True)
class Series:
    """One number over the nights that have it.

    `nights` are indices into the recent nights'; a value is infinite where a change was never seen.
    """

    measure: Measure
    surface: str = ""
    target: str = ""
    journey: str = ""
    casting: str = ""
    step: str = ""
    nights: tuple[int, ...]
    values: tuple[float, ...]


def change_points(series: Sequence[Series], nights: Sequence[Any]) -> list[ChangePoint]:
    """Return the changes in all series, newest first and of one night the worse ones first.

    `nights` are the recent nights' rows: `id`, `started_at`, `revision`. Series of one measure are judged
    together.
    """
    found: list[tuple[int, ChangePoint]] = []
    for _, group in groupby(sorted(series, key=attrgetter("measure")), key=attrgetter("measure")):
        alike = list(group)
        for one, its_shifts in zip(alike, shifts([_make_finite(each.values) for each in alike]), strict=True):
            found += _change_points(one, its_shifts, nights)
    found.sort(key=lambda one: (-one[0], not one[1]["worse"], one[1]["p_value"]))
    return [change for _, change in found]


def median_or_none(values: Sequence[float]) -> float | None:
    """Return the median, None of nothing."""
    return round(median(values), 4) if values else None


def series_of(recent: RecentNights) -> list[Series]:
    """Return all series of the recent nights."""
    place = {row["number"]: index for index, row in enumerate(recent.nights)}
    return [*_propagation_series(recent, place), *_cell_series(recent, place), *_step_series(recent, place)]


def _make_finite(values: Sequence[float]) -> list[float]:
    """Put a number in the place of what was never seen: clearly more than all that was."""
    seen = [value for value in values if isfinite(value)]
    never = 2 * max(seen, default=1.0)
    return [value if isfinite(value) else never for value in values]


def _change_points(
    series: Series, its_shifts: Sequence[Shift], nights: Sequence[Any]
) -> list[tuple[int, ChangePoint]]:
    found = []
    edges = [0, *(shift.at for shift in its_shifts), len(series.values)]
    for shift, start, end in zip(its_shifts, edges, edges[2:], strict=False):
        before = median(series.values[start : shift.at])
        after = median(series.values[shift.at : end])
        if not _is_relevant(series.measure, before, after):
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


def _is_relevant(measure: Measure, before: float, after: float) -> bool:
    if measure == "pass rate":
        return abs(after - before) >= MIN_RATE_CHANGE
    if inf in {before, after}:
        return before != after
    return abs(after - before) >= MIN_SLOWDOWN_SHARE * max(before, 0.001)


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
    was, became = _format_value(series, before), _format_value(series, after)
    return f"{what}: {was} → {became} since {night['id']}{revision}"


def _format_value(series: Series, value: float) -> str:
    if series.measure == "pass rate":
        return f"{value:.1%}".replace(".0%", "%")
    if not isfinite(value):
        return "never seen"
    return f"{value * 1000:.0f} ms" if value < 10 else f"{value:.1f} s"


def _propagation_series(recent: RecentNights, place: dict[int, int]) -> Iterable[Series]:
    rows = defaultdict(list)
    for row in recent.propagation:
        rows[row["surface"], row["target"]].append(row)
    for (surface, target), of_one in rows.items():
        nights = tuple(place[row["night"]] for row in of_one)
        # By the high bounds: what a budget is held against.
        p50, p95 = ((tuple(row[column] for row in of_one)) for column in ("p50_high_s", "p95_high_s"))
        yield Series(measure="propagation p50", surface=surface, target=target, nights=nights, values=p50)
        yield Series(measure="propagation p95", surface=surface, target=target, nights=nights, values=p95)


def _cell_series(recent: RecentNights, place: dict[int, int]) -> Iterable[Series]:
    """Give each casting's and each journey's pass rate, and how long each journey takes."""
    castings: defaultdict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    journeys: defaultdict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    durations: defaultdict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in recent.cells:
        of_casting, of_journey = castings[row["casting"]], journeys[row["journey"]]
        took = durations[row["journey"]]
        for night, outcome, seconds in zip(row["nights"], row["outcomes"], row["durations"], strict=True):
            if outcome != "n":
                passed = float(outcome == "p")
                of_casting[place[night]].append(passed)
                of_journey[place[night]].append(passed)
                # What ended early says nothing of how long it takes.
                if passed and seconds is not None:
                    took[place[night]].append(seconds)
    for casting, by_night in castings.items():
        nights, values = _summarize_each(by_night, fmean)
        yield Series(measure="pass rate", casting=casting, nights=nights, values=values)
    for journey, by_night in journeys.items():
        nights, values = _summarize_each(by_night, fmean)
        yield Series(measure="pass rate", journey=journey, nights=nights, values=values)
    for journey, by_night in durations.items():
        nights, values = _summarize_each(by_night, median)
        yield Series(measure="journey", journey=journey, nights=nights, values=values)


def _step_series(recent: RecentNights, place: dict[int, int]) -> Iterable[Series]:
    rows = defaultdict(list)
    for row in recent.steps:
        rows[row["journey"], row["title"]].append(row)
    for (journey, step), of_one in rows.items():
        yield Series(
            measure="step",
            journey=journey,
            step=step,
            nights=tuple(place[row["night"]] for row in of_one),
            values=tuple(row["p50_s"] for row in of_one),
        )


def _summarize_each(
    by_night: dict[int, list[float]], summarize: Callable[[list[float]], float]
) -> tuple[tuple[int, ...], tuple[float, ...]]:
    nights = sorted(by_night)
    return tuple(nights), tuple(summarize(by_night[night]) for night in nights)
