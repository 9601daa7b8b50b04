"""Screens compared with their baselines: by `journeys.snapshots.comparison`, of use without a journey."""

from typing import TYPE_CHECKING

from journeys.lazy_face import import_on_demand
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
    __getattr__ = import_on_demand(
        __name__,
        {
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
        },
    )


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
