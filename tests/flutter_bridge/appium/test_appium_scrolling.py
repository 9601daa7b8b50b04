"""How a device's screen is searched with a finger, both ways and sideways."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from flutter_bridge import Box, Node, NotFound, Role, Tree, by
from flutter_bridge.appium import AppiumApp
from flutter_bridge.appium.driver import _content, _is_near
from flutter_bridge.driver import Reading
from tests.flutter_bridge.appium.scripted_device import ScriptedDevice, Widget

SLOP = 18.0
ROW, LONG, AT = 60.0, 300.0, 100.0


def show_list(
    device: ScriptedDevice, *, sideways: bool = False, rows: int = 30, length: float = LONG, give: float = 0.0
) -> None:
    """Show a list that a finger drags as Flutter's are: once it has gone further than the touch slop.

    Where its end gives way, as on Android 12 and later, all rows are alike; it comes back from one reading
    of the screen to the next.
    """
    offset = pulled = 0.0

    def draw() -> None:
        shown = []
        for row in range(rows):
            start, end = row * ROW - offset, (row + 1) * ROW - offset
            # Drawn out to where the finger pulled it.
            edges = (edge - pulled * (length - edge) / length for edge in (start, end))
            first, last = (max(0.0, min(length, edge)) for edge in edges)
            if last > first:
                box = (first, AT, last - first, 80.0) if sideways else (0.0, AT + first, 300.0, last - first)
                name = ("A row", "") if give else (f"Row {row}", f"row-{row}")
                shown.append(Widget(box, label=name[0], identifier=name[1]))
        cls = "android.widget.HorizontalScrollView" if sideways else "android.widget.ScrollView"
        size = (0.0, AT, length, 80.0) if sideways else (0.0, AT, 300.0, length)
        device.screen = [Widget(size, cls, identifier="list", scrollable=True, children=shown)]

    def drag(right: float, down: float) -> None:
        nonlocal offset, pulled
        moved = -(right if sideways else down)
        wanted = offset + max(0.0, abs(moved) - SLOP) * (1 if moved > 0 else -1)
        offset = max(0.0, min(rows * ROW - length, wanted))
        pulled = give if wanted > offset else 0.0
        draw()

    def come_back() -> None:
        nonlocal pulled
        pulled = pulled / 2 if pulled > 1 else 0.0
        draw()

    device.on_drag = drag
    device.on_source = [come_back] * 1_000
    draw()


@pytest.mark.parametrize("sideways", [False, True])
@pytest.mark.parametrize("row", [2, 14, 29])
async def test_a_row_is_brought_wholly_on_screen(
    app: AppiumApp, device: ScriptedDevice, row: int, sideways: bool
) -> None:
    show_list(device, sideways=sideways)
    node = await app.scroll_to(by.identifier(f"row-{row}"))
    assert (node.box.width if sideways else node.box.height) == pytest.approx(ROW, abs=0.5)


async def test_a_row_that_was_left_behind_is_found(app: AppiumApp, device: ScriptedDevice) -> None:
    show_list(device)
    await app.scroll_to(by.identifier("row-29"))
    node = await app.scroll_to(by.identifier("row-0"))
    assert node.box.top == AT


async def test_a_finger_stays_inside_the_list(app: AppiumApp, device: ScriptedDevice) -> None:
    show_list(device)
    await app.scroll_to(by.identifier("row-29"))
    places = [step["y"] / 2 for steps in device.touches for step in steps if step["type"] == "pointerMove"]
    assert places
    assert all(AT < place < AT + LONG for place in places)


async def test_no_swipe_passes_a_row_over(app: AppiumApp, device: ScriptedDevice) -> None:
    show_list(device)
    seen: set[str] = set()
    source: Callable[[], str] = device.source

    def reading() -> str:
        seen.update(widget.identifier for widget in device.everything())
        return source()

    device.source = reading  # type: ignore[method-assign]  # looks over the device's shoulder
    await app.scroll_to(by.identifier("row-29"))
    assert {f"row-{row}" for row in range(30)} <= seen


async def test_scrolling_in_vain_ends(app: AppiumApp, device: ScriptedDevice) -> None:
    show_list(device, rows=8)
    with pytest.raises(NotFound, match="nowhere to scroll to"):
        await app.scroll_to(by.identifier("row-99"), timeout=0.1)


async def test_an_end_that_gives_way_is_the_end(app: AppiumApp, device: ScriptedDevice) -> None:
    # The first row in sight is out of it while the end is drawn out.
    show_list(device, rows=20, length=5 * ROW + 5, give=12.0)
    with pytest.raises(NotFound, match="nowhere to scroll to"):
        await app.scroll_to(by.identifier("row-99"), timeout=0.1)
    assert len(device.touches) < 25


def rows_in_sight(*labels: str, top: float) -> Reading:
    """Return a reading of rows with these labels, numbered from 1 on as a page source numbers them."""
    rows = tuple(
        Node(Role.TEXT, label=label, box=Box(0, top + 40 * place, 100, 40), ref=f"/list/row[{place + 1}]")
        for place, label in enumerate(labels)
    )
    return Reading(tree=Tree(Node(children=rows), Box(0, 0, 100, 400)), version=1)


def test_a_row_that_goes_out_of_sight_makes_no_others_of_those_behind_it() -> None:
    pane = Box(0, 0, 100, 400)
    rest = _content(rows_in_sight("Ada", "Bob", "Bob", "Cleo", top=10), pane)
    drawn = _content(rows_in_sight("Bob", "Bob", "Cleo", top=44), pane)
    assert _is_near(rest, drawn, 10)
    scrolled = _content(rows_in_sight("Cleo", "Dan", top=10), pane)
    assert not _is_near(rest, scrolled, 10)
