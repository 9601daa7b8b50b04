"""What a screen shows while it has nothing to show: waiting, empty, or unable."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import flet as ft

from flutter_app import semantics, theme


def loading() -> ft.Control:
    """Show the outlines of what is on its way.

    They lie still: an animation would keep the browser busy just when the first real frame is to be painted.
    """
    return ft.Semantics(
        identifier="loading",
        label="Loading",
        container=True,
        exclude_semantics=True,
        content=ft.Column([_outline(words) for words in (220, 150, 190)], spacing=12),
    )


def _outline(words: int) -> ft.Control:
    def bar(width: int) -> ft.Control:
        return ft.Container(width=width, height=14, border_radius=7, bgcolor=ft.Colors.SURFACE_CONTAINER_HIGH)

    circle = ft.Container(
        width=theme.POST_AVATAR,
        height=theme.POST_AVATAR,
        border_radius=theme.POST_AVATAR / 2,
        bgcolor=ft.Colors.SURFACE_CONTAINER_HIGH,
    )
    return theme.card(ft.Row([circle, ft.Column([bar(100), bar(words)], spacing=10)], spacing=12))


def empty(identifier: str, icon: ft.IconData, title: str, words: str) -> ft.Control:
    """Say that there is nothing here yet, and what would change that."""
    return _panel(identifier, icon, title, words, [])


def unable(words: str, retry: Callable[[], Awaitable[None]]) -> ft.Control:
    """Say why something can't be shown, with a way to try again."""

    async def clicked() -> None:
        await retry()

    button = semantics.control(
        "retry", ft.FilledTonalButton("Try again", icon=ft.Icons.REFRESH, on_click=clicked)
    )
    return _panel("problem", ft.Icons.CLOUD_OFF_OUTLINED, "That didn't work", words, [button])


def _panel(
    identifier: str, icon: ft.IconData, title: str, words: str, actions: list[ft.Control]
) -> ft.Control:
    says = ft.Column(
        [
            ft.Text(title, theme_style=ft.TextThemeStyle.TITLE_MEDIUM, text_align=ft.TextAlign.CENTER),
            ft.Text(
                words,
                theme_style=ft.TextThemeStyle.BODY_MEDIUM,
                color=ft.Colors.ON_SURFACE_VARIANT,
                text_align=ft.TextAlign.CENTER,
            ),
        ],
        horizontal_alignment=ft.CrossAxisAlignment.CENTER,
        spacing=4,
        tight=True,
    )
    return ft.Container(
        ft.Column(
            [
                semantics.decoration(ft.Icon(icon, size=48, color=ft.Colors.OUTLINE)),
                semantics.text(identifier, says),
                *actions,
            ],
            horizontal_alignment=ft.CrossAxisAlignment.CENTER,
            spacing=theme.PADDING,
        ),
        padding=48,
        alignment=ft.Alignment.CENTER,
    )
