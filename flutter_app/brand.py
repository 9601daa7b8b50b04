"""The app's mark: a ring with a dot in it, as a widget and as a picture file."""

from __future__ import annotations

import flet as ft

_DOT = "#E8963A"

SVG = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">
<circle cx="32" cy="32" r="24" fill="none" stroke="#00696B" stroke-width="11"/>
<circle cx="32" cy="32" r="9" fill="#E8963A"/>
</svg>
"""


def mark(size: float) -> ft.Control:
    """Draw the mark in the theme's colours."""
    return ft.Container(
        ft.Container(width=size * 0.28, height=size * 0.28, border_radius=size, bgcolor=_DOT),
        width=size,
        height=size,
        border_radius=size / 2,
        border=ft.Border.all(size * 0.17, ft.Colors.PRIMARY),
        alignment=ft.Alignment.CENTER,
    )
