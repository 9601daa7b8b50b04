"""What phones report for kinds of semantics, and how it differs from what a stand-in and the web say."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from lxml import etree

from fake_android.page_source import page_source
from fake_android.translation import android_window
from flutter_bridge import Node, Tree
from flutter_bridge.appium import android_tree
from flutter_bridge.web import parse
from tests.flutter_bridge.android_views import view

PIXEL_RATIO = 2.625
SCREEN = (1050, 2100)
DEFAULTS = {"text": "", "enabled": "true", "live-region": "0"} | dict.fromkeys(
    (
        *("checkable", "checked", "clickable", "focusable", "focused", "long-clickable", "password"),
        *("scrollable", "selected", "heading", "dismissable", "is-collection", "is-collection-item"),
    ),
    "false",
)
"""What a node says of itself that has nothing to say; the facts leave it out."""

NAMES = (
    *("class", "content-desc", "resource-id", "hint", "tooltip-text", "max-text-length", "bounds"),
    *("selection-start", "selection-end", *DEFAULTS),
)
"""The attributes that the facts have where there is something to say."""

# No markup of the web has a selection, so no recording does: the stand-in asks the page for it beside the
# tree, and `test_phone_input` holds what it says then.
READ = tuple(field.name for field in fields(Node) if field.name not in {"ref", "children", "selection"})
READ_ON_THE_WEB = tuple(
    name
    for name in READ
    if name not in {"box", "is_tappable", "is_dismissible", "is_folded", "visible", "focused"}
)

Difference = tuple[str, str, object, object]
"""A node's place (its first ancestor is 0), what differs, what a phone says of it, what the other says."""


@dataclass(frozen=True)
class Kind:
    """One kind of semantics: as the web engine writes it, and as a phone reports it."""

    name: str
    web: Mapping[str, Any]
    android: Mapping[str, Any]

    def __str__(self) -> str:
        return self.name.replace(" ", "-").translate(str.maketrans("", "", ",:()"))


def _kinds() -> tuple[Kind, ...]:
    facts = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    return tuple(Kind(each["kind"], each["web"], each["android"]) for each in facts["kinds"])


KINDS = _kinds()


def stand_in_source(kind: Kind, field_texts: Mapping[str, str], *, strict: bool = True) -> str:
    """Return the page source of a stand-in on which there is nothing else."""
    page = {"width": 400, "height": 800, "nodes": [kind.web]}
    window = android_window(
        page, package="app", pixel_ratio=PIXEL_RATIO, field_texts=field_texts, strict=strict
    )
    return page_source(window, rotation=0, size=SCREEN)


def phone_source(kind: Kind) -> str:
    """Return the page source of a phone on which there is nothing else."""
    width, height = SCREEN
    return f'<hierarchy rotation="0" width="{width}" height="{height}">{_xml(kind.android)}</hierarchy>'


def _xml(node: Mapping[str, Any]) -> str:
    said = DEFAULTS | {name: value for name, value in node.items() if name not in {"class", "children"}}
    attributes = {name.replace("-", "_"): value for name, value in said.items()}
    return view(node["class"], *map(_xml, node.get("children", ())), **attributes)


# -- differences


def attribute_differences(kind: Kind) -> list[Difference]:
    """Return which attributes of a stand-in's aren't a phone's."""
    phone = dict(_walk_facts(kind.android))
    stand_in = dict(_walk_elements(_flutters_node(stand_in_source(kind, {}))))
    assert phone.keys() == stand_in.keys(), f"{kind.name}: one has nodes that the other hasn't"
    return [
        (place, name, said, other)
        for place in phone
        for name in NAMES
        if (said := phone[place].get(name, "")) != (other := stand_in[place].get(name, ""))
    ]


def _flutters_node(source: str) -> etree._Element:
    return next(each for each in etree.fromstring(source.encode()).iter() if "pane-title" in each.attrib)[0]


def _walk_facts(node: Mapping[str, Any], place: str = "0") -> Iterator[tuple[str, dict[str, str]]]:
    yield place, DEFAULTS | {name: value for name, value in node.items() if name != "children"}
    for number, child in enumerate(node.get("children", ())):
        yield from _walk_facts(child, f"{place}.{number}")


def _walk_elements(element: etree._Element, place: str = "0") -> Iterator[tuple[str, dict[str, str]]]:
    yield place, {str(name): str(value) for name, value in element.attrib.items()}
    for number, child in enumerate(element):
        yield from _walk_elements(child, f"{place}.{number}")


def reading_differences(kind: Kind, field_texts: Mapping[str, str] | None = None) -> list[Difference]:
    """Return what the runner reads otherwise on a stand-in than on a phone."""
    tree = android_tree(stand_in_source(kind, field_texts or {}), pixel_ratio=PIXEL_RATIO)
    (content,) = (node for node in tree if node.identifier == "android:id/content")
    return list(_differences(_phone_nodes(kind), content.children, READ))


def web_differences(kind: Kind) -> list[Difference]:
    """Return what the runner reads otherwise on the web than on a phone."""
    page = {"version": 1, "url": "/", "width": 400, "height": 800, "ratio": 1, "flutter": True}
    tree: Tree = parse(json.dumps(page | {"nodes": [kind.web]})).tree
    return list(_differences(_phone_nodes(kind), tree.root.children, READ_ON_THE_WEB))


def _phone_nodes(kind: Kind) -> tuple[Node, ...]:
    return android_tree(phone_source(kind), pixel_ratio=PIXEL_RATIO).root.children


def _differences(
    phone: tuple[Node, ...], other: tuple[Node, ...], names: tuple[str, ...], place: str = ""
) -> Iterator[Difference]:
    """Yield what differs, node by node; what can't be seen only the web has."""
    seen = [node for node in other if node.visible]
    if len(phone) != len(seen):
        yield place or "0", "nodes", len(phone), len(seen)
        return
    for number, (one, two) in enumerate(zip(phone, seen, strict=True)):
        where = f"{place}.{number}" if place else str(number)
        for name in names:
            if getattr(one, name) != getattr(two, name):
                yield where, name, getattr(one, name), getattr(two, name)
        yield from _differences(one.children, two.children, names, where)


# -- tables


def stand_in_table() -> list[str]:
    """Return the rows of the table of what differs on a stand-in."""
    rows = [
        f"| {kind.name} | {_describe(found)} | {_describe(reading_differences(kind)) or 'no'} |"
        for kind in KINDS
        if (found := attribute_differences(kind))
    ]
    return ["| kind | a phone's, not the stand-in's | read otherwise |", "| --- | --- | --- |", *rows]


def web_table() -> list[str]:
    """Return the rows of the table of what is read otherwise on the web."""
    rows = [f"| {kind.name} | {_describe(found)} |" for kind in KINDS if (found := web_differences(kind))]
    return ["| kind | on a phone, not on the web |", "| --- | --- |", *rows]


def _describe(differences: list[Difference]) -> str:
    return "; ".join(f"{name} {_quote(one)}, not {_quote(two)}" for _place, name, one, two in differences)


def _quote(value: object) -> str:
    text = str(value).replace("\n", " ⏎ ").removeprefix("android.widget.").removeprefix("android.view.")
    return f"`{text}`" if text.strip() else "none" if not text else "a blank"
