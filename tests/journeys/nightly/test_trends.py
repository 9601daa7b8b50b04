"""Trends: since when something fails, how fast a change is seen, and what is more than chance."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.nightly.record import CellRecord, CellStatus, NightRecord
from journeys.nightly.store import Store
from journeys.nightly.trends import ChangePoint, flake_score
from journeys.nightly.trends import shifts as shifts_module
from journeys.nightly.trends.changes import Series, change_points
from journeys.nightly.trends.shifts import FEWEST, shifts
from journeys.report import Bounds, SurfaceRecord
from tests.journeys.nightly.sample_nights import cell, night, surface


def noise(count: int, level: float, *, seed: int, spread: float = 0.02) -> list[float]:
    chance = Random(seed)  # noqa: S311 - to be repeated, not to be secret
    return [chance.gauss(level, spread) for _ in range(count)]


def seen_after(*latencies: float) -> list[SurfaceRecord]:
    """What was measured on a feed: latencies as intervals of one frame; infinite ones were never seen."""
    return [
        surface()
        if latency == inf
        else surface("passed", None, seen=Bounds(low=latency, high=latency + 0.017))
        for latency in latencies
    ]


def nights_of(cells: Iterable[CellRecord]) -> list[NightRecord]:
    """A night for each cell, numbered, each with a revision of its own."""
    return [
        night(each, id=f"night-{number}", revision=f"revision-{number}")
        for number, each in enumerate(cells, start=1)
    ]


def nights_that(*became: CellStatus) -> list[NightRecord]:
    """A night for each outcome of one and the same cell."""
    return nights_of(cell(status) for status in became)


def test_a_new_level_is_found_at_its_first_figure() -> None:
    level = noise(20, 0.3, seed=1) + noise(6, 0.4, seed=2)
    (found,) = shifts([level])

    assert [shift.at for shift in found] == [20]
    assert found[0].p_value < 0.005


def test_a_change_that_is_taken_back_is_two() -> None:
    there_and_back = noise(12, 0.3, seed=1) + noise(10, 0.4, seed=2) + noise(12, 0.3, seed=3)

    assert [shift.at for shift in shifts([there_and_back])[0]] == [12, 22]


def test_one_bad_night_is_no_new_level() -> None:
    assert shifts([[*noise(15, 0.3, seed=1), 2.0, *noise(14, 0.3, seed=2)]]) == [[]]
    assert shifts([[*noise(29, 0.3, seed=1), 2.0]]) == [[]]


def test_among_many_series_of_noise_hardly_one_is_said_to_have_changed() -> None:
    found = shifts([noise(25, 0.3, seed=seed) for seed in range(200)])

    assert sum(map(len, found)) <= 1


def test_one_change_among_many_series_is_found_all_the_same() -> None:
    many = [noise(25, 0.3, seed=seed) for seed in range(60)]
    many[17] = noise(15, 0.3, seed=1) + noise(10, 0.5, seed=2)

    assert [(place, shift.at) for place, found in enumerate(shifts(many)) for shift in found] == [(17, 15)]


@given(st.lists(st.floats(-10, 10), min_size=2 * FEWEST, max_size=14))
def test_what_is_parted_best_is_furthest_apart_by_the_energy_distance(figures: list[float]) -> None:
    values = np.array(figures)
    distances = np.abs(values[:, None] - values[None, :])
    (clearness,) = shifts_module._clearness(distances, np.arange(len(values))[None, :])

    for begin in range(FEWEST, len(values) - FEWEST + 1):
        for end in range(begin + FEWEST, len(values) + 1):
            m, n = begin, end - begin
            across = distances[:begin, begin:end].mean()
            left = distances[:begin, :begin].sum() / (m * (m - 1))
            right = distances[begin:end, begin:end].sum() / (n * (n - 1))
            wanted = m * n / (m + n) * (2 * across - left - right)
            assert clearness[begin - FEWEST, end - 2 * FEWEST] == pytest.approx(wanted, abs=1e-6)


@given(st.lists(st.sampled_from([0.0, 1.0]), max_size=5) | st.lists(st.just(0.25), max_size=40))
def test_too_few_figures_and_figures_that_are_all_the_same_say_nothing(values: list[float]) -> None:
    assert shifts([values]) == [[]]


@pytest.mark.parametrize(
    ("tries", "score"),
    [
        ("", None),
        ("p", None),
        ("xp", None),
        ("pppp", 0.0),
        ("pfpf", 1.0),
        ("ppff", 0.3333),
        ("pxf", 1.0),
        ("fi", 0.0),
    ],
)
def test_flake_score_counts_how_often_a_try_goes_another_way(tries: str, score: float | None) -> None:
    assert flake_score(tries) == score


async def test_a_propagation_that_became_slower_is_named_with_its_first_night_and_revision(
    store: Store,
) -> None:
    chance = Random(3)  # noqa: S311 - to be repeated, not to be secret
    levels = [0.1] * 8 + [0.16] * 8
    for each in nights_of(
        cell(surfaces=seen_after(*(chance.gauss(level, 0.008) for _ in range(12)))) for level in levels
    ):
        await store.keep(each)
    trends = await store.trends("nightly")

    change = next(change for change in trends["changes"] if change["measure"] == "propagation p50")
    assert (change["night"], change["revision"], change["worse"]) == ("night-9", "revision-9", True)
    assert (change["surface"], change["target"]) == ("feed", "web")
    assert change["summary"].endswith("since night-9, revision revision-9")
    assert {one["measure"] for one in trends["changes"]} == {"propagation p50", "propagation p95"}


async def test_quantiles_of_a_night_hold_the_true_ones_and_count_what_was_never_seen(store: Store) -> None:
    await store.keep(night(cell(surfaces=seen_after(0.1, 0.3, 0.2, inf))))
    (trend,) = (await store.trends())["propagation"]
    (row,) = trend["nights"]

    assert (row["samples"], row["unseen"], trend["budget_s"]) == (4, 1, 1.0)
    # What was never seen to stay may have been there at once: the low bounds are 0, 0.1, 0.2, 0.3.
    assert row["p50_s"] == {"low": 0.1, "high": pytest.approx(0.217)}
    assert row["p95_s"] is None


async def test_where_no_commit_is_known_a_night_counts_from_the_tap(store: Store) -> None:
    from_tap = surface("passed", None, seen=Bounds(low=0.1, high=0.117))
    from_tap["commit_to_visible_s"] = None
    await store.keep(night(cell(surfaces=[from_tap])))
    (trend,) = (await store.trends())["propagation"]
    (row,) = trend["nights"]
    assert (row["unseen"], row["p95_s"]) == (0, {"low": 0.1, "high": 0.117})


async def test_a_failing_cell_says_since_when_and_where_it_passed_last(store: Store) -> None:
    for each in nights_that("passed", "passed", "failed", "not run", "inconclusive"):
        await store.keep(each)
    (one,) = (await store.trends())["cells"]

    assert one["outcomes"] == "ppfni"
    assert one["since"] is not None
    assert (one["since"]["night"], one["since"]["revision"]) == ("night-3", "revision-3")
    assert one["since"]["nights"] == 2
    assert (one["since"]["passed_last"], one["since"]["passed_revision"]) == ("night-2", "revision-2")


async def test_since_when_looks_behind_the_nights_that_are_shown(store: Store) -> None:
    for each in nights_that("passed", "failed", "failed", "failed"):
        await store.keep(each)
    (one,) = (await store.trends(nights=2))["cells"]

    assert one["outcomes"] == "ff"
    assert one["since"] is not None
    assert (one["since"]["night"], one["since"]["passed_last"]) == ("night-2", "night-1")


def changes_of(series: Series) -> list[ChangePoint]:
    rows = [{"id": f"{index}", "started_at": "", "revision": ""} for index in range(40)]
    return change_points([series], rows)


def test_a_pass_rate_that_falls_is_worse_and_one_that_rises_is_not() -> None:
    rate = (1.0,) * 12 + (0.8,) * 8
    falls = Series(measure="pass rate", casting="web", nights=tuple(range(20)), values=rate)
    rises = Series(measure="pass rate", casting="web", nights=tuple(range(20)), values=rate[::-1])

    assert [(one["night"], one["worse"]) for one in changes_of(falls)] == [("12", True)]
    assert [(one["night"], one["worse"]) for one in changes_of(rises)] == [("8", False)]
    assert changes_of(falls)[0]["summary"] == "pass rate of web: 100% → 80% since 12"


def test_a_certain_change_that_is_too_small_for_anybody_to_notice_is_not_named() -> None:
    values = tuple(noise(15, 0.300, seed=1, spread=0.0001) + noise(15, 0.301, seed=2, spread=0.0001))

    assert shifts([values]) != [[]]
    assert changes_of(Series(measure="step", nights=tuple(range(30)), values=values)) == []


def test_nights_without_the_figure_are_passed_over() -> None:
    values = tuple(noise(10, 0.3, seed=1) + noise(10, 0.5, seed=2))
    (change,) = changes_of(Series(measure="step", nights=tuple(range(0, 40, 2)), values=values))

    assert change["night"] == "20"


def test_what_was_never_seen_any_more_is_named_so() -> None:
    values = tuple(noise(12, 0.3, seed=1)) + (inf,) * 8
    (change,) = changes_of(
        Series(
            measure="propagation p95", surface="feed", target="web", nights=tuple(range(20)), values=values
        )
    )

    assert (change["night"], change["after"], change["worse"]) == ("12", None, True)
    assert "→ never seen since 12" in change["summary"]
