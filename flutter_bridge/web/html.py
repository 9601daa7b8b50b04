"""What ordinary HTML is to a person: its role, what it is called, and what it says.

A page before or after the app, what lies around it, and what is in its platform views. The accessible name is
worked out as browsers do, as far as pages use it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flutter_bridge.semantics import Axis, Box, Node, Role

Record = Mapping[str, Any]

ROLES = {
    "button": Role.BUTTON,
    "link": Role.LINK,
    "heading": Role.HEADING,
    "img": Role.IMAGE,
    "text": Role.TEXT,
    "textbox": Role.TEXT_FIELD,
    "searchbox": Role.TEXT_FIELD,
    "checkbox": Role.CHECKBOX,
    "radio": Role.RADIO,
    "switch": Role.SWITCH,
    "slider": Role.SLIDER,
    "tab": Role.TAB,
    "dialog": Role.DIALOG,
    "alertdialog": Role.DIALOG,
    "list": Role.LIST,
    "listitem": Role.LIST_ITEM,
    "menu": Role.MENU,
    "menubar": Role.MENU,
    "menuitem": Role.MENU_ITEM,
    "menuitemcheckbox": Role.MENU_ITEM,
    "menuitemradio": Role.MENU_ITEM,
    "progressbar": Role.PROGRESS,
}
"""The roles that `role` may name, in the engine's markup and in anybody's."""

_ELEMENTS = {
    "button": Role.BUTTON,
    "summary": Role.BUTTON,
    "select": Role.BUTTON,
    "textarea": Role.TEXT_FIELD,
    "img": Role.IMAGE,
    "ul": Role.LIST,
    "ol": Role.LIST,
    "li": Role.LIST_ITEM,
    "dialog": Role.DIALOG,
    "progress": Role.PROGRESS,
    "meter": Role.PROGRESS,
} | dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), Role.HEADING)
_BUTTONS = frozenset({"button", "submit", "reset", "image", "file", "color"})
_INPUTS = {"checkbox": Role.CHECKBOX, "radio": Role.RADIO, "range": Role.SLIDER} | dict.fromkeys(
    _BUTTONS, Role.BUTTON
)


def role_of_element(tag: str, attributes: Mapping[str, str]) -> Role | None:
    """Return the role that an element has by its name; None where it has none, as a `div`."""
    if tag == "input":
        return _INPUTS.get(attributes.get("type", "").lower(), Role.TEXT_FIELD)
    if tag == "a":
        return Role.LINK if "href" in attributes else None
    return _ELEMENTS.get(tag)


def html_node(record: Record, children: tuple[Node, ...]) -> Node:
    """Return what a record of an HTML element means; its identifier is `data-testid`, or else its `id`."""
    attributes: Mapping[str, str] = record.get("a", {})
    label, value = _label(record, attributes), str(record.get("v", ""))
    role = _role(record, attributes, label, children)
    if role is Role.SLIDER:
        value = attributes.get("aria-valuetext", "") or value
    keeps_value = role in {Role.TEXT_FIELD, Role.SLIDER} or record["t"] == "select"
    axis: Axis = "horizontal" if record.get("s") == "x" else "vertical"
    return Node(
        role=role,
        identifier=attributes.get("data-testid") or attributes.get("id", ""),
        label=label,
        value=value if keeps_value else "",
        hint=attributes.get("aria-description", "") or attributes.get("placeholder", ""),
        box=Box(*record["b"]),
        enabled=not record.get("d") and attributes.get("aria-disabled") != "true",
        focused=bool(record.get("f")),
        selected="true" in {attributes.get("aria-selected"), attributes.get("aria-current")},
        checked=_check_state(record, attributes),
        expanded=attributes["aria-expanded"] == "true" if "aria-expanded" in attributes else None,
        obscured=record["t"] == "input" and attributes.get("type") == "password",
        visible=not record.get("h"),
        scrolls=axis if role is Role.SCROLLABLE else None,
        children=children,
        ref=record["i"],
    )


def _role(record: Record, attributes: Mapping[str, str], label: str, children: tuple[Node, ...]) -> Role:
    given = attributes.get("role", "")
    element = role_of_element(record["t"], attributes)
    if given == "combobox":
        return element or Role.BUTTON
    named = ROLES.get(given) or (Role.LIST_ITEM if given == "option" else element)
    if named is not None:
        return named
    if attributes.get("contenteditable", "false") != "false":
        return Role.TEXT_FIELD
    if record.get("s"):
        return Role.SCROLLABLE
    return Role.GENERIC if not label else Role.GROUP if children else Role.TEXT


def _label(record: Record, attributes: Mapping[str, str]) -> str:
    labels, is_input = record.get("n", ""), record["t"] == "input"
    names = (
        labels if "aria-labelledby" in attributes else "",
        attributes.get("aria-label", ""),
        labels,
        record.get("v", "") if is_input and attributes.get("type", "").lower() in _BUTTONS else "",
        attributes.get("alt", ""),
        record.get("x", ""),
        attributes.get("title", ""),
        attributes.get("placeholder", ""),
    )
    return next((read for name in names if (read := _as_lines(name))), "")


def _as_lines(text: str) -> str:
    """Return a text as a browser lays it out: each run of spaces is one, and no line is empty."""
    return "\n".join(line for each in text.split("\n") if (line := " ".join(each.split())))


def _check_state(record: Record, attributes: Mapping[str, str]) -> bool | None:
    if "c" in record:
        return bool(record["c"])
    state = attributes.get("aria-checked")
    return None if state is None else state == "true"
