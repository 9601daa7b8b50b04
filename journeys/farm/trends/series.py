"""The figures of the last nights that may have changed: one series for each of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from journeys.farm.history import Window
from journeys.farm.trends.record import Measure

Figure = Callable[[list[float]], float]


@dataclass(frozen=True, kw_only=True)
class Series:
    """One figure over the nights that have it.

    `nights` are indices into the window's; a value is infinite where a change was never seen.
    """

    measure: Measure
    surface: str = ""
    target: str = ""
    journey: str = ""
    casting: str = ""
    step: str = ""
    nights: tuple[int, ...]
    values: tuple[float, ...]


def known_median(values: Sequence[float]) -> float | None:
    """Return the median, None of nothing."""
    return round(median(values), 4) if values else None


def series_of(window: Window) -> list[Series]:
    """Return all series of a window."""
    place = {row["number"]: index for index, row in enumerate(window.nights)}
    return [*_propagation(window, place), *_cells(window, place), *_steps(window, place)]


def _propagation(window: Window, place: dict[int, int]) -> Iterable[Series]:
    rows = defaultdict(list)
    for row in window.propagation:
        rows[row["surface"], row["target"]].append(row)
    for (surface, target), of_one in rows.items():
        nights = tuple(place[row["night"]] for row in of_one)
        # By the high bounds: what a budget is held against.
        p50, p95 = ((tuple(row[column] for row in of_one)) for column in ("p50_high_s", "p95_high_s"))
        yield Series(measure="propagation p50", surface=surface, target=target, nights=nights, values=p50)
        yield Series(measure="propagation p95", surface=surface, target=target, nights=nights, values=p95)


def _cells(window: Window, place: dict[int, int]) -> Iterable[Series]:
    """Give each casting's and each journey's pass rate, and how long each journey takes."""
    castings: defaultdict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    journeys: defaultdict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    durations: defaultdict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in window.cells:
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
        nights, values = _each(by_night, _mean)
        yield Series(measure="pass rate", casting=casting, nights=nights, values=values)
    for journey, by_night in journeys.items():
        nights, values = _each(by_night, _mean)
        yield Series(measure="pass rate", journey=journey, nights=nights, values=values)
    for journey, by_night in durations.items():
        nights, values = _each(by_night, median)
        yield Series(measure="journey", journey=journey, nights=nights, values=values)


def _steps(window: Window, place: dict[int, int]) -> Iterable[Series]:
    rows = defaultdict(list)
    for row in window.steps:
        rows[row["journey"], row["title"]].append(row)
    for (journey, step), of_one in rows.items():
        yield Series(
            measure="step",
            journey=journey,
            step=step,
            nights=tuple(place[row["night"]] for row in of_one),
            values=tuple(row["p50_s"] for row in of_one),
        )


def _each(by_night: dict[int, list[float]], figure: Figure) -> tuple[tuple[int, ...], tuple[float, ...]]:
    nights = sorted(by_night)
    return tuple(nights), tuple(figure(by_night[night]) for night in nights)


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)
