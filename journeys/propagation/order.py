"""Holds the order in which changes must appear against the intervals in which they did."""

from __future__ import annotations

from dataclasses import replace

from journeys.propagation.expectation import Expectation
from journeys.propagation.verdict import Assessment
from journeys.timeline import Verdict, format_milliseconds


def hold_order(found: Assessment, after: Expectation, earlier: Assessment) -> Assessment:
    """Return what is certified of a change that must appear after another one.

    `failed` where it came before that one for certain, `inconclusive` where either may have been first.
    """
    visible, before = found.appearance.visible, earlier.appearance.visible
    if visible is None:
        return found
    other = f"{after.title} {after.wording.did}"
    if before is None:
        reason = f"must come after {after.title}, which never {after.wording.did}"
        return _amend(found, reason, Verdict.INCONCLUSIVE)
    if visible.low > before.high:
        return found
    if visible.high < before.low:
        ahead = before - visible
        took = format_milliseconds(ahead.low, ahead.high)
        return _amend(found, f"this was {took} before {other}, which must come first", Verdict.FAILED)
    shared = min(visible.high, before.high) - max(visible.low, before.low)
    reason = f"either may have come first: {other} within the same {shared * 1000:.0f} ms"
    return _amend(found, reason, Verdict.INCONCLUSIVE)


def _amend(found: Assessment, reason: str, verdict: Verdict) -> Assessment:
    """Return it with one more reason; the firmer verdict stays."""
    ranks = (Verdict.PASSED, Verdict.INCONCLUSIVE, Verdict.ERROR, Verdict.FAILED)
    firmer = max(found.verdict, verdict, key=ranks.index)
    return replace(found, reason=f"{found.reason}; {reason}", verdict=firmer, machine_busy=False)
