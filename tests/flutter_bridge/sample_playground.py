"""The sample app's screen on which each gesture and each key does something that can be read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import flet as ft


def with_identifier(identifier: str, content: ft.Control, **semantics: Any) -> ft.Semantics:
    """Give a control an identifier."""
    return ft.Semantics(identifier=identifier, content=content, **semantics)


class Playground:
    """Says what was done last, and what the controls are set to."""

    def __init__(self, page: ft.Page) -> None:
        self._page = page
        self._done = ft.Text("Done: nothing")
        self._zoom = ft.Text("Zoomed by 1.0")
        self._level = ft.Text("Level: 40")
        self._copied = ft.Text("Copied: nothing")
        self._tiles = ft.Column([self._tile()])
        page.on_keyboard_event = self.hear_key

    def say(self, what: str) -> None:
        """Say what was done."""
        self._done.value = f"Done: {what}"
        self._page.update()

    def hear_key(self, event: ft.KeyboardEvent) -> None:
        """Say which key was pressed, and what was held."""
        held = [name for name in ("ctrl", "shift", "alt", "meta") if getattr(event, name)]
        self.say("+".join([*held, event.key]))

    def dismiss(self, event: ft.DismissibleDismissEvent) -> None:
        """Say which way a tile went, and be rid of it."""
        self._tiles.controls.clear()
        self.say(f"dismissed {event.direction.value}")

    def zoom(self, event: ft.ScaleUpdateEvent[ft.InteractiveViewer]) -> None:
        """Say by how much the picture was scaled at last."""
        self._zoom.value = f"Zoomed by {event.scale:.1f}"
        self._page.update()

    def pull(self, event: ft.OnScrollEvent) -> None:
        """Say that a list was drawn beyond its beginning."""
        if event.event_type is ft.ScrollType.OVERSCROLL and (event.overscroll or 0) < 0:
            self.say("pulled")

    def slide(self, event: ft.Event[ft.Slider]) -> None:
        """Say where the slider is."""
        self._level.value = f"Level: {event.control.value:.0f}"
        self._page.update()

    def send(self, event: ft.Event[ft.TextField]) -> None:
        """Say what was entered."""
        self.say(f"sent {event.control.value}")

    def copy(self, event: ft.Event[ft.TextField]) -> None:
        """Repeat what a field says."""
        self._copied.value = f"Copied: {event.control.value}"

    def let_go(self, event: ft.LongPressEndEvent[ft.GestureDetector]) -> None:
        """Say that something was held and then moved."""
        if event.local_position is not None and event.local_position.y > 100:
            self.say("held and moved")

    def controls(self) -> list[ft.BaseControl]:
        """Return everything on the screen."""
        return [
            with_identifier("done", self._done),
            with_identifier("zoom", self._zoom),
            self._level,
            ft.Row([self._pad(), self._hold_area(), self._hovered(), self._parcel(), self._door()]),
            self._tiles,
            with_identifier("levels", ft.Slider(value=40, min=0, max=100, on_change=self.slide)),
            with_identifier("steps", ft.Slider(value=25, min=0, max=100, divisions=4)),
            ft.Row([self._colours(), self._menu()]),
            ft.Row([self._calendar("en"), self._calendar("fa"), self._calendar("ja")]),
            with_identifier("note", ft.TextField(label="Note", on_submit=self.send)),
            with_identifier("copy", ft.TextField(label="Copy", on_change=self.copy)),
            self._copied,
            with_identifier("viewer", self._viewer()),
            with_identifier(
                "pulled",
                ft.ListView(
                    [ft.Text(f"Line {number}") for number in range(40)],
                    height=150,
                    on_scroll=self.pull,
                ),
            ),
        ]

    def _pad(self) -> ft.Control:
        return ft.GestureDetector(
            with_identifier("pad", _box("Hold me")),
            on_long_press=lambda: self.say("long press"),
            on_double_tap=lambda: self.say("double tap"),
        )

    def _hold_area(self) -> ft.Control:
        return ft.GestureDetector(with_identifier("held", _box("Move me")), on_long_press_end=self.let_go)

    def _hovered(self) -> ft.Control:
        return ft.GestureDetector(
            with_identifier("hovered", _box("Over me")), on_enter=lambda: self.say("hovered")
        )

    def _parcel(self) -> ft.Control:
        return ft.Draggable(with_identifier("parcel", _box("Parcel")))

    def _door(self) -> ft.Control:
        return ft.DragTarget(with_identifier("door", _box("Door")), on_accept=lambda: self.say("delivered"))

    def _tile(self) -> ft.Control:
        text = ft.Container(ft.Text("Swipe me away"), bgcolor="#ddeeff", width=380, height=48)
        return ft.Dismissible(with_identifier("tile", text), on_dismiss=self.dismiss)

    def _colours(self) -> ft.Control:
        return with_identifier(
            "colour",
            ft.Dropdown(
                label="Colour",
                value="Red",
                options=[ft.DropdownOption(name) for name in ("Red", "Green", "Blue")],
                on_select=lambda event: self.say(f"chose {event.control.value}"),
            ),
        )

    def _menu(self) -> ft.Control:
        names = ("Copy link", "Report")
        items = [ft.PopupMenuItem(name, on_click=lambda _, name=name: self.say(name)) for name in names]
        return with_identifier("menu", ft.PopupMenuButton(items=items, tooltip="More"))

    def _calendar(self, language: str) -> ft.Control:
        picker = ft.DatePicker(
            value=datetime(2026, 11, 20),  # noqa: DTZ001 - a day, wherever that is
            first_date=datetime(2024, 2, 5),  # noqa: DTZ001 - likewise
            last_date=datetime(2027, 3, 20),  # noqa: DTZ001 - likewise
            locale=ft.Locale(language),
            on_change=lambda event: self.say(f"picked {event.control.value:%Y-%m-%d}"),
        )
        button = ft.Button(f"Day {language}", on_click=lambda: self._page.show_dialog(picker))
        return with_identifier(f"day-{language}", button)

    def _viewer(self) -> ft.Control:
        return ft.InteractiveViewer(
            ft.Container(ft.Text("Map"), bgcolor="#eeddff", width=380, height=120),
            on_interaction_update=self.zoom,
            interaction_update_interval=0,
            boundary_margin=50,
        )


def _box(text: str) -> ft.Control:
    return ft.Container(ft.Text(text), bgcolor="#ffeecc", width=64, height=60)
