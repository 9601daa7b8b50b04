"""Makes verdicts of what was seen, saves what proves them, and tells the timeline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from flutter_bridge import Interval
from journeys.propagation.appearance import Fault
from journeys.propagation.evidence import save, save_frame, stem
from journeys.propagation.moments import Moments
from journeys.propagation.observer import Observer
from journeys.propagation.sighting import Sighting
from journeys.propagation.verdict import Finding, Measured, judge, latency
from journeys.propagation.watch import Watch
from journeys.timeline import SightChanged, Timeline, VerdictReached


class Reporting:
    """Reports on the surfaces of one change."""

    def __init__(self, timeline: Timeline, folder: Path, *, budget: float, of: Measured) -> None:
        self._timeline = timeline
        self._folder = folder
        self._budget = budget
        self._of = of

    async def report(
        self, watch: Watch, observer: Observer, looks: Sequence[Sighting], moments: Moments
    ) -> VerdictReached:
        """Judge a surface by all looks at it, the control first."""
        for before, after in pairwise(looks):
            if after.sight is not before.sight:
                shown = Interval(min(before.shown.low, after.shown.high), after.shown.high)
                self._timeline.emit(
                    SightChanged(surface=watch.on.name, actor=watch.on.actor, sight=after.sight, shown=shown)
                )
        finding = self._finding(watch, observer, looks, moments)
        number = len(self._timeline.of(VerdictReached)) + 1
        named = stem(number, watch.on.name, watch.on.actor)
        last_old, first_new = await save(finding.appearance, self._folder, named)
        return self._emit(
            watch, observer, finding, said=_said(watch, moments), last_old=last_old, first_new=first_new
        )

    async def report_error(self, watch: Watch, observer: Observer, reason: str) -> VerdictReached:
        """Report that nothing can be certified of a surface; the frame seen last is kept as its last old."""
        named = stem(len(self._timeline.of(VerdictReached)) + 1, watch.on.name, watch.on.actor)
        seen = await save_frame(observer.reel.latest, self._folder, f"{named}-last-old")
        return self._emit(watch, observer, Finding.of_error(Fault.NO_CONTROL, reason), last_old=seen)

    def _finding(
        self, watch: Watch, observer: Observer, looks: Sequence[Sighting], moments: Moments
    ) -> Finding:
        if observer.reel.lost_until >= moments.begin(watch):
            reason = "was not judged: more frames came after the action than could be kept"
            return Finding.of_error(Fault.FRAMES_LOST, reason, sightings=looks)
        if watch.doubt:
            return Finding.of_error(Fault.UNCLEAR, f"was not judged: {watch.doubt}", sightings=looks)
        finding = judge(
            looks,
            tap=moments.tap(watch),
            commit=moments.commit(watch),
            budget=self._budget,
            of=self._of,
            what=watch.what,
        )
        if finding.appearance.visible is None or not watch.reservation:
            return finding
        return replace(finding, reason=f"{finding.reason}; {watch.reservation}")

    def _emit(
        self,
        watch: Watch,
        observer: Observer,
        finding: Finding,
        *,
        said: Interval | None = None,
        last_old: Path | None = None,
        first_new: Path | None = None,
    ) -> VerdictReached:
        seen = finding.appearance
        deciding = {"last_old": seen.last_old, "first_new": seen.first_new}
        verdict = VerdictReached(
            surface=watch.on.name,
            actor=watch.on.actor,
            target=watch.on.target,
            wanted=watch.wanted,
            budget_s=self._budget,
            verdict=finding.verdict,
            reason=finding.reason,
            fault=None if finding.fault is None else finding.fault.value,
            commit_to_visible_s=finding.commit_to_visible,
            tap_to_visible_s=finding.tap_to_visible,
            commit_to_said_s=said,
            distances={
                name: look.distance
                for name, look in deciding.items()
                if look is not None and look.distance is not None
            },
            last_old_frame=last_old,
            first_new_frame=first_new,
            frames=seen.looks,
            source=observer.kind if watch.subject == "picture" else f"{observer.kind}, semantics",
        )
        self._timeline.emit(verdict)
        return verdict


def _said(watch: Watch, moments: Moments) -> Interval | None:
    """Return how long after the commit the semantics said the change; None where that is unknown."""
    commit = moments.commit(watch)
    return None if watch.said is None or commit is None else latency(watch.said, since=commit)
