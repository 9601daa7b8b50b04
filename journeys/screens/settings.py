"""What a run does about screens: where baselines lie, and what becomes of those that have none."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from journeys.screens.capture import LINGER


class SnapshotMode(StrEnum):
    """What a screen without a baseline means."""

    LOCAL = "local"
    """It is new: told, kept for the review, and no failure."""
    CI = "ci"
    """It fails the journey: what nobody has looked at is not passed in silence."""


@dataclass(frozen=True, kw_only=True)
class ScreenSettings:
    """How one run holds screens against baselines.

    `baselines` is the folder they are in, `results` the one for this run's pictures. With `update`, baselines
    are written where there is none and where a screen differs, and nothing fails. A screen that isn't as its
    baseline is watched for `linger` seconds before it is believed, see `journeys.screens.capture`.
    """

    baselines: Path
    results: Path
    mode: SnapshotMode = SnapshotMode.LOCAL
    update: bool = False
    linger: float = LINGER
