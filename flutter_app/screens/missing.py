"""What is shown where there is nothing."""

from __future__ import annotations

import flet as ft

from flutter_app import semantics, states
from flutter_app.screens.screen import Screen, Shell


class MissingScreen(Screen):
    """Say that the address leads nowhere, and offer the way back."""

    title = "Not found"

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)

        async def home() -> None:
            await shell.go("/")

        self.control = ft.Column(
            [
                states.empty(
                    "missing", ft.Icons.EXPLORE_OFF_OUTLINED, "Nothing here", "This address leads nowhere."
                ),
                semantics.control("missing-home", ft.FilledTonalButton("Go to the feed", on_click=home)),
            ],
            horizontal_alignment=ft.CrossAxisAlignment.CENTER,
            expand=True,
        )
