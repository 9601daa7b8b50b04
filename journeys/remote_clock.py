"""A clock on another host, put on ours by round trips, with bounds that stay true as both drift."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from flutter_bridge import Interval, now
from journeys.errors import InfrastructureError

DRIFT: Final = 500e-6
"""Seconds a second by which two clocks may drift apart: 500 ppm is the most that NTP slews a clock by, and a
quartz is off by a tenth of it."""

_ENOUGH: Final = 0.0005
_MOST_READINGS: Final = 8
_LEAST_READINGS: Final = 3


class RemoteClock:
    """What a remote wall clock says, on `flutter_bridge.now()`'s clock.

    The remote reads its clock somewhere between our sending of a request and the arrival of its answer,
    wherever in between that was: so each round trip bounds the offset, all of the bounds are true at once,
    and they are cut with one another. No path is taken to be symmetric, and no middle is taken. Bounds grow
    with the time since they were read, by `DRIFT`.
    """

    def __init__(self) -> None:
        self._offset: Interval | None = None
        self._read_at = 0.0

    def note(self, *, sent: float, remote: float, received: float) -> None:
        """Take in a round trip: ours `sent` and `received`, and what the `remote` clock said in between.

        Raises `InfrastructureError` where the readings contradict each other: a clock was set.
        """
        # The reading is as old as the round trip, at most.
        drifted = DRIFT * (received - sent)
        bounds = Interval(sent - remote - drifted, received - remote + drifted)
        if self._offset is not None:
            known = self.offset(received)
            low, high = max(known.low, bounds.low), min(known.high, bounds.high)
            if low > high:
                raise InfrastructureError(
                    f"the backend's clock was set by {_gap_between(known, bounds) * 1000:.1f} ms "
                    "while it was read: measure again"
                )
            bounds = Interval(low, high)
        self._offset, self._read_at = bounds, received

    def offset(self, at: float) -> Interval:
        """Return what has to be added to the remote clock at a moment of ours to get `now()`, in seconds."""
        if self._offset is None:
            raise RuntimeError("the clock has not been read yet")
        drifted = DRIFT * abs(at - self._read_at)
        return Interval(self._offset.low - drifted, self._offset.high + drifted)

    def moment(self, remote: float, *, by: float) -> Interval:
        """Return when, on our clock, the remote one said so; it is over at `by`, when one hears of it.

        However late that is, the bounds have widened only until the moment itself.
        """
        roughly = self.offset(by) + Interval.at(remote)
        # The bounds are the wider the further off the reading, so those at both ends hold the ones between.
        bounds = self.offset(roughly.low).hull(self.offset(min(roughly.high, by)))
        return bounds + Interval.at(remote)

    async def read(self, ask: Callable[[], Awaitable[float]]) -> None:
        """Read the clock by a few round trips; `ask` returns what it says.

        More are made where the first ones leave more than half a millisecond open, up to eight.
        """
        for number in range(_MOST_READINGS):
            sent = now()
            remote = await ask()
            self.note(sent=sent, remote=remote, received=now())
            if number + 1 >= _LEAST_READINGS and self._offset is not None and self._offset.width <= _ENOUGH:
                return


def _gap_between(one: Interval, other: Interval) -> float:
    return max(one.low - other.high, other.low - one.high)
