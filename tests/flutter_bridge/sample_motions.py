"""The sample app's screen on which things move that are to be tapped."""

from __future__ import annotations

import flet as ft

from tests.flutter_bridge.sample_playground import with_identifier

ROWS = 16
START = 10
WAYS = {
    "Ease out": (240, ft.Animation(900, ft.AnimationCurve.EASE_OUT_CUBIC)),
    "Ease in": (240, ft.Animation(900, ft.AnimationCurve.EASE_IN_CUBIC)),
    "Steady": (90, ft.Animation(1_500, ft.AnimationCurve.LINEAR)),
}
"""How far a target goes, and how; what is steady goes a logical pixel in each frame."""


class Motions:
    """A target that goes down, over what says that it was missed, and a list whose rows can be tapped."""

    def __init__(self, page: ft.Page) -> None:
        self._page = page
        self._done = ft.Text("Done: nothing")
        self._target = ft.Container(
            with_identifier("target", ft.Button("Target", on_click=lambda: self.say("hit"))),
            left=140,
            top=START,
            # What isn't animated from the beginning is at its end at once when it is told to move.
            animate_position=WAYS["Steady"][1],
        )

    def say(self, what: str) -> None:
        """Say what was done."""
        self._done.value = f"Done: {what}"
        self._page.update()

    def move(self, way: str) -> None:
        """Send the target down."""
        distance, self._target.animate_position = WAYS[way]
        self._target.top = START + distance
        self.say("moves")

    def controls(self) -> list[ft.BaseControl]:
        """Return everything on the screen."""
        starts = [ft.Button(way, on_click=lambda _, way=way: self.move(way)) for way in WAYS]
        # Without semantics: a device tells of none which is on top.
        around = ft.GestureDetector(
            ft.Container(bgcolor="#ddeeff", width=380, height=320),
            on_tap=lambda: self.say("missed"),
            exclude_from_semantics=True,
        )
        return [
            self._done,
            ft.Row(list(starts)),
            ft.Stack([around, self._target], width=380, height=320),
            with_identifier("rows", ft.ListView([self._row(number) for number in range(ROWS)], height=360)),
        ]

    def _row(self, number: int) -> ft.Control:
        tapped = ft.Button(f"Row {number}", on_click=lambda: self.say(f"row {number}"))
        return with_identifier(f"row-{number}", ft.Container(tapped, height=48))
