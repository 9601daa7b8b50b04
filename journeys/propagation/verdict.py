"""Holds a measured interval against a budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from flutter_bridge import Interval
from journeys.milliseconds import milliseconds_between
from journeys.propagation.appearance import Appearance, Fault, appearance
from journeys.propagation.sighting import Sighting
from journeys.timeline import Verdict

Measured = Literal["commit", "tap"]

_WORTH_SAYING = 0.1


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What is certified of one surface; latencies are in seconds, None where the change did not appear."""

    verdict: Verdict
    reason: str
    appearance: Appearance
    commit_to_visible: Interval | None = None
    tap_to_visible: Interval | None = None

    @classmethod
    def of_error(cls, fault: Fault, reason: str, *, sightings: Sequence[Sighting] = ()) -> Finding:
        """Return that nothing can be certified, and why; the last of the `sightings` is kept to look at."""
        last = sightings[-1] if sightings else None
        seen = Appearance(fault=fault, last_old=last, looks=len(sightings))
        return cls(verdict=Verdict.ERROR, reason=reason, appearance=seen)

    @property
    def fault(self) -> Fault | None:
        """What kept the change from having appeared to stay; None where it did, however late."""
        return self.appearance.fault


def latency(visible: Interval, *, since: Interval) -> Interval:
    """Return the time from one uncertain moment to another, never negative: a cause precedes its effect."""
    elapsed = visible - since
    return Interval(max(0.0, elapsed.low), max(0.0, elapsed.high))


def weigh(measured: Interval, *, budget: float) -> Verdict:
    """Return `passed` if all of the interval lies within the budget, `failed` if none of it does."""
    if measured.high <= budget:
        return Verdict.PASSED
    return Verdict.FAILED if measured.low > budget else Verdict.INCONCLUSIVE


def judge(
    sightings: Sequence[Sighting],
    *,
    tap: Interval | None,
    commit: Interval | None,
    budget: float,
    of: Measured = "commit",
    what: str = "the new picture",
) -> Finding:
    """Judge one surface by the looks at it, in the order in which they were taken.

    The budget is held against the time from the commit, or from the tap where `of` says so. Where no commit
    was reported it lies somewhere between the tap and the first sight of the change: a change that appeared
    can then pass its budget, but never fail it.
    """
    if tap is None and (commit is None or of == "tap"):
        missing = "no action was seen" if of == "tap" else "neither an action nor a commit was seen"
        reason = f"was not judged: {missing}, so there is nothing to measure from"
        return Finding.of_error(Fault.NO_ACTION, reason, sightings=sightings)
    # An app may show a picture before it is saved: what is measured from the tap need not follow the commit.
    seen = appearance(sightings, tap=tap, commit=None if of == "tap" else commit)
    if seen.visible is not None:
        return _appeared(seen, seen.visible, tap=tap, commit=commit, budget=budget, of=of, what=what)
    return _faulty(seen, tap=tap, commit=commit, budget=budget, of=of, what=what)


def _appeared(
    seen: Appearance,
    visible: Interval,
    *,
    tap: Interval | None,
    commit: Interval | None,
    budget: float,
    of: Measured,
    what: str,
) -> Finding:
    reported = commit is not None
    if commit is None:
        assert tap is not None  # noqa: S101 - judge() asks for one of both
        commit = Interval(tap.low, max(tap.low, visible.high))
    from_commit = latency(visible, since=commit)
    from_tap = None if tap is None else latency(visible, since=tap)
    measured = from_tap if of == "tap" and from_tap is not None else from_commit
    took = milliseconds_between(measured.low, measured.high)
    reason = f"showed {what} {took} after the {of}, budget {budget * 1000:.0f} ms"
    if of == "commit" and not reported:
        reason += "; no commit was reported, so it lies anywhere from the tap on"
    if seen.flickered:
        reason += "; it was recognised, lost and recognised again"
    if seen.blind > _WORTH_SAYING:
        reason += f"; up to {seen.blind * 1000:.0f} ms went by between two looks"
    return Finding(
        verdict=weigh(measured, budget=budget),
        reason=reason,
        appearance=seen,
        commit_to_visible=from_commit,
        tap_to_visible=from_tap,
    )


def _faulty(
    seen: Appearance,
    *,
    tap: Interval | None,
    commit: Interval | None,
    budget: float,
    of: Measured,
    what: str,
) -> Finding:
    assert seen.fault is not None  # noqa: S101 - judge() leaves only faults to this
    since = tap if of == "tap" or commit is None else commit
    assert since is not None  # noqa: S101 - judge() asks for one of both
    named = "tap" if since is tap else "commit"
    if seen.fault.is_the_observers:
        return Finding(verdict=Verdict.ERROR, reason=_mistrust(seen, since, named, what), appearance=seen)
    last = seen.last_old
    watched = last.shown.low - since.low if last is not None else 0.0
    reason = (
        f"{_SEEN[seen.fault].format(what=what)} (watched until {watched * 1000:.0f} ms after the {named})"
    )
    if last is not None and last.reason and seen.fault is not Fault.ALTERNATED:
        reason += f": {last.reason}"
    # What was not there yet can only be called missing once the budget is over for certain.
    over = last is not None and last.shown.low - since.high > budget
    if over or seen.fault is Fault.ALTERNATED:
        return Finding(verdict=Verdict.FAILED, reason=reason, appearance=seen)
    return Finding(
        verdict=Verdict.INCONCLUSIVE,
        reason=f"{reason}; the last look lies within the budget of {budget * 1000:.0f} ms",
        appearance=seen,
    )


_SEEN = {
    Fault.NEVER: "never showed {what}",
    Fault.NEVER_SETTLED: "ended up showing neither the old one nor {what}",
    Fault.REVERTED: "showed {what} and went back to the old one",
    Fault.ALTERNATED: "showed {what}, the old one again, and then {what}",
    Fault.VANISHED: "was gone from the screen when the watch ended",
}


def _mistrust(seen: Appearance, since: Interval, named: str, what: str) -> str:
    match seen.fault:
        case Fault.TOO_EARLY:
            assert seen.first_new is not None  # noqa: S101 - what is too early was seen
            ahead = (since.low - seen.first_new.shown.high) * 1000
            return (
                f"showed {what} {ahead:.0f} ms before the {named}: either the clocks are apart, or the app "
                'shows it before it is saved (then measure with of="tap")'
            )
        case Fault.CONTRADICTION:
            return (
                "was seen old after it was seen new by its frames' times: the frames' clock can't be trusted"
            )
        case _:
            return f"was not recognised with the old look before the {named}, so nothing can be certified"
