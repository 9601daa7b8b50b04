"""What a screen said, as JSON beside its baseline: small, and read with every field checked.

    {"format": 1, "pixel_ratio": 2.0, "screen": [0, 0, 412, 915], "root": {"role": "button", "label": …}}

A node has only the fields that say something; a box is [left, top, width, height] in logical pixels.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping
from typing import Any, Final

from flutter_bridge import Box, Node, Role, Tree
from journeys.documents import UnreadableDocument, decode_any_json
from journeys.errors import UsageError

FORMAT: Final = 1
MOST_BYTES: Final = 8 * 2**20
MOST_NODES: Final = 20_000
DEEPEST: Final = 200
LONGEST: Final = 10_000
"""Characters of one text; a longer one is cut when it is written."""
_FARTHEST: Final = 1e7

_TEXTS: Final = ("identifier", "label", "value", "hint", "tooltip")
_FLAGS: Final = ("enabled", "focused", "selected", "obscured", "visible", "is_folded")
_PLAIN: Final = Node()


class UnreadableTree(UsageError):
    """What should be a screen's semantics isn't, or is too large."""


def tree_as_json(tree: Tree) -> bytes:
    """Return a tree as JSON; the platform's own names for nodes (`ref`) are left out."""
    document = {
        "format": FORMAT,
        "pixel_ratio": tree.pixel_ratio,
        "screen": _box_as_list(tree.screen),
        "root": _node_as_dict(tree.root),
    }
    return json.dumps(document, ensure_ascii=False, indent=1, default=str).encode()


def tree_from_json(encoded: bytes) -> Tree:
    """Return the tree that JSON tells; raises `UnreadableTree`."""
    if len(encoded) > MOST_BYTES:
        raise UnreadableTree(f"the semantics have more than {MOST_BYTES // 2**20} MiB")
    try:
        document = decode_any_json(encoded, deepest=2 * DEEPEST + 10)
    except UnreadableDocument as error:
        raise UnreadableTree(f"the semantics are no JSON of ours: {error}") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise UnreadableTree("the semantics are of another version")
    ratio = _number(document.get("pixel_ratio"))
    if not 0 < ratio <= 100:
        raise UnreadableTree(f"the semantics have a pixel ratio of {ratio:g}")
    return Tree(_Reader().node(document.get("root"), 0), _box(document.get("screen")), ratio)


def _node_as_dict(node: Node) -> dict[str, object]:
    said: dict[str, object] = {"role": node.role.value, "box": _box_as_list(node.box)}
    said |= {name: getattr(node, name)[:LONGEST] for name in _TEXTS if getattr(node, name)}
    said |= {
        name: getattr(node, name)
        for name in (*_FLAGS, "checked", "scrolls")
        if getattr(node, name) != getattr(_PLAIN, name)
    }
    if node.children:
        said["children"] = [_node_as_dict(child) for child in node.children]
    return said


def _box_as_list(box: Box) -> list[float]:
    # A hundredth of a logical pixel: finer than anything is drawn.
    return [round(float(edge), 2) for edge in dataclasses.astuple(box)]


class _Reader:
    """Reads nodes, and counts them."""

    def __init__(self) -> None:
        self._count = 0

    def node(self, said: object, depth: int) -> Node:
        self._count += 1
        if depth > DEEPEST or self._count > MOST_NODES:
            raise UnreadableTree(
                f"the semantics have more than {MOST_NODES} nodes, or are more than {DEEPEST} deep"
            )
        if not isinstance(said, dict):
            raise UnreadableTree(f"the semantics have {type(said).__name__} in the place of a node")
        children = said.get("children", [])
        if not isinstance(children, list):
            raise UnreadableTree("the semantics have a node whose children are no list")
        return Node(
            role=_role(said.get("role")),
            box=_box(said.get("box")),
            children=tuple(self.node(child, depth + 1) for child in children),
            **_fields(said),
        )


def _fields(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return a node's texts and flags, each of its type; what we don't know is left out."""
    fields: dict[str, Any] = {}
    for name in _TEXTS:
        value = said.get(name, "")
        if not isinstance(value, str) or len(value) > LONGEST:
            raise UnreadableTree(f"the semantics have a node whose {name} is no text, or too long a one")
        fields[name] = value
    for name in (*_FLAGS, "checked"):
        if name in said:
            if not isinstance(said[name], bool):
                raise UnreadableTree(f"the semantics have a node whose {name} is neither true nor false")
            fields[name] = said[name]
    if "scrolls" in said:
        if said["scrolls"] not in ("horizontal", "vertical"):
            raise UnreadableTree("the semantics have a node that scrolls neither way")
        fields["scrolls"] = said["scrolls"]
    return fields


def _role(said: object) -> Role:
    try:
        return Role(said)  # type: ignore[arg-type]  # whatever it is: Role says no
    except ValueError as error:
        raise UnreadableTree("the semantics have a node of a role that there isn't") from error


def _box(said: object) -> Box:
    if not isinstance(said, list) or len(said) != 4:
        raise UnreadableTree("the semantics have a box that isn't [left, top, width, height]")
    return Box(*(_number(edge) for edge in said))


def _number(said: object) -> float:
    if isinstance(said, bool) or not isinstance(said, int | float):
        raise UnreadableTree("the semantics have something else in the place of a number")
    if not math.isfinite(said) or abs(said) > _FARTHEST:
        raise UnreadableTree("the semantics have a number that no screen has")
    return float(said)
