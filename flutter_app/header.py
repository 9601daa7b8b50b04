"""The bar at the top of every screen: the app's logo, the ways to go, and who is signed in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

import flet as ft

from flutter_app import semantics, theme, writing
from flutter_app.model import PersonProfile
from flutter_app.widgets import AvatarView

Go = Callable[[str], Awaitable[None]]


class HeaderBar:
    """Show where one can go; `go` opens a route, `sign_out` ends the signed-in state."""

    def __init__(self, *, go: Go, sign_out: Callable[[], Awaitable[None]]) -> None:
        self._go = go
        self._sign_out = sign_out
        self._person: PersonProfile | None = None
        self._avatar: AvatarView | None = None
        self._name = writing.text(
            "", theme_style=ft.TextThemeStyle.TITLE_SMALL, max_lines=1, overflow=ft.TextOverflow.ELLIPSIS
        )
        self._known = False
        self._width = 0.0
        self._row = ft.Row(spacing=theme.GAP, vertical_alignment=ft.CrossAxisAlignment.CENTER)
        self.control = ft.Container(
            self._row,
            height=64,
            padding=ft.Padding.symmetric(horizontal=theme.PADDING),
            bgcolor=ft.Colors.SURFACE_CONTAINER,
        )

    def show(self, person: PersonProfile | None) -> None:
        """Show who is signed in now, or that nobody is."""
        self._known = True
        same = self._person is not None and person is not None and self._person.id == person.id
        self._person = person
        if same and person is not None and self._avatar is not None:
            self._avatar.show(person)
            if writing.rewrite(self._name, person.title):
                self._name.update()
            return
        self._avatar = None
        if person is not None:
            self._avatar = AvatarView(person, size=theme.HEADER_AVATAR, identifier="header-avatar")
            writing.rewrite(self._name, person.title)
        self._lay_out()
        self.control.update()

    def resize(self, width: float) -> None:
        """Fit the bar to the window's width."""
        changed = theme.is_phone(width) != theme.is_phone(self._width)
        self._width = width
        if changed or not self._row.controls:
            self._lay_out()

    def _lay_out(self) -> None:
        phone = theme.is_phone(self._width)
        self._row.controls = [
            self._logo(phone),
            self._button("header-feed", "Feed", ft.Icons.VIEW_STREAM_OUTLINED, partial(self._go, "/")),
            *self._who_controls(),
        ]

    def _logo(self, phone: bool) -> ft.Control:
        parts: list[ft.Control] = [theme.logo(28)]
        if not phone:
            parts.append(
                ft.Text(theme.NAME, theme_style=ft.TextThemeStyle.TITLE_LARGE, color=ft.Colors.PRIMARY)
            )
        return semantics.decoration(ft.Row(parts, spacing=10, tight=True))

    def _who_controls(self) -> list[ft.Control]:
        if not self._known:
            return []
        if self._person is None or self._avatar is None:
            sign_in = ft.FilledButton("Sign in", on_click=partial(self._go, "/sign-in"))
            return [ft.Container(expand=True), semantics.control("header-sign-in", sign_in)]
        who = ft.Row(
            [self._avatar.control, semantics.text("header-name", self._name, shrinks=True)],
            spacing=theme.GAP,
            alignment=ft.MainAxisAlignment.END,
            vertical_alignment=ft.CrossAxisAlignment.CENTER,
            expand=True,
        )
        return [
            who,
            self._button("header-profile", "Profile", ft.Icons.PERSON_OUTLINE, partial(self._go, "/me")),
            self._button("header-sign-out", "Sign out", ft.Icons.LOGOUT, self._sign_out),
        ]

    def _button(
        self, identifier: str, label: str, icon: ft.IconData, act: Callable[[], Awaitable[None]]
    ) -> ft.Control:
        button: ft.Control
        if theme.is_phone(self._width):
            button = ft.IconButton(icon, tooltip=label, on_click=act)
        else:
            button = ft.TextButton(label, icon=icon, on_click=act)
        return semantics.control(identifier, button)
