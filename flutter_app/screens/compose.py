"""The place at the top of the feed: where to write a post, or how to come to that."""

from __future__ import annotations

import flet as ft

from flutter_app import semantics, theme
from flutter_app.errors import BackendError
from flutter_app.notice import Notice
from flutter_app.screens.screen import Shell


class Compose:
    """A text field and a button that publishes what is in it; Enter does too."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._field = theme.field("What's new?", lines=(1, 5))
        # Enter publishes, Shift+Enter begins a new line.
        self._field.shift_enter = True
        self._field.on_submit = self._post
        self._button = semantics.control("post-submit", ft.FilledButton("Post", on_click=self._post))
        self._notice = Notice("post-error")
        field = semantics.control("post-compose", self._field)
        field.expand = True
        self.control = theme.card(
            ft.Column(
                [
                    ft.Row(
                        [field, self._button],
                        spacing=12,
                        vertical_alignment=ft.CrossAxisAlignment.CENTER,
                    ),
                    self._notice.control,
                ],
                spacing=0,
            ),
            key="compose",
        )

    async def _post(self) -> None:
        text = self._field.value.strip()
        if not text or self._button.disabled:
            return
        self._busy(True)
        try:
            await self._shell.backend.post(self._shell.session, text)
        except BackendError as error:
            self._busy(False)
            self._notice.failed(await self._shell.explain(error))
            return
        self._field.value = ""
        self._notice.clear()
        self._busy(False)

    def _busy(self, busy: bool) -> None:
        self._button.disabled = busy
        self.control.update()


def invitation(shell: Shell) -> ft.Control:
    """Invite a visitor to join."""

    async def join() -> None:
        await shell.go("/register")

    words = ft.Text(
        "Join to write posts and have a picture of your own.",
        theme_style=ft.TextThemeStyle.BODY_LARGE,
        color=ft.Colors.ON_SECONDARY_CONTAINER,
    )
    button = ft.FilledButton("Create an account", on_click=join)
    return ft.Container(
        ft.Row(
            [
                semantics.text("feed-invitation", words, shrinks=True),
                semantics.control("feed-register", button),
            ],
            spacing=theme.PADDING,
            alignment=ft.MainAxisAlignment.SPACE_BETWEEN,
            vertical_alignment=ft.CrossAxisAlignment.CENTER,
        ),
        padding=theme.PADDING,
        border_radius=theme.CORNER,
        bgcolor=ft.Colors.SECONDARY_CONTAINER,
    )
