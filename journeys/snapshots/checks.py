"""The screens of one journey: each captured, compared with its baseline, and kept for the review.

A difference raises nothing where it is found: the journey's end does, so that one run finds all of them.
"""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Sequence
from dataclasses import replace

from PIL import Image

from flutter_bridge import Finder, FlutterApp
from journeys.errors import UsageError, error_from_system
from journeys.snapshots.baselines import Baseline, baseline_path, read_baseline, write_baseline
from journeys.snapshots.capture import Capture, capture_screen
from journeys.snapshots.comparison import Difference, compare
from journeys.snapshots.record import FilmFrame, ScreenKey, ScreenRecord, ScreenStatus, write_entry
from journeys.snapshots.semantics import read_semantics, tree_as_json
from journeys.snapshots.settings import SnapshotMode, SnapshotSettings
from journeys.timeline import ScreenCompared, StepStarted, Timeline


class ScreensDiffer(AssertionError):
    """Screens are not as their baselines, or have none where that is no pass; a line for each of them."""


def raise_for_screens(timeline: Timeline) -> None:
    """Raise `ScreensDiffer` where a screen of the journey is not accepted."""
    lines = [
        f"{event.actor}'s screen {event.screen} ({event.target}, {event.theme}): {event.summary}"
        for event in timeline.events_of(ScreenCompared)
        if not event.accepted
    ]
    if lines:
        raise ScreensDiffer("\n".join(lines))


class Snapshots:
    """Compares the screens of one journey with their baselines; `journey` is its name in their paths."""

    def __init__(self, settings: SnapshotSettings, *, journey: str, timeline: Timeline) -> None:
        self._settings = settings
        self._journey = journey
        self._timeline = timeline
        self._compared: set[ScreenKey] = set()
        self._film: list[FilmFrame] = []

    async def check(
        self,
        app: FlutterApp,
        name: str,
        *,
        actor: str,
        theme: str,
        mask: Sequence[Finder] = (),
        region: Finder | None = None,
    ) -> ScreenStatus:
        """Wait until a screen has settled, compare it with its baseline, and keep all for the review.

        Raises `UsageError` for a name that can't be a file's or that the journey has used already, and
        `ActionFailed` where the screen never settles. A difference raises nothing here: the journey's end
        does.
        """
        tree = await app.semantics()
        key = ScreenKey(self._journey, name, _target_of(app, tree.pixel_ratio), theme)
        path = baseline_path(self._settings.baselines, key)
        if key in self._compared:
            raise UsageError(f"this journey has a screen {name!r} already: give each a name of its own")
        self._compared.add(key)
        comparer = _Comparer(read_baseline(path))
        taken = await capture_screen(
            app, mask=mask, region=region, linger_s=self._settings.linger_s, is_expected=comparer.is_same
        )
        actual, difference = await asyncio.to_thread(comparer.compare, taken)
        record = await asyncio.to_thread(self._keep, key, actor, taken, actual, comparer.baseline, difference)
        self._timeline.emit(
            ScreenCompared(
                screen=name,
                actor=actor,
                target=key.target,
                theme=theme,
                status=record.status.value,
                summary=record.summary,
                accepted=self._accepts(record.status),
                folder=self._settings.results / key.id,
            )
        )
        return record.status

    def _keep(
        self,
        key: ScreenKey,
        actor: str,
        taken: Capture,
        actual: Baseline,
        baseline: Baseline | None,
        difference: Difference,
    ) -> ScreenRecord:
        """Write everything down, and the baseline where that is wanted."""
        folder = self._settings.results / key.id

        def keep(name: str, content: bytes | None) -> str | None:
            if content is None:
                return None
            (folder / name).write_bytes(content)
            return f"{key.id}/{name}"

        marked = difference.picture
        picture = f"{key.id}/actual.png"
        self._film.append(FilmFrame(self._find_last_step(), picture))
        try:
            folder.mkdir(parents=True, exist_ok=True)
            keep("actual.png", actual.picture)
            record = ScreenRecord(
                key=key,
                status=difference.status,
                actor=actor,
                summary=difference.summary,
                size=taken.image.size,
                actual=picture,
                baseline=keep("baseline.png", baseline.picture if baseline else None),
                baseline_size=difference.baseline_size,
                difference=keep("difference.png", _encode(marked, compression=1) if marked else None),
                semantics=keep("actual.json", actual.semantics),
                baseline_semantics=keep("baseline.json", baseline.semantics if baseline else None),
                regions=difference.regions,
                masks=taken.masks,
                cause=difference.cause,
                film=tuple(self._film),
            )
            write_entry(self._settings.results, record)
            if self._settings.update and record.status is not ScreenStatus.SAME:
                write_baseline(baseline_path(self._settings.baselines, key), actual)
        except OSError as error:
            raise error_from_system(error, f"a screen can't be kept in {error.filename or folder}") from error
        return record

    def _accepts(self, status: ScreenStatus) -> bool:
        if status is ScreenStatus.SAME or self._settings.update:
            return True
        return status is ScreenStatus.NEW and self._settings.mode is SnapshotMode.LOCAL

    def _find_last_step(self) -> str:
        """Return what was done before the screen was looked at."""
        # The last one is the look itself.
        titles = [step.title for step in self._timeline.events_of(StepStarted)][:-1]
        return titles[-1] if titles else ""


class _Comparer:
    """Compares captures with one baseline; the last one's result is remembered."""

    def __init__(self, baseline: Baseline | None) -> None:
        self.baseline = baseline
        self._last: tuple[Capture, Baseline, Difference] | None = None

    async def is_same(self, taken: Capture) -> bool:
        """Whether a capture is as its baseline."""
        if self.baseline is None:
            return False
        _, difference = await asyncio.to_thread(self.compare, taken)
        return difference.status is ScreenStatus.SAME

    def compare(self, taken: Capture) -> tuple[Baseline, Difference]:
        """Return a capture as a baseline is kept, and how it differs from this one."""
        if self._last is None or self._last[0] is not taken:
            actual = make_baseline(taken)
            self._last = (taken, actual, compare_capture(taken, self.baseline, encoded=actual.picture))
        return self._last[1:]


def make_baseline(taken: Capture) -> Baseline:
    """Return a capture as a baseline is kept."""
    semantics = tree_as_json(taken.visible_tree, masks=taken.masks, renderer=taken.renderer)
    return Baseline(_encode(taken.image), semantics)


def compare_capture(taken: Capture, baseline: Baseline | None, *, encoded: bytes | None = None) -> Difference:
    """Compare what was captured with its baseline.

    `encoded` is the picture as a PNG: where that is the baseline's, to the byte, nothing has to be decoded.
    """
    if baseline is None:
        return Difference(ScreenStatus.NEW, "there is no baseline yet", taken.image.size, None, cause="new")
    then = read_semantics(baseline.semantics)
    difference = compare(
        taken.image if encoded is None else encoded,
        baseline.picture,
        # What was masked then may be smaller or larger by now: neither side says anything there.
        (*taken.masks, *(then.masks if then else ())),
        tree=taken.visible_tree,
        baseline_tree=then.tree if then else None,
        pixel_ratio=taken.pixel_ratio,
    )
    drawn_by = then.renderer if then else ""
    if difference.status is ScreenStatus.SAME or not taken.renderer or drawn_by in {"", taken.renderer}:
        return difference
    by = f"(the baseline was drawn by {drawn_by}, this by {taken.renderer})"
    return replace(difference, summary=f"{difference.summary} {by}")


def _target_of(app: FlutterApp, pixel_ratio: float) -> str:
    """Return a target's part of a baseline's name: where the app runs, in what, how finely drawn."""
    renderer = app.renderer.split(" ")[0]
    parts = [app.target, renderer] if renderer and renderer not in app.target else [app.target]
    return re.sub(r"[^A-Za-z0-9._-]+", "-", "-".join([*parts, f"{pixel_ratio:g}x"]))


def _encode(image: Image.Image, *, compression: int = 6) -> bytes:
    encoded = io.BytesIO()
    image.save(encoded, "PNG", compress_level=compression)
    return encoded.getvalue()
