"""Judges what was captured: how it stands to its baseline, and in words why."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image

from journeys.screens.baselines import Baseline
from journeys.screens.capture import Capture
from journeys.screens.record import ChangedRegion, PixelBox, ScreenStatus


@dataclass(frozen=True)
class Judged:
    """How a screen stands to its baseline; `difference` is a picture of where it differs."""

    status: ScreenStatus
    summary: str
    cause: str = ""
    regions: tuple[ChangedRegion, ...] = ()
    difference: Image.Image | None = None
    baseline_size: tuple[int, int] | None = None


def judge(taken: Capture, baseline: Baseline | None) -> Judged:
    """Hold what was captured against its baseline."""
    if baseline is None:
        return Judged(ScreenStatus.NEW, "there is no baseline yet", cause="new")
    earlier = Image.open(io.BytesIO(baseline.picture)).convert("RGB")
    if earlier.size != taken.image.size:
        return Judged(ScreenStatus.RESIZED, "it has another size", baseline_size=earlier.size)
    differs = (np.asarray(earlier) != np.asarray(taken.image)).any(axis=2)
    if not differs.any():
        return Judged(ScreenStatus.SAME, "the same", baseline_size=earlier.size)
    rows, columns = np.nonzero(differs)
    box = PixelBox(int(columns.min()), int(rows.min()), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1)
    region = ChangedRegion(box, int(differs.sum()), 0)
    return Judged(ScreenStatus.CHANGED, "it looks different", "different", (region,), None, earlier.size)


def said_by(taken: Capture) -> bytes | None:  # noqa: ARG001 - until trees can be written
    """Return what the screen said as JSON."""
    return None
