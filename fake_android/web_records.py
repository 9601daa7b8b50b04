"""What the records of `page.js` are before they are anything on Android: parts, routes, who has the focus.

Their keys: `flutter_bridge/web/dom.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Record = Mapping[str, Any]

SCOPES = {"dialog", "alertdialog", "menu"}


def is_part(record: Record) -> bool:
    """Whether an element is the engine's way to draw its parent, not a node of its own."""
    return record["t"] in {"input", "textarea", "flt-semantics-img"} and not record["i"].startswith(
        "flt-semantic-node-"
    )


def part_of(record: Record) -> Record | None:
    """Return the element that draws a node: a field's, a slider's, a picture's with nodes in it."""
    return next((child for child in record.get("k", ()) if is_part(child)), None)


def own_text(record: Record) -> str:
    """Return the text of an element, with the white space it has; none where there is nothing else."""
    text = str(record.get("x", ""))
    return text if text.strip() else ""


def is_scope(record: Record) -> bool:
    """Whether a node is a route: Android says its name as the title of the pane, and not on the node.

    A drawer's and a sheet's element is one that has a name of its own and no role. So has that of a tooltip,
    which lies around one node that is as large.
    """
    attributes: Mapping[str, str] = record.get("a", {})
    if "role" in attributes or record["t"] != "flt-semantics":
        return attributes.get("role") in SCOPES
    if attributes.get("aria-describedby", "").startswith("flt-semantic-node-"):
        return True
    children: Sequence[Record] = record.get("k", ())
    if "aria-label" not in attributes or not children or part_of(record) is not None:
        return False
    return not (len(children) == 1 and children[0]["b"] == record["b"] and not nodes_in(children[0]))


def nodes_in(record: Record) -> list[Record]:
    """Return the nodes right below one."""
    return [child for child in record.get("k", ()) if not is_part(child)]


def default_focus(route: Record) -> str | None:
    """Return the node that the engine gives the browser's focus when a route opens; a field takes it."""
    for record in walk(route.get("k", ())):
        attributes: Mapping[str, str] = record.get("a", {})
        if part_of(record) is not None:
            return None
        if "role" in attributes or "tabindex" in attributes or record["t"] != "flt-semantics":
            return str(record["i"])
        if own_text(record):
            return None
    return None


def pane_title(routes: Sequence[Record], records: Sequence[Record]) -> str:
    """Return the name of the newest route that has one, be it a node's text in it; else a blank."""
    texts = {record["i"]: own_text(record) for record in walk(records)}
    titles = [
        route["a"].get("aria-label") or texts.get(route["a"].get("aria-describedby", ""), "")
        for route in routes
        if "a" in route
    ]
    return next(filter(None, reversed(titles)), " ")


def walk(records: Sequence[Record]) -> Iterator[Record]:
    """Yield records and all below them, but what nobody can see."""
    for record in records:
        if not record.get("h"):
            yield record
            yield from walk(record.get("k", ()))
