"""Holds looks at a surface against the time for which nothing may change."""

from __future__ import annotations

from collections.abc import Sequence

from flutter_bridge import Interval
from journeys.propagation.observation import Appearance, Fault, Observation, longest_gap
from journeys.propagation.verdict import Assessment, latency
from journeys.timeline import SurfaceState, Verdict, format_milliseconds

LONGEST_GAP_S = 0.5
"""For how long nobody may have looked, where nothing is said to have changed."""


def judge_stillness(
    observations: Sequence[Observation], *, since: Interval, named: str, for_s: float
) -> Assessment:
    """Judge whether a surface kept its look for so many seconds from a moment on.

    `passed` where every look from then until it is over for certain shows the old look, and none is missing
    for long; `failed` where a change was seen that came before it was over for certain.
    """
    fault, reason = None, ""
    if not any(one.state is SurfaceState.OLD and one.shown.high <= since.low for one in observations):
        fault, reason = Fault.NO_CONTROL, f"was not recognised with the old look before {named}"
    elif any(one.state is SurfaceState.NEW and one.shown.high < since.low for one in observations):
        fault, reason = Fault.TOO_EARLY, f"changed before {named}"
    if fault is not None:
        reason += ", so nothing can be certified"
        return Assessment.of_error(fault, reason, observations=observations)
    over = Interval(since.low + for_s, since.high + for_s)
    lasted = f"for {for_s * 1000:.0f} ms after {named}"
    return _judge_change(observations, since, over, named, lasted) or _judge_looks(
        observations, since, over, named, lasted
    )


def _judge_change(
    observations: Sequence[Observation], since: Interval, over: Interval, named: str, lasted: str
) -> Assessment | None:
    """Judge the first change that was seen; None where there is none that counts."""
    changed = [at for at, one in enumerate(observations) if one.state is SurfaceState.NEW]
    if not changed:
        return None
    # It came after the last look without it, and by the earliest that shows it.
    soonest = min((observations[at] for at in changed), key=lambda one: one.shown.high)
    before = [one for one in observations[: changed[0]] if one.state is SurfaceState.OLD]
    low = min(max((one.shown.low for one in before), default=since.low), soonest.shown.high)
    if low > over.high:
        return None
    took = latency(Interval(low, soonest.shown.high), since=since)
    reason = f"changed {format_milliseconds(took.low, took.high)} after {named}, had to stay {lasted}"
    seen = Appearance(
        fault=Fault.CHANGED,
        last_old=before[-1] if before else None,
        first_new=soonest,
        count=len(observations),
        blind_s=longest_gap(observations, since.low),
    )
    if soonest.shown.high <= over.low:
        return Assessment(verdict=Verdict.FAILED, reason=reason, appearance=seen)
    reason += ", which may have been over"
    return Assessment(verdict=Verdict.INCONCLUSIVE, reason=reason, appearance=seen)


def _judge_looks(
    observations: Sequence[Observation], since: Interval, over: Interval, named: str, lasted: str
) -> Assessment:
    """Judge whether there were looks enough, none of which shows a change."""
    last, blind_s = observations[-1], longest_gap(observations, since.low)
    unsure = [one for one in observations if one.state is SurfaceState.OTHER and one.shown.low <= over.high]
    if unsure:
        reason = f"was not judged: {unsure[0].reason}"
        return Assessment.of_error(Fault.UNCLEAR, reason, observations=observations)
    verdict, gap = Verdict.PASSED, f"up to {blind_s * 1000:.0f} ms went by between two looks"
    if last.shown.low < over.high:
        until = max(0.0, last.shown.low - since.low) * 1000
        verdict = Verdict.INCONCLUSIVE
        gap = f"the last look at it was {until:.0f} ms after {named}"
    elif blind_s > LONGEST_GAP_S:
        verdict = Verdict.INCONCLUSIVE
    reason = f"stayed as it was {lasted}; {gap}"
    seen = Appearance(last_old=last, count=len(observations), blind_s=blind_s)
    return Assessment(verdict=verdict, reason=reason, appearance=seen)
