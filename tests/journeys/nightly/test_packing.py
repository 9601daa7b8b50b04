"""Packing: every cell in one shard, none much longer than another, the same wherever it is done."""

from __future__ import annotations

import statistics
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from journeys.nightly.matrix import ListedJourney, MatrixEntry, build_matrix, pack, wall_time
from journeys.nightly.plan import most_important

SECONDS = st.lists(st.floats(0, 1000), max_size=40)


def cells_of(seconds: list[float], priority: str = "P1") -> list[MatrixEntry]:
    return [
        MatrixEntry(
            journey=ListedJourney(id=f"{priority} {number}", name="", priority=priority),
            casting="web",
            expected_s=each,
        )
        for number, each in enumerate(seconds)
    ]


@given(SECONDS, st.integers(1, 8))
def test_every_cell_is_in_one_shard_and_no_shard_exceeds_the_mean_by_more_than_a_cell(
    seconds: list[float], shards: int
) -> None:
    cells = cells_of(seconds)
    filled = pack(cells, shards)
    assert sorted(cell.key for shard in filled for cell in shard) == sorted(cell.key for cell in cells)
    assert [{cell.shard for cell in shard} <= {number} for number, shard in enumerate(filled, 1)] == [
        True
    ] * shards
    longest = max(sum(cell.expected_s for cell in shard) for shard in filled)
    assert longest <= sum(seconds) / shards + max(seconds, default=0.0) + 1e-6


@given(SECONDS, st.integers(1, 5), st.randoms(use_true_random=False))
def test_machines_that_collect_in_another_order_pack_alike(
    seconds: list[float], shards: int, chance: Random
) -> None:
    cells = cells_of(seconds)
    shuffled = chance.sample(cells, len(cells))
    assert pack(cells, shards) == pack(shuffled, shards)


def test_the_longest_come_first_so_that_no_worker_ends_late() -> None:
    (shard,) = pack(cells_of([1, 1, 1, 1, 4]), 1)
    assert shard[0].expected_s == 4
    assert wall_time((cell.expected_s for cell in shard), 2) == 4
    assert wall_time([1, 1, 1, 1, 4], 2) == 6


def test_what_has_no_past_is_expected_to_take_what_it_takes_elsewhere_or_what_others_take() -> None:
    looks, acts = (ListedJourney(id=each, name="", priority="P1") for each in ("looks", "acts"))
    durations = {("looks", "web"): 10.0, ("looks", "ios"): 30.0}
    expected = {cell.key: cell.expected_s for cell in build_matrix([looks, acts], ["web", "tv"], durations)}
    assert expected == {
        ("looks", "web"): 10.0,
        ("looks", "tv"): 20.0,
        ("acts", "web"): statistics.median([10.0, 30.0]),
        ("acts", "tv"): 20.0,
    }


def test_where_only_some_may_be_played_they_are_the_most_important_in_the_order_they_had() -> None:
    less, more = cells_of([5, 4, 3]), cells_of([2, 1], priority="P0")
    assert [cell.expected_s for cell in most_important([*less, *more], 3)] == [5, 2, 1]
    assert most_important(less, None) == less
