"""Screens held against their baselines."""

from journeys.snapshots.baselines import (
    Baseline,
    baseline_keys,
    baseline_path,
    read_baseline,
    remove_baseline,
    write_baseline,
)
from journeys.snapshots.record import (
    ChangedRegion,
    FilmFrame,
    PixelBox,
    ScreenKey,
    ScreenRecord,
    ScreenStatus,
)
from journeys.snapshots.record_file import (
    forget_entry,
    gather_entries,
    read_record,
    write_entry,
    write_record,
)

__all__ = [
    "Baseline",
    "ChangedRegion",
    "FilmFrame",
    "PixelBox",
    "ScreenKey",
    "ScreenRecord",
    "ScreenStatus",
    "baseline_keys",
    "baseline_path",
    "forget_entry",
    "gather_entries",
    "read_baseline",
    "read_record",
    "remove_baseline",
    "write_baseline",
    "write_entry",
    "write_record",
]
