"""What the server answers when it is asked for one attribute of an element."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fake_android.node import AndroidNode
from fake_android.refusals import NotSupported, UnknownAttribute

Answer = str | bool | int | None


def _content_size(_node: AndroidNode) -> str:
    """Refuse the size of what can be scrolled; for it the server swipes, and reads what Android says."""
    raise NotSupported("contentSize: this device doesn't say how far an element can be scrolled")


ATTRIBUTES: Mapping[tuple[str, ...], Callable[[AndroidNode], Answer] | None] = {
    ("checkable",): lambda node: node.checkable,
    ("checked",): lambda node: node.checked,
    ("class", "className"): lambda node: node.class_name,
    ("clickable",): lambda node: node.clickable,
    ("content-desc", "contentDescription"): lambda node: node.content_desc,
    ("enabled",): lambda node: node.enabled,
    ("focusable",): lambda node: node.focusable,
    ("focused",): lambda node: node.focused,
    ("long-clickable", "longClickable"): lambda node: node.long_clickable,
    ("package",): lambda node: node.package,
    ("password",): lambda node: node.password,
    ("resource-id", "resourceId"): lambda node: node.resource_id or None,
    ("scrollable",): lambda node: node.scrollable,
    ("selection-start",): lambda _node: None,
    ("selection-end",): lambda _node: None,
    ("selected",): lambda node: node.selected,
    ("text", "name"): lambda node: node.text,
    ("hint",): lambda node: node.hint,
    ("extras",): lambda _node: "",
    ("bounds",): lambda node: str(node.bounds),
    ("displayed",): lambda node: node.displayed,
    ("contentSize",): _content_size,
    ("a11y-important", "importantForAccessibility"): None,
    ("screen-reader-focusable", "screenReaderFocusable"): None,
    ("input-type", "inputType"): None,
    ("drawing-order", "drawingOrder"): None,
    ("showing-hint", "showingHintText"): None,
    ("text-entry-key", "textEntryKey"): None,
    ("multiline", "multiLine"): None,
    ("dismissable",): None,
    ("a11y-focused", "accessibilityFocused"): None,
    ("heading",): None,
    ("live-region", "liveRegion"): None,
    ("context-clickable", "contextClickable"): None,
    ("max-text-length", "maxTextLength"): None,
    ("content-invalid", "contentInvalid"): None,
    ("error", "errorText"): None,
    ("pane-title", "paneTitle"): None,
    ("tooltip-text", "tooltipText"): None,
    ("text-has-clickable-span", "textHasClickableSpan"): None,
    ("actions",): None,
    ("window-id", "windowId"): None,
    ("text-size", "textSize"): None,
    ("text-unit", "textUnit"): None,
    ("is-collection", "isCollection"): lambda _node: False,
    ("is-collection-item", "isCollectionItem"): lambda _node: False,
    ("collection-info", "collectionInfo"): lambda _node: None,
    ("collection-item-info", "collectionItemInfo"): lambda _node: None,
}
"""What the server says it knows, by all its names; what it answers nothing for all the same is None."""

BY_NAME = {name.lower(): read for names, read in ATTRIBUTES.items() for name in names}


def attribute(node: AndroidNode, name: str) -> str | None:
    """Return an attribute as text, None where the node has none; capitals in the name don't matter.

    Raises `UnknownAttribute` where the server answers nothing for the name, which is so for much of what a
    page source shows, too.
    """
    read = BY_NAME.get(name.lower())
    if read is None:
        known = [names[0] if len(names) == 1 else f"{{{','.join(names)}}}" for names in ATTRIBUTES]
        raise UnknownAttribute(
            f"'{name}' attribute is unknown for the element. "
            f"Only the following attributes are supported: [{', '.join(known)}]"
        )
    answer = read(node)
    if isinstance(answer, bool):
        return str(answer).lower()
    return None if answer is None else str(answer)
