from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flutter_bridge import Interval, now, wall_offset

moments = st.floats(-1e6, 1e6)
shares = st.floats(0, 1)


@st.composite
def known(draw: st.DrawFn) -> tuple[Interval, float]:
    """An interval, and the true moment somewhere in it."""
    low, high = sorted((draw(moments), draw(moments)))
    return Interval(low, high), min(high, low + draw(shares) * (high - low))


@given(known(), known())
def test_the_truth_stays_inside_whatever_is_computed(
    one: tuple[Interval, float], other: tuple[Interval, float]
) -> None:
    (a, in_a), (b, in_b) = one, other
    tiny = 1e-9
    assert (a + b).low - tiny <= in_a + in_b <= (a + b).high + tiny
    assert (a - b).low - tiny <= in_a - in_b <= (a - b).high + tiny
    assert a.hull(b).low <= min(in_a, in_b)
    assert a.hull(b).high >= max(in_a, in_b)


@given(known(), known())
def test_uncertainties_add_up(one: tuple[Interval, float], other: tuple[Interval, float]) -> None:
    a, b = one[0], other[0]
    assert (a + b).width == pytest.approx(a.width + b.width, abs=1e-6)
    assert (a - b).width == pytest.approx(a.width + b.width, abs=1e-6)


@pytest.mark.parametrize("bounds", [(2.0, 1.0), (float("nan"), 1.0), (0.0, float("nan"))])
def test_an_interval_needs_its_bounds_in_order(bounds: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="low <= high"):
        Interval(*bounds)


def test_a_moment_has_no_width_unless_given_one() -> None:
    assert Interval.at(5.0) == Interval(5.0, 5.0)
    assert Interval.at(5.0, plus_minus=0.25) == Interval(4.75, 5.25)


def test_the_wall_clock_is_put_on_the_monotonic_one() -> None:
    offset = wall_offset()
    before = now()
    converted = offset + Interval.at(time.time())
    after = now()
    assert before <= converted.high
    assert converted.low <= after
    assert offset.width < 0.001
