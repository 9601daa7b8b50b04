"""Finds the nights from which on a series of numbers has another level.

The statistic and its permutation test are those of E-divisive (Matteson and James, A Nonparametric Approach
for Multiple Change Point Analysis of Multivariate Data, Journal of the American Statistical Association 109,
2014), which MongoDB (Daly et al., ICPE 2020) and Hunter (Fleming et al., ICPE 2023) use to find what became
slower: of all ways to part a series in two, the one whose parts differ most by the energy distance; then how
often the same numbers in a random order can be parted as clearly. Parts are parted again. Permutations end
early where the answer is plain (Besag and Clifford, Sequential Monte Carlo p-values, Biometrika 78, 1991).

As many series are looked at every morning, the share of chance among all that is named is limited (Benjamini
and Hochberg, Controlling the False Discovery Rate, Journal of the Royal Statistical Society B 57, 1995).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FALSE_SHARE = 0.05
"""Of the shifts that are named, at most this share is chance, on average."""

FEWEST = 3
"""How many numbers a level has at least: one bad night is no level."""

PLAIN = 10
"""After so many orders that part as clearly, chance it is."""

MOST_PERMUTATIONS = 50_000

_NUMBERS = 250_000
"""How many distances are looked at in one go: these are arrays of a few megabytes."""

_SEED = 20140422
"""The same numbers give the same answer."""

Numbers = NDArray[np.float64]


class Shift(NamedTuple):
    """The index of the first number of a new level, and the chance of one this clear in a random order."""

    at: int
    p_value: float


def shifts(series: Sequence[Sequence[float]]) -> list[list[Shift]]:
    """Return the shifts of each of several series, by index; none of them may hold infinities.

    The more series there are, the clearer a shift has to be: how clear is decided for all of them together.
    """
    # The smallest p-value there can be has to do for one shift among all the series.
    permutations = min(MOST_PERMUTATIONS, max(999, round(2 * len(series) / FALSE_SHARE)))
    random = np.random.default_rng(_SEED)
    tests = [_part_series(np.asarray(each, dtype=np.float64), random, permutations) for each in series]
    limit = _limit([shift.p_value for of_one in tests for shift in of_one])
    return [sorted(shift for shift in of_one if shift.p_value <= limit) for of_one in tests]


def _part_series(values: Numbers, random: np.random.Generator, permutations: int) -> list[Shift]:
    """Return the best way to part a series and, where it may be more than chance, its parts."""
    found: list[Shift] = []
    # A part of a part is no clearer than what it is a part of.
    waiting = [(0, len(values), 0.0)]
    while waiting:
        start, end, least = waiting.pop()
        test = _test(values[start:end], random, permutations)
        if test is None:
            continue
        index, p_value = start + test.at, max(test.p_value, least)
        found.append(Shift(index, p_value))
        if p_value <= FALSE_SHARE:
            waiting += [(start, index, p_value), (index, end, p_value)]
    return found


def _test(values: Numbers, random: np.random.Generator, permutations: int) -> Shift | None:
    count = len(values)
    distances = np.abs(values[:, None] - values[None, :])
    if count < 2 * FEWEST or not distances.any():
        return None
    observed = _clearness(distances, np.arange(count)[None, :])[0]
    at = FEWEST + int(observed.argmax()) // observed.shape[1]
    # Sums of the same distances in another order differ in their last digits.
    least = observed.max() * (1 - 1e-9)
    as_clear = done = 0
    while done < permutations:
        # Few at first: most series need no more.
        batch = min(max(2 * PLAIN, done), max(1, _NUMBERS // count**2), permutations - done)
        orders = random.permuted(np.tile(np.arange(count), (batch, 1)), axis=1)
        reached = np.flatnonzero(_clearness(distances, orders).max(axis=(1, 2)) >= least)
        if as_clear + len(reached) >= PLAIN:
            tried = done + int(reached[PLAIN - as_clear - 1]) + 1
            return Shift(at, PLAIN / tried)
        as_clear += len(reached)
        done += batch
    return Shift(at, (as_clear + 1) / (permutations + 1))


def _clearness(distances: Numbers, orders: NDArray[np.int64]) -> Numbers:
    """Return for each order the weighed energy distance between its numbers up to any one and those after it.

    Those after it end at any one, too: a level that is left again could not be told from what is around it.
    Axes: order, where the second part begins (from `FEWEST` on), where it ends; -inf where it is too short.
    """
    count = len(distances)
    sums = np.zeros((len(orders), count + 1, count + 1))
    # The distances between the first so many numbers and the first so many others.
    np.cumsum(distances[orders[:, :, None], orders[:, None, :]].cumsum(axis=1), axis=2, out=sums[:, 1:, 1:])
    own = np.diagonal(sums, axis1=1, axis2=2)
    of_both, of_left, of_end, impossible = _weights(count)
    clearness = sums[:, FEWEST : count - FEWEST + 1, 2 * FEWEST :] * of_both
    clearness -= own[:, FEWEST : count - FEWEST + 1, None] * of_left
    clearness -= own[:, None, 2 * FEWEST :] * of_end
    clearness += impossible
    return clearness


@cache
def _weights(count: int) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Return what the sums count for in the clearness of a series of so many numbers.

    With m numbers before and n after, whose distances sum up to A across, L among those before and R among
    those after, each pair twice, the clearness is mn/(m + n) · (2A/(mn) - L/(m(m - 1)) - R/(n(n - 1))). Of
    the sums at hand, both is A + L, left is L, and end is L + 2A + R.
    """
    before = np.arange(FEWEST, count - FEWEST + 1, dtype=np.float64)[:, None]
    after = np.arange(2 * FEWEST, count + 1, dtype=np.float64)[None, :] - before
    impossible = np.where(after >= FEWEST, 0.0, -np.inf)
    after = np.maximum(after, FEWEST)
    together = before + after
    of_end = before / (together * (after - 1))
    of_both = 2 / together + 2 * of_end
    of_left = of_both + after / (together * (before - 1)) - of_end
    return of_both, of_left, of_end, impossible


def _limit(p_values: Sequence[float]) -> float:
    """Return the greatest p-value that is no chance, given all of them; 0 where all of them are."""
    ordered = np.sort(np.asarray(p_values, dtype=np.float64))
    fine = np.flatnonzero(ordered <= FALSE_SHARE * np.arange(1, len(ordered) + 1) / max(1, len(ordered)))
    return float(ordered[fine[-1]]) if len(fine) else 0.0
