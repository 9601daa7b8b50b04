"""Baselines that no screen of a run was compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from journeys.snapshots import ScreenRecord
from journeys.snapshots.baselines import baseline_keys


@dataclass(frozen=True)
class Orphans:
    """Paths of baselines without a screen, of the journeys that ran.

    Those in `gone` are of a target that the run had: the screen is not looked at any more. Those in
    `unplayed` are of other targets: ones to be run apart, or ones that nobody knows any more.
    """

    gone: tuple[PurePosixPath, ...] = ()
    unplayed: tuple[PurePosixPath, ...] = ()


def orphans_of(records: Sequence[ScreenRecord], baselines: Path) -> Orphans:
    """Return the baselines in a folder that none of a run's screens was compared with."""
    compared = {record.key.path for record in records}
    journeys = {record.key.journey for record in records}
    targets = {record.key.target for record in records}
    left = [key for key in baseline_keys(baselines) if key.journey in journeys and key.path not in compared]
    return Orphans(
        gone=tuple(key.path for key in left if key.target in targets),
        unplayed=tuple(key.path for key in left if key.target not in targets),
    )
