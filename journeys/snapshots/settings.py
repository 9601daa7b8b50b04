"""What a run does about screens: where baselines lie, and what becomes of screens that have none."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

LINGER_S: Final = 4.5
"""How long a screen that nobody expected must look the same: longer than what goes by itself stands.

Flutter's scrollbars stand 0.6 s (Cupertino's 1.2 s) and fade in 0.3 s, its tooltips 1.5 s, Android's toasts
2 or 3.5 s, Flutter's snack bars 4 s and a quarter of a second to slide away.
"""


class SnapshotMode(StrEnum):
    """What a screen without a baseline means."""

    LOCAL = "local"
    """It is new: reported, kept for the review, and no failure."""
    CI = "ci"
    """It fails the journey: what nobody has looked at is not passed in silence."""


@dataclass(frozen=True, kw_only=True)
class SnapshotSettings:
    """How one run compares screens with baselines.

    `baselines` is the folder they are in, `results` the one for this run's pictures. With `update`, baselines
    are written where there is none and where a screen differs, and nothing fails. A screen that isn't as its
    baseline is watched for `linger_s` seconds before it is believed, see `capture_screen`.
    """

    baselines: Path
    results: Path
    mode: SnapshotMode = SnapshotMode.LOCAL
    update: bool = False
    linger_s: float = LINGER_S
