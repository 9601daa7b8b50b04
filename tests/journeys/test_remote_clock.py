"""A backend's clock on another host: whatever the network does, the true offset lies within the bounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flutter_bridge import now
from journeys.errors import InfrastructureError
from journeys.remote_clock import DRIFT, RemoteClock

way = st.floats(min_value=0.0, max_value=2.0)
trips = st.lists(st.tuples(st.floats(min_value=0.0, max_value=30.0), way, way), min_size=1, max_size=8)


@given(
    ahead=st.floats(min_value=-1e6, max_value=1e9),
    drift=st.floats(min_value=-DRIFT * 0.99, max_value=DRIFT * 0.99),
    trips=trips,
    later=st.floats(min_value=0.0, max_value=3600.0),
)
def test_the_true_offset_lies_within_the_bounds(
    ahead: float, drift: float, trips: list[tuple[float, float, float]], later: float
) -> None:
    """The remote clock is ahead by anything and drifts; requests and answers take any time each way."""

    def remote(moment: float) -> float:
        return moment + ahead + drift * moment

    clock, moment = RemoteClock(), 0.0
    for pause, there, back in trips:
        sent = moment + pause
        moment = sent + there + back
        clock.note(sent=sent, remote=remote(sent + there), received=moment)
        asked = moment + later
        true = asked - remote(asked)
        offset = clock.offset(asked)
        rounding = 1e-6 * max(1.0, abs(ahead) * 1e-6)
        assert offset.low - rounding <= true <= offset.high + rounding
        stamped = moment + 0.4 * later
        told = clock.moment(remote(stamped), by=asked)
        assert told.low - rounding <= stamped <= told.high + rounding


def test_every_round_trip_narrows_the_bounds() -> None:
    clock = RemoteClock()
    clock.note(sent=10.0, remote=110.2, received=10.5)
    wide = clock.offset(10.5).width
    assert wide >= 0.5
    clock.note(sent=10.5, remote=110.51, received=10.52)
    assert clock.offset(10.52).width < 0.1 * wide


def test_the_bounds_widen_as_the_clocks_may_drift() -> None:
    clock = RemoteClock()
    clock.note(sent=10.0, remote=110.0, received=10.0)
    assert clock.offset(10.0).width == 0.0
    assert clock.offset(70.0).width == pytest.approx(2 * 60 * DRIFT)


def test_a_moment_is_known_as_well_however_late_one_hears_of_it() -> None:
    clock = RemoteClock()
    clock.note(sent=10.0, remote=110.0, received=10.001)
    at_once, late = clock.moment(110.5, by=10.501), clock.moment(110.5, by=70.0)
    assert late.low <= 10.5 <= late.high
    assert late.width < 0.0025
    assert late.width == pytest.approx(at_once.width, rel=0.1)


def test_a_clock_that_was_set_is_found_out() -> None:
    clock = RemoteClock()
    clock.note(sent=10.0, remote=110.0, received=10.01)
    with pytest.raises(InfrastructureError, match=r"clock was set by \d+\.\d ms"):
        clock.note(sent=10.02, remote=110.52, received=10.03)


def test_a_clock_that_was_not_read_says_nothing() -> None:
    with pytest.raises(RuntimeError, match="not been read"):
        RemoteClock().offset(now())


async def test_reading_stops_once_little_is_left_open() -> None:
    asked: list[float] = []

    async def ask() -> float:
        asked.append(now())
        return asked[-1] + 7.0

    clock = RemoteClock()
    await clock.read(ask)

    assert len(asked) >= 3
    offset = clock.offset(now())
    assert offset.low <= -7.0 <= offset.high
