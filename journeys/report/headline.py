"""What a stranger needs to know first of a journey, in one sentence."""

from __future__ import annotations

from typing import Final

from journeys.report.moments import Bounds
from journeys.report.record import JourneyRecord, StepRecord, SurfaceRecord, format_latency, is_timed
from journeys.timeline import Status, Verdict, format_count

FAULTS: Final = {
    "never appeared": "{} never showed the change",
    "never settled": "{} ended up showing neither the old look nor the new one",
    "reverted": "{} showed the change and went back to the old look",
    "alternated": "{} flickered between the old look and the new one",
    "vanished": "{} was gone from the screen when the watch ended",
    "changed": "{} changed, and had to stay as it was",
    "no control": "{} was not recognised as it is before the change",
    "no action": "{} has neither an action nor a commit to be measured from",
    "too early": "{} showed the change before it was saved",
    "contradiction": "{} showed the old look after the new one, by the frames' own times",
    "unclear": "{} has pixels that can't be judged",
    "frames lost": "{} sent more frames than could be kept",
}
"""The faults of docs/reference/journeys-json.md as sentences about a surface."""


def headline_of(record: JourneyRecord) -> str:
    """Return what became of a journey, the gravest first: a surface, a screen, or the step that broke."""
    unpassed = [each for each in record["surfaces"] if each["verdict"] != Verdict.PASSED]
    unpassed.sort(key=lambda each: each["verdict"] != Verdict.FAILED)
    if unpassed:
        more = f", and {format_count(len(unpassed) - 1, 'more surface')} did not pass" * (len(unpassed) > 1)
        untold = "; the backend reported no commit of it" * bool(record.get("unreported"))
        return f"{sentence_of(unpassed[0])}{more}{untold}."
    differing = [each for each in record["screens"] if not each["accepted"]]
    if differing:
        first = differing[0]
        more = f", and so do {len(differing) - 1} more" * (len(differing) > 1)
        screen = f"{first['screen']} ({first['actor']}, {first['target']})"
        return f"The screen {screen} differs: {first['summary']}{more}."
    if record["status"] != Status.PASSED:
        step, reason = broken_step(record), (record["error"].splitlines() or ["nothing says why"])[0]
        # What is near it and where the screenshot lies is for who reads on.
        reason = reason.partition("; nearest: ")[0].partition("; screenshot: ")[0]
        return f"In the step {step['title']!r}: {reason}" if step is not None else reason
    return _passed(record)


def sentence_of(surface: SurfaceRecord) -> str:
    """Return what a surface did, against its budget where it was timed."""
    subject = f"{surface['actor']}'s {surface['surface']}"
    if surface["fault"] is not None and surface["reason"]:
        return f"{subject} {surface['reason']}"
    if surface["fault"] is not None:
        return FAULTS.get(surface["fault"], f"{{}}: {surface['fault']}").format(subject)
    measured, since = held_against_budget(surface)
    if measured is None:
        return f"{subject} {surface['reason']}"
    budget = f"{surface['budget_s'] * 1000:,.0f} ms"
    said = f"{subject} showed the change {format_latency(measured)} after {since}"
    match surface["verdict"]:
        case Verdict.FAILED:
            return f"{said}, and {budget} were allowed"
        case Verdict.INCONCLUSIVE:
            return f"{said}, so that it can't be told whether that is within {budget}"
    return said


def held_against_budget(surface: SurfaceRecord) -> tuple[Bounds | None, str]:
    """Return the interval that was held against the budget, and what it begins with."""
    since = surface.get("since") or ("commit" if surface["commit_to_visible_s"] else "tap")
    measured = surface.get("since_to_visible_s")
    if measured is None:
        measured = surface["tap_to_visible_s"] if since == "tap" else surface["commit_to_visible_s"]
        measured = measured or surface["tap_to_visible_s"]
    return measured, f"the {since}" if since in {"tap", "commit"} else since


def broken_step(record: JourneyRecord) -> StepRecord | None:
    """Return the innermost step that went wrong first."""
    broken = [step for step in record["steps"] if step["error"]]
    return max(broken, key=lambda step: (step["depth"], -step["started_s"]), default=None)


def _passed(record: JourneyRecord) -> str:
    timed = [each for each in record["surfaces"] if is_timed(each) and held_against_budget(each)[0]]
    parts: list[str] = []
    if timed:
        slowest = max(timed, key=lambda each: (held_against_budget(each)[0] or {"high": 0.0})["high"])
        latency = format_latency(held_against_budget(slowest)[0])
        count = format_count(len(timed), "surface")
        parts.append(f"{count} in time, the last {slowest['actor']}'s {slowest['surface']} after {latency}")
    if untimed := len(record["surfaces"]) - len(timed):
        parts.append(f"{format_count(untimed, 'surface')} stayed as it was")
    if record["screens"]:
        parts.append(f"{format_count(len(record['screens']), 'screen')} as approved")
    if not parts:
        parts.append(f"{format_count(len(record['steps']), 'step')} done")
    return f"{'; '.join(parts)}."
