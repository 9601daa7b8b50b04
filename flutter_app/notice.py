"""One line that says how the last thing a person did went."""

from __future__ import annotations

import flet as ft

from flutter_app import semantics, theme


class Notice:
    """Say that something worked, or why not, in a place kept free so that nothing moves.

    `reserve` keeps that place also while there is nothing to say.
    """

    def __init__(self, identifier: str, *, reserve: int = 0) -> None:
        self._icon = ft.Icon(ft.Icons.CHECK_CIRCLE_OUTLINE, size=20)
        self._text = ft.Text(expand=True, max_lines=3, overflow=ft.TextOverflow.ELLIPSIS)
        self._bar = ft.Container(
            ft.Row([self._icon, self._text], spacing=12, vertical_alignment=ft.CrossAxisAlignment.CENTER),
            padding=ft.Padding.symmetric(horizontal=theme.PADDING, vertical=10),
            border_radius=12,
        )
        self._node = semantics.text(identifier, self._bar, live=True)
        self._node.visible = False
        self._progress = ft.ProgressBar(visible=False, border_radius=2, bar_height=4)
        self.control = ft.Container(
            ft.Column([self._progress, self._node], spacing=0, alignment=ft.MainAxisAlignment.CENTER),
            height=reserve or None,
        )

    def done(self, words: str) -> None:
        """Say that something worked."""
        self._say(
            words,
            ft.Icons.CHECK_CIRCLE_OUTLINE,
            ft.Colors.SECONDARY_CONTAINER,
            ft.Colors.ON_SECONDARY_CONTAINER,
        )

    def failed(self, words: str) -> None:
        """Say what went wrong and what to do."""
        self._say(words, ft.Icons.ERROR_OUTLINE, ft.Colors.ERROR_CONTAINER, ft.Colors.ON_ERROR_CONTAINER)

    def working(self) -> None:
        """Show that something is under way, in the place of what was said before."""
        self._node.visible = False
        self._progress.visible = True
        self.control.update()

    def clear(self) -> None:
        """Say nothing."""
        self._node.visible = False
        self._progress.visible = False
        self.control.update()

    def _say(self, words: str, icon: ft.IconData, background: str, foreground: str) -> None:
        self._text.value = words
        self._text.color = foreground
        self._icon.icon = icon
        self._icon.color = foreground
        self._bar.bgcolor = background
        self._node.visible = True
        self._progress.visible = False
        self.control.update()
