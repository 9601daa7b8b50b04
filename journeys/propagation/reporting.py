"""Makes verdicts of what was observed, saves the frames that prove them, and records them on the timeline."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from flutter_bridge import Frame, Interval
from journeys.propagation.expectation import Expectation, Moments
from journeys.propagation.observation import Fault, Observation
from journeys.propagation.observer import Observer
from journeys.propagation.verdict import Assessment, Measured, judge, latency
from journeys.timeline import SurfaceChanged, Timeline, VerdictReached

_SUFFIXES = ((b"\xff\xd8", ".jpg"), (b"\x89PNG", ".png"), (b"RIFF", ".webp"))


class Reporter:
    """Reports on the surfaces of one change."""

    def __init__(self, timeline: Timeline, folder: Path, *, budget: float, of: Measured) -> None:
        self._timeline = timeline
        self._folder = folder
        self._budget = budget
        self._of = of

    async def report(
        self,
        expectation: Expectation,
        observer: Observer,
        observations: Sequence[Observation],
        moments: Moments,
    ) -> VerdictReached:
        """Judge a surface by all observations of it, the control first."""
        surface = expectation.surface
        for before, after in pairwise(observations):
            if after.state is not before.state:
                shown = Interval(min(before.shown.low, after.shown.high), after.shown.high)
                self._timeline.emit(
                    SurfaceChanged(surface=surface.name, actor=surface.actor, state=after.state, shown=shown)
                )
        finding = self._find(expectation, observer, observations, moments)
        seen = finding.appearance
        last_old = await self._save(_frame_of(seen.last_old), expectation, "last-old")
        first_new = await self._save(_frame_of(seen.first_new), expectation, "first-new")
        commit, announced = moments.commit(expectation), expectation.announcement
        said = None if announced is None or commit is None else latency(announced, since=commit)
        return self._emit(expectation, observer, finding, said=said, last_old=last_old, first_new=first_new)

    async def report_error(self, expectation: Expectation, observer: Observer, reason: str) -> VerdictReached:
        """Report that nothing can be certified of a surface; the newest frame is kept as its last old one."""
        last = await self._save(observer.buffer.latest, expectation, "last-old")
        return self._emit(expectation, observer, Assessment.of_error(Fault.NO_CONTROL, reason), last_old=last)

    def _find(
        self,
        expectation: Expectation,
        observer: Observer,
        observations: Sequence[Observation],
        moments: Moments,
    ) -> Assessment:
        if observer.buffer.lost_until >= moments.begin(expectation):
            reason = "was not judged: more frames came after the action than could be kept"
            return Assessment.of_error(Fault.FRAMES_LOST, reason, observations=observations)
        if expectation.doubt:
            reason = f"was not judged: {expectation.doubt}"
            return Assessment.of_error(Fault.UNCLEAR, reason, observations=observations)
        finding = judge(
            observations,
            tap=moments.tap(expectation),
            commit=moments.commit(expectation),
            budget=self._budget,
            of=self._of,
            what=expectation.what,
        )
        if finding.appearance.visible is None or not expectation.reservation:
            return finding
        return replace(finding, reason=f"{finding.reason}; {expectation.reservation}")

    def _emit(
        self,
        expectation: Expectation,
        observer: Observer,
        finding: Assessment,
        *,
        said: Interval | None = None,
        last_old: Path | None = None,
        first_new: Path | None = None,
    ) -> VerdictReached:
        seen = finding.appearance
        deciding = {"last_old": seen.last_old, "first_new": seen.first_new}
        verdict = VerdictReached(
            surface=expectation.surface.name,
            actor=expectation.surface.actor,
            target=expectation.surface.target,
            wanted=expectation.wanted,
            budget_s=self._budget,
            verdict=finding.verdict,
            reason=finding.reason,
            fault=None if finding.fault is None else finding.fault.value,
            commit_to_visible_s=finding.commit_to_visible,
            tap_to_visible_s=finding.tap_to_visible,
            commit_to_said_s=said,
            distances={
                name: one.distance
                for name, one in deciding.items()
                if one is not None and one.distance is not None
            },
            last_old_frame=last_old,
            first_new_frame=first_new,
            frames=seen.count,
            source=observer.kind if expectation.subject == "picture" else f"{observer.kind}, semantics",
        )
        self._timeline.emit(verdict)
        return verdict

    async def _save(self, frame: Frame | None, expectation: Expectation, what: str) -> Path | None:
        """Save a frame byte for byte as it came, as `01-profile-screen-alice-last-old.jpg`."""
        if frame is None:
            return None
        number = len(self._timeline.events_of(VerdictReached)) + 1
        parts = (expectation.surface.name, expectation.surface.actor)
        stem = "-".join((f"{number:02d}", *(re.sub(r"\W+", "-", part).strip("-") for part in parts), what))
        suffix = next((suffix for magic, suffix in _SUFFIXES if frame.encoded.startswith(magic)), ".bin")
        path = self._folder / f"{stem}{suffix}"
        await asyncio.to_thread(_write, path, frame.encoded)
        return path


def _frame_of(observation: Observation | None) -> Frame | None:
    return None if observation is None else observation.frame


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
