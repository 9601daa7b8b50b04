"""Screens held against their baselines."""

from journeys.screens.baselines import (
    Baseline,
    baseline_keys,
    baseline_path,
    read_baseline,
    remove_baseline,
    write_baseline,
)
from journeys.screens.record import (
    ChangedRegion,
    FilmFrame,
    PixelBox,
    ScreenKey,
    ScreenRecord,
    ScreenStatus,
)
from journeys.screens.record_file import forget_entry, gather_entries, read_record, write_entry, write_record

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
