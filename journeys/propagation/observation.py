"""Single looks at a surface, and what they come to: when the change appeared, or what went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from itertools import pairwise, takewhile

from flutter_bridge import Frame, Interval
from journeys.timeline import SurfaceState

NOT_ON_SCREEN = "it was not on screen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One look at a surface: at some moment inside `shown` it was in `state`.

    Nothing more is claimed, so leaving some out can only widen what follows from the rest. `distance` is the
    recogniser's, in bits, against the new picture; `frame` is the picture that was judged, where there was
    one; `reason` says what spoke against the new look.
    """

    shown: Interval
    state: SurfaceState
    number: int = 0
    distance: int | None = None
    frame: Frame | None = None
    reason: str = ""

    @classmethod
    def of(
        cls, frame: Frame, state: SurfaceState, reason: str = "", *, distance: int | None = None
    ) -> Observation:
        """Return what one frame shows."""
        return cls(
            shown=frame.shown,
            state=state,
            number=frame.number,
            distance=distance,
            frame=frame,
            reason=reason,
        )


class Fault(StrEnum):
    """What keeps a change from having appeared.

    The first six mean that the observer can't be trusted; the others are what people saw instead.
    """

    NO_CONTROL = "no control"
    NO_ACTION = "no action"
    TOO_EARLY = "too early"
    CONTRADICTION = "contradiction"
    UNCLEAR = "unclear"
    FRAMES_LOST = "frames lost"
    NEVER = "never appeared"
    NEVER_SETTLED = "never settled"
    REVERTED = "reverted"
    ALTERNATED = "alternated"
    VANISHED = "vanished"
    CHANGED = "changed"

    @property
    def is_the_observers(self) -> bool:
        """Whether it is the observer that failed, not the app."""
        return self in tuple(Fault)[:6]


@dataclass(frozen=True, kw_only=True)
class Appearance:
    """What happened on one surface.

    `visible` holds the moment from which the new look was there to stay; None where there is a `fault`.
    `last_old` and `first_new` are the deciding ones on both sides of it, or those that show the fault.
    `flickered` says that the new look was once recognised and lost again without the old one coming back;
    then `visible` holds the first and the last moment at which it may have appeared. `count` observations
    were judged, with at most `blind_s` seconds between two of them after the change.
    """

    visible: Interval | None = None
    fault: Fault | None = None
    last_old: Observation | None = None
    first_new: Observation | None = None
    flickered: bool = False
    count: int = 0
    blind_s: float = 0.0


def find_appearance(
    observations: Sequence[Observation], *, tap: Interval | None, commit: Interval | None
) -> Appearance:
    """Find what happened on a surface, from observations in the order in which they were made.

    The change can't have been seen before the `tap` nor before the `commit`; where one is unknown, only the
    other is asked for. At least one look at the old state must lie before the tap, or before the commit
    where no tap is known (the commit comes after the tap anyway): the negative control.
    """
    known = [moment for moment in (tap, commit) if moment is not None]
    if not known:
        raise ValueError("neither the tap nor the commit is known, so there is nothing to measure from")
    count, start = len(observations), known[0].low
    if not any(one.state is SurfaceState.OLD and one.shown.high <= start for one in observations):
        return Appearance(fault=Fault.NO_CONTROL, count=count)
    result = partial(Appearance, count=count, blind_s=longest_gap(observations, start))
    end = observations[-1]
    new = [at for at, one in enumerate(observations) if one.state is SurfaceState.NEW]
    if not new:
        return result(fault=_FAULT_BY_END.get(end.state, Fault.NEVER), last_old=end)
    # The intervals may overlap, so the first new one need not be the one that tells most.
    soonest = min((observations[at] for at in new), key=lambda one: one.shown.high)
    if soonest.shown.high < max(moment.low for moment in known):
        return result(fault=Fault.TOO_EARLY, last_old=end, first_new=soonest)
    first = new[0]
    if end.state is not SurfaceState.NEW:
        fault = _FAULT_BY_END.get(end.state, Fault.REVERTED)
        return result(fault=fault, last_old=end, first_new=observations[first])
    lasting = 1 + max(at for at, one in enumerate(observations) if one.state is not SurfaceState.NEW)
    # What precedes the first new one was seen before the change appeared, the lasting new ones after it.
    low = max((one.shown.low for one in observations[:first]), default=float("-inf"))
    high = min(one.shown.high for one in observations[lasting:])
    amiss: Fault | None = None
    if any(one.state is SurfaceState.OLD for one in observations[first:lasting]):
        amiss = Fault.ALTERNATED
    elif low > high:
        amiss = Fault.CONTRADICTION
    return result(
        visible=Interval(low, high) if amiss is None else None,
        fault=amiss,
        last_old=observations[lasting - 1],
        first_new=observations[lasting],
        flickered=first < lasting,
    )


_FAULT_BY_END = {
    SurfaceState.OTHER: Fault.NEVER_SETTLED,
    SurfaceState.ABSENT: Fault.VANISHED,
}


def longest_gap(observations: Sequence[Observation], since: float) -> float:
    """Return the longest time without an observation, from the last one before `since` on."""
    gaps = (
        later.shown.high - earlier.shown.low
        for earlier, later in pairwise(observations)
        if later.shown.high >= since
    )
    return max(gaps, default=0.0)


def steady_time_s(observations: Sequence[Observation]) -> float:
    """Return for how long, at least, the new look has been there without a break, up to the last one."""
    run = list(takewhile(lambda one: one.state is SurfaceState.NEW, reversed(observations)))
    return max(0.0, run[0].shown.low - run[-1].shown.high) if run else 0.0
