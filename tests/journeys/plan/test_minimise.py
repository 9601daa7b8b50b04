"""The search for the fewest that are needed, on predicates whose answer is known."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.plan.bisection import minimise


class Trial:
    """Fails where some are all there; counts how often it was asked."""

    def __init__(self, *needed: int) -> None:
        self._needed = set(needed)
        self.runs = 0

    async def fails(self, chosen: Sequence[int]) -> bool:
        self.runs += 1
        assert list(chosen) == sorted(chosen), "in the order in which they ran"
        return self._needed <= set(chosen)


@pytest.mark.parametrize(("size", "most_runs"), [(1, 1), (2, 2), (16, 5), (64, 7), (256, 9), (1000, 11)])
async def test_one_is_found_by_halving(size: int, most_runs: int) -> None:
    for at in range(0, size, max(1, size // 20)):
        trial = Trial(at)
        assert await minimise(range(size), trial.fails) == [at]
        assert trial.runs <= most_runs


async def test_two_that_are_needed_together_cost_twice_as_much() -> None:
    trial = Trial(3, 200)
    assert await minimise(range(256), trial.fails) == [3, 200]
    assert trial.runs <= 2 * 9 + 2


@given(
    st.integers(1, 60).flatmap(
        lambda size: st.tuples(st.just(size), st.sets(st.integers(0, size - 1), min_size=1))
    )
)
async def test_all_that_are_needed_are_found_and_no_more(case: tuple[int, set[int]]) -> None:
    size, needed = case
    assert await minimise(range(size), Trial(*needed).fails) == sorted(needed)


async def test_one_of_two_that_each_suffice_is_enough() -> None:
    async def fails(chosen: Sequence[int]) -> bool:
        return bool({5, 11} & set(chosen))

    found = await minimise(range(16), fails)
    assert found in ([5], [11])


async def test_what_mends_in_between_leads_to_a_set_that_fails() -> None:
    """9 mends what 2 leaves, and 12 leaves it again."""

    async def fails(chosen: Sequence[int]) -> bool:
        is_left = False
        for each in chosen:
            is_left = each in {2, 12} or (is_left and each != 9)
        return is_left

    found = await minimise(range(16), fails)
    assert found is not None
    assert await fails(found)
    assert len(found) == 1


@given(st.sets(st.frozensets(st.integers(0, 7), min_size=1), max_size=60))
async def test_what_is_found_fails_and_passes_without_any_one(failing: set[frozenset[int]]) -> None:
    """However little sense there is in what fails: some mends, some is needed, some is left again."""
    everything = frozenset(range(8))

    async def fails(chosen: Sequence[int]) -> bool:
        return frozenset(chosen) in failing | {everything}

    found = await minimise(range(8), fails)
    assert found is not None
    assert await fails(found)
    for each in found:
        assert not await fails([other for other in found if other != each])


@pytest.mark.parametrize("size", [0, 1, 2, 100])
async def test_nothing_is_found_where_nothing_fails(size: int) -> None:
    trial = Trial(size)
    assert await minimise(range(size), trial.fails) is None
    assert trial.runs <= 10, "and that is seen soon"
