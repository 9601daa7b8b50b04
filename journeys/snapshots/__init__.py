"""Screens compared with their baselines; `comparison` is the comparison itself, of use without a journey."""

from importlib import import_module
from typing import TYPE_CHECKING

from journeys.snapshots.settings import SnapshotMode, SnapshotSettings

if TYPE_CHECKING:
    from journeys.snapshots.baselines import (
        Baseline,
        Orphans,
        baseline_keys,
        baseline_path,
        find_orphans,
        read_baseline,
        remove_baseline,
        write_baseline,
    )
    from journeys.snapshots.capture import Capture, capture_screen
    from journeys.snapshots.checks import ScreensDiffer, Snapshots, raise_for_screens
    from journeys.snapshots.record import (
        RECORD,
        ChangedRegion,
        FilmFrame,
        PixelBox,
        ScreenKey,
        ScreenRecord,
        ScreenStatus,
        forget_entry,
        gather_entries,
        read_record,
        write_record,
    )
    from journeys.snapshots.semantics import UnreadableTree, tree_as_json, tree_from_json
else:
    # Imported when asked for: every pytest session asks for the settings, and few compare a screen.
    _HOMES = {
        "baselines": (
            "Baseline Orphans baseline_keys baseline_path find_orphans "
            "read_baseline remove_baseline write_baseline"
        ),
        "record": (
            "RECORD ChangedRegion FilmFrame PixelBox ScreenKey ScreenRecord ScreenStatus "
            "forget_entry gather_entries read_record write_record"
        ),
        "semantics": "UnreadableTree tree_as_json tree_from_json",
        "capture": "Capture capture_screen",
        "checks": "ScreensDiffer Snapshots raise_for_screens",
    }

    def __getattr__(name: str) -> object:
        for home, names in _HOMES.items():
            if name in names.split():
                return getattr(import_module(f"{__name__}.{home}"), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "RECORD",
    "Baseline",
    "Capture",
    "ChangedRegion",
    "FilmFrame",
    "Orphans",
    "PixelBox",
    "ScreenKey",
    "ScreenRecord",
    "ScreenStatus",
    "ScreensDiffer",
    "SnapshotMode",
    "SnapshotSettings",
    "Snapshots",
    "UnreadableTree",
    "baseline_keys",
    "baseline_path",
    "capture_screen",
    "find_orphans",
    "forget_entry",
    "gather_entries",
    "raise_for_screens",
    "read_baseline",
    "read_record",
    "remove_baseline",
    "tree_as_json",
    "tree_from_json",
    "write_baseline",
    "write_record",
]
