"""Screens held against their baselines."""

from journeys.screens.record import (
    ChangedRegion,
    FilmFrame,
    PixelBox,
    ScreenKey,
    ScreenRecord,
    ScreenStatus,
)
from journeys.screens.record_file import read_record, write_record

__all__ = [
    "ChangedRegion",
    "FilmFrame",
    "PixelBox",
    "ScreenKey",
    "ScreenRecord",
    "ScreenStatus",
    "read_record",
    "write_record",
]
