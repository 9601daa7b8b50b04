"""The sample app's form, whose last buttons lie where a phone's keyboard is."""

from __future__ import annotations

import flet as ft

from tests.flutter_bridge.sample_playground import with_identifier


class Form:
    """Fields above, a button half under a keyboard of 300 pixels on a screen of 915, and one wholly."""

    def __init__(self, page: ft.Page) -> None:
        self._page = page
        self._done = ft.Text("Done: nothing")
        self._name = ft.TextField(label="Name", on_submit=lambda: self._say("entered"))

    def controls(self) -> list[ft.BaseControl]:
        """Return everything on the screen; all but what was done scrolls."""
        digits = ft.TextField(label="Digits", input_filter=ft.InputFilter(regex_string="^[0-9]*$"))
        still = ft.TextField(label="Still", value="before", enable_interactive_selection=False)
        fields: list[ft.Control] = [
            with_identifier("name", self._name),
            with_identifier("digits", digits),
            with_identifier("still", still),
            with_identifier("ask", ft.Button("Ask", on_click=self._ask)),
            ft.Container(height=260),
            with_identifier("half", ft.Button("Half", on_click=lambda: self._say("half"))),
            ft.Container(height=80),
            with_identifier(
                "save", ft.Button("Save", on_click=lambda: self._say(f"saved {self._name.value}"))
            ),
        ]
        return [self._done, ft.Column(fields, expand=True, scroll=ft.ScrollMode.AUTO)]

    def _say(self, what: str) -> None:
        self._done.value = f"Done: {what}"
        self._page.update()

    def _ask(self) -> None:
        """Open a dialog, which escape closes too."""
        answer = with_identifier("answer", ft.TextField(label="Answer"))
        ok = with_identifier("ok", ft.Button("OK", on_click=self._answer))
        self._page.show_dialog(ft.AlertDialog(content=answer, actions=[ok]))

    def _answer(self) -> None:
        self._page.pop_dialog()
        self._say("answered")
