"""The look of the app: colours, sizes, the widths at which the layout changes, and the logo."""

from __future__ import annotations

import flet as ft

NAME = "Roundel"

# A deep teal: calm beside photographs, and far enough from Material's own violet to be the app's own.
_SEED = "#00696B"
_LOGO_DOT = "#E8963A"

LOGO_SVG = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">
<circle cx="32" cy="32" r="24" fill="none" stroke="#00696B" stroke-width="11"/>
<circle cx="32" cy="32" r="9" fill="#E8963A"/>
</svg>
"""

HEADER_AVATAR = 40
POST_AVATAR = 48
PROFILE_AVATAR = 120

GAP = 8
PADDING = 16
CORNER = 16
COLUMN = 680
FORM = 400

_PHONE_BELOW = 600


def light_theme() -> ft.Theme:
    """Make the theme for light surroundings."""
    return _theme()


def dark_theme() -> ft.Theme:
    """Make the theme for dark surroundings, where cards are lighter than what they lie on."""
    return _theme(cards="#1A2120")


def is_phone(width: float) -> bool:
    """Tell whether a window is as narrow as a phone held upright."""
    return width < _PHONE_BELOW


def gutter(width: float, column: int = COLUMN) -> float:
    """Say how much to leave free on either side so that a column is centred and never too wide to read."""
    return max(float(PADDING), (width - column) / 2)


def card(content: ft.Control, *, padding: ft.PaddingValue = PADDING, key: str | None = None) -> ft.Container:
    """Lay content on a card."""
    return ft.Container(
        content,
        key=key,
        padding=padding,
        border_radius=CORNER,
        bgcolor=ft.Colors.SURFACE_CONTAINER_LOWEST,
        border=ft.Border.all(1, ft.Colors.OUTLINE_VARIANT),
    )


def field(
    label: str,
    *,
    value: str = "",
    keyboard: ft.KeyboardType = ft.KeyboardType.TEXT,
    lines: tuple[int, int] | None = None,
    password: bool = False,
    autofill: ft.AutofillHint | None = None,
) -> ft.TextField:
    """Make a text field; `lines` are the fewest and the most it shows of a longer text."""
    prose = keyboard == ft.KeyboardType.TEXT
    return ft.TextField(
        label=label,
        value=value,
        keyboard_type=keyboard,
        multiline=lines is not None,
        min_lines=lines[0] if lines else None,
        max_lines=lines[1] if lines else None,
        password=password,
        autofill_hints=autofill,
        autocorrect=prose,
        enable_suggestions=prose,
        border_radius=12,
        border_color=ft.Colors.OUTLINE,
        focused_border_color=ft.Colors.PRIMARY,
    )


def _theme(cards: ft.ColorValue | None = None) -> ft.Theme:
    return ft.Theme(
        color_scheme_seed=_SEED,
        font_family="Roboto",
        # Material's own body text is spaced for short labels; posts are to be read.
        text_theme=ft.TextTheme(
            body_large=ft.TextStyle(size=16, height=1.4, letter_spacing=0.1, color=ft.Colors.ON_SURFACE),
            body_medium=ft.TextStyle(size=14, height=1.4, letter_spacing=0.1, color=ft.Colors.ON_SURFACE),
        ),
        color_scheme=ft.ColorScheme(surface_container_lowest=cards) if cards else None,
    )


def logo(size: float) -> ft.Control:
    """Draw the logo in the theme's colours."""
    return ft.Container(
        ft.Container(width=size * 0.28, height=size * 0.28, border_radius=size, bgcolor=_LOGO_DOT),
        width=size,
        height=size,
        border_radius=size / 2,
        border=ft.Border.all(size * 0.17, ft.Colors.PRIMARY),
        alignment=ft.Alignment.CENTER,
    )
