"""What two screens say differently, node by node: all of it, where a region's reasons tell the root only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from flutter_bridge import Box, Node
from journeys.review.errors import Refused
from journeys.snapshots import UnreadableTree, tree_from_json
from journeys.snapshots.comparison import (
    describe_movement,
    is_notable,
    match_nodes,
    name_of,
    state_changes,
)

Kind = Literal["added", "removed", "changed"]

_SAID = {"label": "text", "value": "value", "hint": "hint", "tooltip": "tooltip"}
_QUOTED = 200


@dataclass(frozen=True)
class NodeChange:
    """A node that is there on one side only, or is different; `notes` say how."""

    kind: Kind
    node: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class SemanticsChanges:
    """The changes in reading order, and how many nodes are the same on both sides."""

    changes: tuple[NodeChange, ...]
    same: int


def semantics_changes(before: bytes, after: bytes) -> SemanticsChanges:
    """Compare what was said beside two pictures; raises `Refused` where one of them can't be read."""
    try:
        baseline, actual = tree_from_json(before), tree_from_json(after)
    except UnreadableTree as error:
        raise Refused(f"{error}: run the journeys again") from error
    found = match_nodes(actual, baseline)
    partners = {id(ours): theirs for ours, theirs in found.pairs}
    place = {id(node): number for number, node in enumerate(baseline)}
    new = {id(node) for node in found.added}
    missing = sorted(filter(is_notable, found.missing), key=lambda node: place[id(node)])
    changes: list[NodeChange] = []
    same = 0
    for node in filter(is_notable, actual):
        if id(node) in new:
            changes.append(NodeChange("added", name_of(node)))
            continue
        partner = partners.get(id(node))
        if partner is None:
            continue
        # What is missing stands where it was read.
        while missing and place[id(missing[0])] < place[id(partner)]:
            changes.append(NodeChange("removed", name_of(missing.pop(0))))
        notes = tuple(_notes(node, partner))
        if notes:
            changes.append(NodeChange("changed", name_of(partner), notes))
        else:
            same += 1
    changes += (NodeChange("removed", name_of(node)) for node in missing)
    return SemanticsChanges(tuple(changes), same)


def _notes(ours: Node, theirs: Node) -> Iterator[str]:
    for name, word in _SAID.items():
        was, now = (" ".join(getattr(node, name).split())[:_QUOTED] for node in (theirs, ours))
        if was != now:
            yield f"{word} was “{was}”, is “{now}”"
    yield from (sentence for _, sentence in state_changes(ours, theirs))
    yield from _placed(ours.box, theirs.box)


def _placed(ours: Box, theirs: Box) -> Iterator[str]:
    right, down = (round(by, 1) for by in (ours.left - theirs.left, ours.top - theirs.top))
    if right or down:
        yield f"moved {describe_movement(right, down)[0]}"
    was, now = (f"{round(box.width, 1):g}×{round(box.height, 1):g}" for box in (theirs, ours))
    if was != now:
        yield f"was {was} px, is {now} px"
