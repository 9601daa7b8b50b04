"""What two semantics trees say differently, as lines to read; a tree is the JSON beside a screenshot."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from journeys.review.errors import Refused
from journeys.review.limits import NODES

Kind = Literal["added", "removed", "changed"]

_SAID = ("label", "value", "hint", "tooltip")
_STATES = ("enabled", "focused", "selected", "checked", "visible")
_DEEPEST = 200


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


@dataclass(frozen=True)
class _Node:
    role: str
    identifier: str
    said: tuple[str, ...]
    states: tuple[Any, ...]
    box: tuple[float, ...]

    @property
    def title(self) -> str:
        text = " ".join(" ".join(self.said).split())
        name = f"“{text[:80]}{'…' * (len(text) > 80)}”" if text else self.identifier
        return f"{self.role} {name}".strip()


def semantics_changes(before: bytes, after: bytes) -> SemanticsChanges:
    """Compare two trees; raises `Refused` where one is none.

    Nodes are matched by identifier, then in reading order by role and text, then by role alone.
    """
    old, new = list(_nodes(before)), list(_nodes(after))
    matched = _match(old, new)
    partners = {right: left for left, right in matched.items()}
    changes: list[NodeChange] = []
    same = 0
    gone = iter(sorted(set(range(len(old))) - matched.keys()))
    next_gone = next(gone, None)
    for right, node in enumerate(new):
        left = partners.get(right)
        if left is None:
            changes.append(NodeChange("added", node.title))
            continue
        while next_gone is not None and next_gone < left:
            changes.append(NodeChange("removed", old[next_gone].title))
            next_gone = next(gone, None)
        notes = tuple(_notes(old[left], node))
        if notes:
            changes.append(NodeChange("changed", old[left].title, notes))
        else:
            same += 1
    while next_gone is not None:
        changes.append(NodeChange("removed", old[next_gone].title))
        next_gone = next(gone, None)
    return SemanticsChanges(tuple(changes), same)


def _match(old: list[_Node], new: list[_Node]) -> dict[int, int]:
    matched: dict[int, int] = {}
    unique = [
        {name: index for index, name in enumerate(names) if name and count[name] == 1}
        for names in ([node.identifier for node in old], [node.identifier for node in new])
        for count in (Counter(names),)
    ]
    matched.update((unique[0][name], unique[1][name]) for name in unique[0].keys() & unique[1].keys())
    for key in (lambda node: (node.role, node.said), lambda node: node.role):
        taken = set(matched.values())
        left = [index for index in range(len(old)) if index not in matched]
        right = [index for index in range(len(new)) if index not in taken]
        blocks = SequenceMatcher(
            None, [key(old[index]) for index in left], [key(new[index]) for index in right], autojunk=False
        ).get_matching_blocks()
        for block in blocks:
            for offset in range(block.size):
                matched[left[block.a + offset]] = right[block.b + offset]
    return matched


def _notes(old: _Node, new: _Node) -> Iterator[str]:
    if old.role != new.role:
        yield f"is a {new.role} now"
    for name, was, now in zip(_SAID, old.said, new.said, strict=True):
        if was != now:
            yield f"{'text' if name == 'label' else name} was “{was[:200]}”, is “{now[:200]}”"
    for name, was, now in zip(_STATES, old.states, new.states, strict=True):
        if was != now:
            yield f"{name}: was {_shown(was)}, is {_shown(now)}"
    if len(old.box) == len(new.box) == 4:
        yield from _moved(old.box, new.box)


def _moved(old: tuple[float, ...], new: tuple[float, ...]) -> Iterator[str]:
    across, down = round(new[0] - old[0], 1), round(new[1] - old[1], 1)
    ways = [
        f"{abs(by):g} px {way}"
        for by, way in ((across, "right" if across > 0 else "left"), (down, "down" if down > 0 else "up"))
        if by
    ]
    if ways:
        yield f"moved {' and '.join(ways)}"
    if (round(old[2], 1), round(old[3], 1)) != (round(new[2], 1), round(new[3], 1)):
        yield f"was {old[2]:g}×{old[3]:g} px, is {new[2]:g}×{new[3]:g} px"


def _shown(value: object) -> str:
    return {True: "yes", False: "no", None: "neither"}.get(value, str(value))  # type: ignore[call-overload, no-any-return]  # any JSON value may come


def _nodes(content: bytes) -> Iterator[_Node]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Refused("what the screen said is no JSON: run the journeys again") from error
    root = document.get("root", document) if isinstance(document, dict) else document
    waiting: list[tuple[object, int]] = [(root, 0)]
    count = 0
    while waiting:
        value, depth = waiting.pop()
        if not isinstance(value, Mapping):
            raise Refused("what the screen said is no tree of nodes: run the journeys again")
        count += 1
        if count > NODES or depth > _DEEPEST:
            raise Refused(f"the trees have more than {NODES} nodes: too many to compare")
        node = _node(value)
        if node.identifier or any(node.said) or node.role not in {"generic", "group"}:
            yield node
        children = value.get("children", [])
        if not isinstance(children, list):
            raise Refused("what the screen said is no tree of nodes: run the journeys again")
        waiting.extend((child, depth + 1) for child in reversed(children))


def _node(value: Mapping[str, Any]) -> _Node:
    box = value.get("box")
    numbers: list[Any] = []
    if isinstance(box, Mapping):
        numbers = [box.get(name) for name in ("left", "top", "width", "height")]
    elif isinstance(box, list):
        numbers = box
    return _Node(
        role=str(value.get("role") or "generic"),
        identifier=str(value.get("identifier") or ""),
        said=tuple(str(value.get(name) or "") for name in _SAID),
        states=tuple(value.get(name) for name in _STATES),
        box=tuple(float(number) for number in numbers if isinstance(number, int | float)),
    )
