"""How widgets get the identifiers by which tests and assistive technology find them.

Each helper yields exactly one semantics node that carries identifier, role and label together, so that
nothing is lost by merging with a neighbour.
"""

from __future__ import annotations

import flet as ft


def text(identifier: str, content: ft.Control, *, live: bool = False, shrinks: bool = False) -> ft.Semantics:
    """Give a text an identifier.

    `live` has screen readers speak it when it changes; `shrinks` lets it give way to its neighbours in a row.
    """
    node = ft.Semantics(identifier=identifier, container=True, content=content, live_region=live or None)
    node.expand = node.expand_loose = shrinks
    return node


def heading(identifier: str, content: ft.Control, *, level: int = 1) -> ft.Semantics:
    """Give a heading an identifier."""
    return ft.Semantics(identifier=identifier, container=True, heading_level=level, content=content)


def control(identifier: str, content: ft.Control) -> ft.MergeSemantics:
    """Give a button or a text field an identifier.

    Material's widgets have a node of their own below ours; merging makes them one, with the role and the
    actions of theirs. To disable the widget set `disabled` here: set on the widget alone, it is lost in the
    merged node.
    """
    return ft.MergeSemantics(content=ft.Semantics(identifier=identifier, content=content))


def image(identifier: str, label: str, content: ft.Control) -> ft.Semantics:
    """Describe a picture, and leave out what it is made of."""
    return ft.Semantics(
        identifier=identifier,
        label=label,
        image=True,
        container=True,
        exclude_semantics=True,
        content=content,
    )


def group(identifier: str, content: ft.Control, *, expand: bool = False) -> ft.Semantics:
    """Give a region with nodes of its own an identifier."""
    return ft.Semantics(identifier=identifier, container=True, content=content, expand=expand)


def decoration(content: ft.Control) -> ft.Semantics:
    """Hide from semantics what says nothing that isn't said elsewhere."""
    return ft.Semantics(exclude_semantics=True, content=content)
