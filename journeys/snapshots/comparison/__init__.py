"""How a screen differs from its baseline, by three opinions: pixels, perception and semantics.

difference = compare(actual_png, baseline_png, tree=tree, baseline_tree=baseline_tree)
difference.status, difference.summary, difference.regions, difference.cause
"""

from journeys.snapshots.comparison.difference import Difference, compare
from journeys.snapshots.comparison.matching import match_nodes
from journeys.snapshots.comparison.raster import UnreadablePicture, describe_other_format
from journeys.snapshots.comparison.reasons import (
    compare_trees,
    describe_movement,
    is_notable,
    name_of,
    state_changes,
)
from journeys.snapshots.comparison.regions import SAME_SHAPES

__all__ = [
    "SAME_SHAPES",
    "Difference",
    "UnreadablePicture",
    "compare",
    "compare_trees",
    "describe_movement",
    "describe_other_format",
    "is_notable",
    "match_nodes",
    "name_of",
    "state_changes",
]
