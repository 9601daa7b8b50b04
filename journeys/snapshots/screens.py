"""The screens of one journey: each captured, held against its baseline, and kept for the review."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from flutter_bridge import Finder, FlutterApp
from journeys.errors import UsageError, error_from_system
from journeys.snapshots.baselines import Baseline, baseline_path, read_baseline, write_baseline
from journeys.snapshots.capture import Capture, capture
from journeys.snapshots.judging import Judged, judge, said_by
from journeys.snapshots.record import FilmFrame, ScreenKey, ScreenRecord, ScreenStatus
from journeys.snapshots.record_file import write_entry
from journeys.snapshots.settings import ScreenSettings, SnapshotMode
from journeys.timeline import ScreenCompared, StepStarted, Timeline


class Screens:
    """Holds the screens of one journey against their baselines; `journey` is its name in their paths."""

    def __init__(self, settings: ScreenSettings, *, journey: str, timeline: Timeline) -> None:
        self._settings = settings
        self._journey = journey
        self._timeline = timeline
        self._held: set[ScreenKey] = set()
        self._film: list[FilmFrame] = []

    async def hold(
        self,
        app: FlutterApp,
        name: str,
        *,
        actor: str,
        theme: str,
        mask: Sequence[Finder] = (),
        region: Finder | None = None,
    ) -> ScreenStatus:
        """Wait until a screen is at rest, hold it against its baseline, and keep all for the review.

        Raises `UsageError` for a name that can't be a file's or that the journey has used already, and
        `ActionFailed` where the screen never rests. A difference raises nothing here: the journey's end does.
        """
        begun = await app.semantics()
        key = ScreenKey(self._journey, name, _drawn_by(app, begun.pixel_ratio), theme)
        baseline_path(self._settings.baselines, key)
        if key in self._held:
            raise UsageError(f"this journey has a screen {name!r} already: give each a name of its own")
        self._held.add(key)
        opinion = _Opinion(read_baseline(self._settings.baselines, key))
        taken = await capture(
            app, mask=mask, region=region, linger=self._settings.linger, is_expected=opinion.is_same
        )
        record = await asyncio.to_thread(self._judged, key, actor, taken, opinion)
        accepted = self._accepts(record.status)
        self._timeline.emit(
            ScreenCompared(
                screen=name,
                actor=actor,
                target=key.target,
                theme=theme,
                status=record.status.value,
                summary=record.summary,
                accepted=accepted,
                folder=self._settings.results / key.id,
            )
        )
        return record.status

    def _judged(self, key: ScreenKey, actor: str, taken: Capture, opinion: _Opinion) -> ScreenRecord:
        """Judge what was taken, write everything down, and the baseline where that is wanted."""
        settings = self._settings
        actual, judged = opinion.on(taken)
        baseline = opinion.baseline
        folder = settings.results / key.id
        try:
            record = self._kept(folder, key, actor, actual, baseline, judged, taken)
            if settings.update and judged.status is not ScreenStatus.SAME:
                write_baseline(settings.baselines, key, actual)
        except OSError as error:
            raise error_from_system(error, f"a screen can't be kept in {error.filename or folder}") from error
        return record

    def _kept(
        self,
        folder: Path,
        key: ScreenKey,
        actor: str,
        actual: Baseline,
        baseline: Baseline | None,
        judged: Judged,
        taken: Capture,
    ) -> ScreenRecord:
        folder.mkdir(parents=True, exist_ok=True)

        def kept(name: str, content: bytes | None) -> str | None:
            if content is None:
                return None
            (folder / name).write_bytes(content)
            return f"{key.id}/{name}"

        picture = f"{key.id}/actual.png"
        kept("actual.png", actual.picture)
        self._film.append(FilmFrame(self._last_step(), picture))
        record = ScreenRecord(
            key=key,
            status=judged.status,
            actor=actor,
            summary=judged.summary,
            size=taken.image.size,
            actual=picture,
            baseline=kept("baseline.png", baseline.picture if baseline else None),
            baseline_size=judged.baseline_size,
            difference=kept(
                "difference.png", _png(judged.difference, pressed=1) if judged.difference else None
            ),
            semantics=kept("actual.json", actual.semantics),
            baseline_semantics=kept("baseline.json", baseline.semantics if baseline else None),
            regions=judged.regions,
            masks=taken.masks,
            cause=judged.cause,
            film=tuple(self._film),
        )
        write_entry(self._settings.results, record)
        return record

    def _accepts(self, status: ScreenStatus) -> bool:
        if status is ScreenStatus.SAME or self._settings.update:
            return True
        return status is ScreenStatus.NEW and self._settings.mode is SnapshotMode.LOCAL

    def _last_step(self) -> str:
        """Return what was done before the screen was looked at."""
        # The last one is the look itself.
        titles = [step.title for step in self._timeline.of(StepStarted)][:-1]
        return titles[-1] if titles else ""


class _Opinion:
    """What is thought of captures, held against one baseline; the last one's is remembered."""

    def __init__(self, baseline: Baseline | None) -> None:
        self.baseline = baseline
        self._last: tuple[Capture, Baseline, Judged] | None = None

    async def is_same(self, taken: Capture) -> bool:
        """Whether a capture is as its baseline."""
        if self.baseline is None:
            return False
        _, judged = await asyncio.to_thread(self.on, taken)
        return judged.status is ScreenStatus.SAME

    def on(self, taken: Capture) -> tuple[Baseline, Judged]:
        """Return a capture as a baseline is kept, and how it stands to this one."""
        if self._last is None or self._last[0] is not taken:
            actual = Baseline(_png(taken.image), said_by(taken))
            self._last = (taken, actual, judge(taken, self.baseline, encoded=actual.picture))
        return self._last[1:]


def _drawn_by(app: FlutterApp, pixel_ratio: float) -> str:
    """Return a target's part of a baseline's name: where the app runs, in what, how finely drawn."""
    renderer = app.renderer.split(" ")[0]
    parts = [app.target, renderer] if renderer and renderer not in app.target else [app.target]
    return re.sub(r"[^A-Za-z0-9._-]+", "-", "-".join([*parts, f"{pixel_ratio:g}x"]))


def _png(image: Image.Image, *, pressed: int = 6) -> bytes:
    encoded = io.BytesIO()
    image.save(encoded, "PNG", compress_level=pressed)
    return encoded.getvalue()
