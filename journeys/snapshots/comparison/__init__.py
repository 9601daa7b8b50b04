"""How a screen stands to its baseline, by three opinions: pixels, perception and semantics.

difference = compare(actual_png, baseline_png, tree=tree, baseline_tree=tree_from_json(said))
difference.status, difference.summary, difference.regions, difference.cause
"""

from journeys.snapshots.comparison.comparing import Difference, compare
from journeys.snapshots.comparison.picture import UnreadablePicture
from journeys.snapshots.comparison.tree_file import UnreadableTree, tree_as_json, tree_from_json

__all__ = ["Difference", "UnreadablePicture", "UnreadableTree", "compare", "tree_as_json", "tree_from_json"]
