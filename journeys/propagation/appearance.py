"""From looks at a surface to what happened on it: when the change appeared, or what went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from flutter_bridge import Interval
from journeys.propagation.sighting import Sighting
from journeys.timeline import Sight


class Fault(StrEnum):
    """What keeps a change from having appeared.

    The first six say that the observer can't be trusted; the others say what people saw instead.
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

    @property
    def is_the_observers(self) -> bool:
        """Whether it is the observer that failed, not the app."""
        return self in _OBSERVERS


_OBSERVERS = {
    Fault.NO_CONTROL,
    Fault.NO_ACTION,
    Fault.TOO_EARLY,
    Fault.CONTRADICTION,
    Fault.UNCLEAR,
    Fault.FRAMES_LOST,
}


@dataclass(frozen=True, kw_only=True)
class Appearance:
    """What happened on one surface.

    `visible` holds the moment from which the new look was there to stay; None where there is a `fault`.
    `last_old` and `first_new` are the deciding looks on both sides of it, or those that show the fault.
    `flickered` says that the new look was once recognised and lost again without the old one coming back;
    then `visible` holds the first and the last moment at which it may have appeared. `looks` were judged,
    with at most `blind` seconds between two of them after the change.
    """

    visible: Interval | None = None
    fault: Fault | None = None
    last_old: Sighting | None = None
    first_new: Sighting | None = None
    flickered: bool = False
    looks: int = 0
    blind: float = 0.0


def appearance(sightings: Sequence[Sighting], *, tap: Interval | None, commit: Interval | None) -> Appearance:
    """Say what happened on a surface, from looks in the order in which they were taken.

    The change can't have been seen before the `tap` nor before the `commit`; where one is unknown, only the
    other is asked for. At least one look at the old state must lie before the tap, or before the commit where
    no tap is known (the commit comes after the tap anyway): the negative control.
    """
    known = [moment for moment in (tap, commit) if moment is not None]
    if not known:
        raise ValueError("neither the tap nor the commit is known, so there is nothing to measure from")
    looks, start = len(sightings), known[0].low
    if not any(look.sight is Sight.OLD and look.shown.high <= start for look in sightings):
        return Appearance(fault=Fault.NO_CONTROL, looks=looks)
    blind = _longest_gap(sightings, start)
    end = sightings[-1]
    first = next((index for index, look in enumerate(sightings) if look.sight is Sight.NEW), None)
    if first is None:
        return Appearance(fault=_ENDS.get(end.sight, Fault.NEVER), last_old=end, looks=looks, blind=blind)
    # The looks' intervals may overlap, so the first one need not be the one that says most.
    soonest = min((look for look in sightings if look.sight is Sight.NEW), key=lambda look: look.shown.high)
    if soonest.shown.high < max(moment.low for moment in known):
        return Appearance(fault=Fault.TOO_EARLY, last_old=end, first_new=soonest, looks=looks, blind=blind)
    if end.sight is not Sight.NEW:
        fault = _ENDS.get(end.sight, Fault.REVERTED)
        return Appearance(fault=fault, last_old=end, first_new=sightings[first], looks=looks, blind=blind)
    return _lasting(sightings, first, looks=looks, blind=blind)


_ENDS = {Sight.OTHER: Fault.NEVER_SETTLED, Sight.ABSENT: Fault.VANISHED}


def _lasting(sightings: Sequence[Sighting], first: int, *, looks: int, blind: float) -> Appearance:
    """Say when the new look that is there at the end appeared; `first` is the first look that saw it."""
    lasting = 1 + max(index for index, look in enumerate(sightings) if look.sight is not Sight.NEW)
    # Looks before the first new one were taken before the change appeared, the lasting new ones after it.
    low = max((look.shown.low for look in sightings[:first]), default=float("-inf"))
    high = min(look.shown.high for look in sightings[lasting:])
    fault: Fault | None = None
    if any(look.sight is Sight.OLD for look in sightings[first:lasting]):
        fault = Fault.ALTERNATED
    elif low > high:
        fault = Fault.CONTRADICTION
    return Appearance(
        visible=Interval(low, high) if fault is None else None,
        fault=fault,
        last_old=sightings[lasting - 1],
        first_new=sightings[lasting],
        flickered=first < lasting,
        looks=looks,
        blind=blind,
    )


def _longest_gap(sightings: Sequence[Sighting], since: float) -> float:
    """Return the longest time without a look, from the last look before `since` on."""
    gaps = (
        later.shown.high - earlier.shown.low
        for earlier, later in pairwise(sightings)
        if later.shown.high >= since
    )
    return max(gaps, default=0.0)


def steady_for(sightings: Sequence[Sighting]) -> float:
    """Return for how long, at least, the new look has been there without a break, up to the last look."""
    run: list[Sighting] = []
    for look in reversed(sightings):
        if look.sight is not Sight.NEW:
            break
        run.append(look)
    return max(0.0, run[0].shown.low - run[-1].shown.high) if run else 0.0
