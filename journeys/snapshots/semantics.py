"""A screen's semantics as JSON beside its baseline: small, and read with every field checked.

    {"format": 1, "pixel_ratio": 2.0, "screen": [0, 0, 412, 915], "root": {"role": "button", "label": …},
     "renderer": "chromium 149.0", "masks": [[20, 10, 60, 20]]}

A node has only the fields that say something. A box is [left, top, width, height], in logical pixels but for
a mask's.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal, NotRequired, TypedDict

from msgspec import Meta

from flutter_bridge import Box, Node, Role, Tree
from journeys.documents import UnreadableDocument, decode_any_json, decode_json
from journeys.errors import UsageError
from journeys.snapshots.record import PixelBox

FORMAT: Final = 1
MAX_BYTES: Final = 8 * 2**20
MAX_NODES: Final = 20_000
MAX_DEPTH: Final = 200
MAX_TEXT: Final = 10_000
"""Characters of one text; a longer one is cut when it is written."""
_MAX_MASKS: Final = 1000
_MAX_RENDERER: Final = 100

_TEXTS: Final = ("identifier", "label", "value", "hint", "tooltip")
_FLAGS: Final = ("enabled", "focused", "selected", "obscured", "visible", "is_folded", "checked", "scrolls")
_PLAIN: Final = Node()

_Text = Annotated[str, Meta(max_length=MAX_TEXT)]
_Edge = Annotated[float, Meta(ge=-1e7, le=1e7)]
_Edges = tuple[_Edge, _Edge, _Edge, _Edge]


class UnreadableTree(UsageError):
    """What should be a screen's semantics isn't, or is too large."""


@dataclass(frozen=True)
class ScreenSemantics:
    """What lies beside a baseline's picture: the tree, where the picture is masked, and what drew it."""

    tree: Tree
    masks: tuple[PixelBox, ...] = ()
    renderer: str = ""


class _NodeDocument(TypedDict):
    role: Role
    box: _Edges
    identifier: NotRequired[_Text]
    label: NotRequired[_Text]
    value: NotRequired[_Text]
    hint: NotRequired[_Text]
    tooltip: NotRequired[_Text]
    enabled: NotRequired[bool]
    focused: NotRequired[bool]
    selected: NotRequired[bool]
    obscured: NotRequired[bool]
    visible: NotRequired[bool]
    is_folded: NotRequired[bool]
    checked: NotRequired[bool]
    scrolls: NotRequired[Literal["horizontal", "vertical"]]
    children: NotRequired[list[_NodeDocument]]


class _TreeDocument(TypedDict):
    pixel_ratio: Annotated[float, Meta(gt=0, le=100)]
    screen: _Edges
    root: _NodeDocument


class _PictureDocument(TypedDict):
    renderer: NotRequired[str]
    masks: NotRequired[list[tuple[int, int, int, int]]]


def tree_as_json(tree: Tree, *, masks: Sequence[PixelBox] = (), renderer: str = "") -> bytes:
    """Return a tree as JSON; the platform's own names for nodes (`ref`) are left out."""
    document = {
        "format": FORMAT,
        "pixel_ratio": tree.pixel_ratio,
        "screen": _box_as_list(tree.screen),
        "root": _node_as_dict(tree.root),
        "renderer": renderer,
        "masks": [dataclasses.astuple(mask) for mask in masks],
    }
    return json.dumps(document, ensure_ascii=False, indent=1, default=str).encode()


def tree_from_json(encoded: bytes) -> Tree:
    """Return the tree in a JSON document; raises `UnreadableTree`."""
    if len(encoded) > MAX_BYTES:
        raise UnreadableTree(f"the semantics have more than {MAX_BYTES // 2**20} MiB")
    try:
        document = decode_any_json(encoded, deepest=2 * MAX_DEPTH + 10)
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise UnreadableTree("the semantics are of another version")
        tree = decode_json(encoded, _TreeDocument, nul="keep")
    except UnreadableDocument as error:
        raise UnreadableTree(f"the semantics are no JSON of ours: {error}") from error
    return Tree(_NodeReader().read(tree["root"], 0), Box(*tree["screen"]), tree["pixel_ratio"])


def read_semantics(encoded: bytes | None) -> ScreenSemantics | None:
    """Return what lies beside a baseline; None where it is lost or damaged: its picture is what counts."""
    if encoded is None:
        return None
    try:
        tree = tree_from_json(encoded)
    except UnreadableTree:
        return None
    try:
        picture = decode_json(encoded, _PictureDocument, nul="keep")
    except UnreadableDocument:
        return ScreenSemantics(tree)
    masks = tuple(PixelBox(*mask) for mask in picture.get("masks", [])[:_MAX_MASKS])
    return ScreenSemantics(tree, masks, picture.get("renderer", "")[:_MAX_RENDERER])


def _node_as_dict(node: Node) -> dict[str, object]:
    fields: dict[str, object] = {"role": node.role.value, "box": _box_as_list(node.box)}
    fields |= {name: text[:MAX_TEXT] for name in _TEXTS if (text := getattr(node, name))}
    fields |= {name: getattr(node, name) for name in _FLAGS if getattr(node, name) != getattr(_PLAIN, name)}
    if node.children:
        fields["children"] = list(map(_node_as_dict, node.children))
    return fields


def _box_as_list(box: Box) -> list[float]:
    # A hundredth of a logical pixel: finer than anything is drawn.
    return [round(float(edge), 2) for edge in dataclasses.astuple(box)]


class _NodeReader:
    """Reads nodes, and counts them."""

    def __init__(self) -> None:
        self._count = 0

    def read(self, document: _NodeDocument, depth: int) -> Node:
        self._count += 1
        if depth > MAX_DEPTH or self._count > MAX_NODES:
            raise UnreadableTree(
                f"the semantics have more than {MAX_NODES} nodes, or are more than {MAX_DEPTH} deep"
            )
        return Node(
            box=Box(*document["box"]),
            children=tuple(self.read(child, depth + 1) for child in document.get("children", ())),
            **{name: value for name, value in document.items() if name not in {"box", "children"}},  # type: ignore[arg-type]  # fields of the node's own, checked by their types
        )
