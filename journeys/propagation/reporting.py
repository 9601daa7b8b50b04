"""Makes verdicts of what was observed, saves the frames that prove them, and records them on the timeline."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from flutter_bridge import Box, Frame, Interval
from journeys.commits import CommitOf
from journeys.propagation.expectation import Expectation
from journeys.propagation.machine import Machine
from journeys.propagation.moments import Moments
from journeys.propagation.observation import Fault, Observation
from journeys.propagation.observer import Observer
from journeys.propagation.order import hold_order
from journeys.propagation.stillness import judge_stillness
from journeys.propagation.verdict import Assessment, Start, judge, latency
from journeys.timeline import SurfaceChanged, Timeline, VerdictReached

_BY_FRAMES = {Fault.NEVER, Fault.NO_CONTROL, Fault.UNCLEAR}
"""What a stream of frames that stands still looks like, too."""
_SUFFIXES = ((b"\xff\xd8", ".jpg"), (b"\x89PNG", ".png"), (b"RIFF", ".webp"))


class Reporter:
    """Reports on the surfaces of one change."""

    def __init__(
        self, timeline: Timeline, folder: Path, *, budget: float, machine: Machine | None = None
    ) -> None:
        self._timeline = timeline
        self._folder = folder
        self._budget = budget
        self._machine = machine
        self._found: dict[Expectation, Assessment] = {}

    async def report(
        self,
        expectation: Expectation,
        observer: Observer,
        observations: Sequence[Observation],
        moments: Moments,
    ) -> VerdictReached:
        """Judge a surface by all observations of it, the control first; in the order they are expected in."""
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
        found = Assessment.of_error(Fault.NO_CONTROL, reason)
        return self._emit(expectation, observer, found, last_old=last)

    def _find(
        self,
        expectation: Expectation,
        observer: Observer,
        observations: Sequence[Observation],
        moments: Moments,
    ) -> Assessment:
        """Judge by all observations, and by what others came to; kept for those that come after it."""
        found = self._judge(expectation, observer, observations, moments)
        if found.appearance.visible is not None and expectation.reservation:
            found = replace(found, reason=f"{found.reason}; {expectation.reservation}")
        if found.fault in _BY_FRAMES and observer.lag:
            found = replace(found, reason=f"{found.reason}; {observer.lag}")
        if expectation.after is not None:
            found = hold_order(found, expectation.after, self._found[expectation.after])
        self._found[expectation] = found
        return found

    def _judge(
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
        tap, commit = moments.tap(expectation), moments.commit(expectation)
        start = self._start(expectation, commit)
        since = expectation.since
        if expectation.stays_s is not None:
            moment = commit if isinstance(since, CommitOf) and commit is not None else tap
            named = "the commit" if moment is commit else "the tap"
            start = start or (None if moment is None else Start(named, moment))
            if start is None:
                reason = "was not judged: no action was seen, so there is nothing to measure from"
                return Assessment.of_error(Fault.NO_ACTION, reason, observations=observations)
            return judge_stillness(
                observations, since=start.moment, named=start.name, for_s=expectation.stays_s
            )
        finding = judge(
            observations,
            tap=tap,
            commit=commit,
            budget=self._budget,
            of="commit" if isinstance(since, CommitOf) else "tap",
            start=start,
            wording=expectation.wording,
            machine=self._machine,
        )
        missing = ""
        if isinstance(since, Expectation) and start is None:
            missing = f"{since.title} never {since.wording.did}"
        elif isinstance(since, CommitOf) and since.change and commit is None:
            missing = f"no {since} was reported"
        if finding.appearance.visible is None or not missing:
            return finding
        reason = f"{expectation.wording.did}, and was not held against its budget: {missing}"
        return Assessment.of_error(Fault.NO_ACTION, reason, observations=observations)

    def _start(self, expectation: Expectation, commit: Interval | None) -> Start | None:
        """Return what the budget runs from, where that is neither the action nor any commit."""
        since = expectation.since
        if isinstance(since, Expectation):
            seen = self._found[since].appearance.visible
            return None if seen is None else Start(f"{since.title} {since.wording.did}", seen)
        if isinstance(since, CommitOf) and since.change and commit is not None:
            return Start(f"the {since}", commit)
        return None

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
            machine_busy=finding.machine_busy,
            reason=finding.reason,
            fault=None if finding.fault is None else finding.fault.value,
            commit_to_visible_s=finding.commit_to_visible,
            tap_to_visible_s=finding.tap_to_visible,
            since=_name_of(expectation.since),
            since_to_visible_s=finding.measured,
            commit_to_said_s=said,
            distances={
                name: one.distance
                for name, one in deciding.items()
                if one is not None and one.distance is not None
            },
            last_old_frame=last_old,
            first_new_frame=first_new,
            boxes={
                name: box
                for name, one in deciding.items()
                if one is not None and one.frame is not None and (box := _box_in(one.frame, expectation))
            },
            shown={
                name: one.frame.shown
                for name, one in deciding.items()
                if one is not None and one.frame is not None
            },
            frames=seen.count,
            source=f"{observer.kind}, semantics" if expectation.subject == "semantics" else observer.kind,
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


def _name_of(since: object) -> str:
    """Return what a budget runs from: `commit`, `tap`, or what else must have appeared."""
    return f"{since.title}: {since.wanted}" if isinstance(since, Expectation) else str(since)


def _box_in(frame: Frame, expectation: Expectation) -> Box | None:
    """Return where a surface is in a frame, in its own pixels."""
    box, scale = expectation.find_box(frame.shown), frame.scale
    return box and Box(box.left * scale, box.top * scale, box.width * scale, box.height * scale)


def _frame_of(observation: Observation | None) -> Frame | None:
    return None if observation is None else observation.frame


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
